(call_expression (value_arguments) @arguments)

(if_expression condition: (_) @condition)
(while_statement condition: (_) @condition)
(do_while_statement condition: (_) @condition)
(when_subject) @condition

(block) @block

(line_comment) @comment
(block_comment) @comment
(string_literal) @string
(multiline_string_literal) @string
(character_literal) @string
(import) @import
(package_header) @import
