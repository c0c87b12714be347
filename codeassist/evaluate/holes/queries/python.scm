(call arguments: (argument_list) @arguments)

(if_statement condition: (_) @condition)
(elif_clause condition: (_) @condition)
(while_statement condition: (_) @condition)
(match_statement subject: (_) @condition)
(if_clause (_) @condition)

(function_definition body: (block) @block)
(if_statement consequence: (block) @block)
(elif_clause consequence: (block) @block)
(else_clause body: (block) @block)
(for_statement body: (block) @block)
(while_statement body: (block) @block)
(with_statement body: (block) @block)
(try_statement body: (block) @block)
(except_clause (block) @block)
(finally_clause (block) @block)
(case_clause consequence: (block) @block)

(comment) @comment
(expression_statement . (string) @comment .)
(string) @string
(import_statement) @import
(import_from_statement) @import
(future_import_statement) @import
