(call_expression arguments: (arguments) @arguments)
(new_expression arguments: (arguments) @arguments)

(if_statement condition: (_) @condition)
(while_statement condition: (_) @condition)
(do_statement condition: (_) @condition)
(for_statement condition: (_) @condition)
(switch_statement value: (_) @condition)
(ternary_expression condition: (_) @condition)

(statement_block) @block

(comment) @comment
(string) @string
(template_string) @string
(regex) @string
(import_statement) @import
(export_statement source: (_)) @import
