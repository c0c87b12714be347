(method_invocation arguments: (argument_list) @arguments)
(object_creation_expression arguments: (argument_list) @arguments)
(explicit_constructor_invocation arguments: (argument_list) @arguments)

(if_statement condition: (_) @condition)
(while_statement condition: (_) @condition)
(do_statement condition: (_) @condition)
(for_statement condition: (_) @condition)
(switch_expression condition: (_) @condition)
(ternary_expression condition: (_) @condition)

(block) @block
(constructor_body) @block

(line_comment) @comment
(block_comment) @comment
(string_literal) @string
(character_literal) @string
(import_declaration) @import
(package_declaration) @import
