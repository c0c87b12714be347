(class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @class
(trait_declaration name: (_) @name body: (_) @body) @class
(enum_declaration name: (_) @name body: (_) @body) @class
(function_definition name: (_) @name body: (_) @body) @function
(method_declaration name: (_) @name body: (_)? @body) @method
(property_declaration (property_element name: (_) @name)) @field
(property_promotion_parameter name: (_) @name) @field
(const_declaration (const_element (name) @name)) @constant
(enum_case name: (_) @name) @constant
(function_call_expression
  function: (name) @_define
  arguments: (arguments . (argument (string (string_content) @name)))
  (#eq? @_define "define")) @constant

(namespace_definition name: (_) @from) @package
(namespace_use_declaration body: (_)) @import @tree
(namespace_use_clause
  (qualified_name) @tree
  alias: (_)? @alias) @import
(namespace_use_declaration
  (namespace_use_clause . (name) @from alias: (_)? @alias)) @import
(require_expression) @path @from
(require_once_expression) @path @from
(include_expression) @path @from
(include_once_expression) @path @from
