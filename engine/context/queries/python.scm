(decorated_definition
  (function_definition name: (_) @name body: (_) @body)) @function
(decorated_definition
  (class_definition name: (_) @name body: (_) @body)) @class
(function_definition name: (_) @name body: (_) @body) @function
(class_definition name: (_) @name body: (_) @body) @class

(module (expression_statement (assignment
  left: [(identifier) @name (pattern_list (identifier) @name)])) @constant)
(module (if_statement
  condition: (_) @_if
  consequence: (block
    (expression_statement (assignment left: (identifier) @name)) @constant))
  (#not-match? @_if "__name__"))
(module (try_statement body: (block
  (expression_statement (assignment left: (identifier) @name)) @constant)))
(module (type_alias_statement left: (type (_) @name)) @type)
(class_definition body: (block
  (expression_statement (assignment left: (identifier) @name)) @field))
(function_definition name: (identifier) @_init body: (block
  (expression_statement (assignment left: [
    (attribute attribute: (identifier) @name)
    (pattern_list (attribute attribute: (identifier) @name))])) @field)
  (#eq? @_init "__init__"))

(import_statement name: (dotted_name) @from) @import
(import_statement name: (aliased_import name: (_) @from alias: (_) @alias)) @import
(import_from_statement module_name: (_) @from) @import @rest
