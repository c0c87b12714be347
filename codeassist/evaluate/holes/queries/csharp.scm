(invocation_expression arguments: (argument_list) @arguments)
(object_creation_expression arguments: (argument_list) @arguments)

(if_statement condition: (_) @condition)
(while_statement condition: (_) @condition)
(do_statement condition: (_) @condition)
(for_statement condition: (_) @condition)
(switch_statement value: (_) @condition)
(conditional_expression condition: (_) @condition)

(block) @block

(comment) @comment
(string_literal) @string
(verbatim_string_literal) @string
(raw_string_literal) @string
(interpolated_string_expression) @string
(character_literal) @string
(using_directive) @import
(file_scoped_namespace_declaration name: (_)) @import
