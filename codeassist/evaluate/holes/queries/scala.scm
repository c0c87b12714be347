(call_expression arguments: (arguments) @arguments)
(instance_expression arguments: (arguments) @arguments)

(if_expression condition: (_) @condition)
(while_expression condition: (_) @condition)
(match_expression value: (_) @condition)

(block) @block
(indented_block) @block

(comment) @comment
(block_comment) @comment
(string) @string
(interpolated_string_expression) @string
(character_literal) @string
(import_declaration) @import
(package_clause) @import
