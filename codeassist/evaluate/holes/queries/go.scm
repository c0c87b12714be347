(call_expression arguments: (argument_list) @arguments)

(if_statement condition: (_) @condition)
(for_clause condition: (_) @condition)
(for_statement . (binary_expression) @condition)
(expression_switch_statement value: (_) @condition)

(block) @block

(comment) @comment
(interpreted_string_literal) @string
(raw_string_literal) @string
(rune_literal) @string
(import_declaration) @import
(package_clause) @import
