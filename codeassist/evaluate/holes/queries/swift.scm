(call_suffix (value_arguments) @arguments)

(if_statement condition: (_) @condition)
(while_statement condition: (_) @condition)
(repeat_while_statement condition: (_) @condition)
(guard_statement condition: (_) @condition)
(switch_statement expr: (_) @condition)

(statements) @block

(comment) @comment
(multiline_comment) @comment
(line_string_literal) @string
(multi_line_string_literal) @string
(raw_string_literal) @string
(import_declaration) @import
