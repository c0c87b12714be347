(function_call arguments: (arguments) @arguments)

(if_statement condition: (_) @condition)
(elseif_statement condition: (_) @condition)
(while_statement condition: (_) @condition)
(repeat_statement condition: (_) @condition)

(block) @block

(comment) @comment
(string) @string
((variable_declaration (assignment_statement (expression_list
  value: (function_call name: (identifier) @_name)))) @import
  (#eq? @_name "require"))
