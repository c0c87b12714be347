(function_declaration name: (_) @name body: (_)? @body) @function
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_definition body: (_)? @body) .)) @function
(field
  name: (identifier) @name
  value: (function_definition body: (_)? @body)) @function
(chunk (variable_declaration
  (assignment_statement (variable_list name: (identifier) @name)) @constant))
(chunk (assignment_statement
  (variable_list name: [(identifier) (dot_index_expression)] @name)) @constant)

(assignment_statement
  (variable_list . name: (identifier) @alias)
  (expression_list . value: (function_call
    name: (identifier) @_require
    arguments: (arguments . (string (string_content) @from))))
  (#eq? @_require "require")) @import
(function_call
  name: (identifier) @_require
  arguments: (arguments . (string (string_content) @from))
  (#any-of? @_require "require" "dofile")) @import
