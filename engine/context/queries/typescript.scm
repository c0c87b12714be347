; inherits: ecma
(abstract_class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @class
(enum_declaration name: (_) @name body: (_) @body) @class
(module name: (_) @name body: (_) @body) @module
(internal_module name: (_) @name body: (_) @body) @module
(type_alias_declaration name: (_) @name) @type
(function_signature name: (_) @name) @function
(abstract_method_signature name: (_) @name) @method
(class_body (method_signature name: (_) @name) @method)
(interface_body (method_signature name: (_) @name) @method)
(interface_body (property_signature name: (_) @name) @field)
(public_field_definition
  name: (_) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]) @method
(public_field_definition name: (_) @name) @field
(enum_body name: (_) @name @constant)
(enum_body (enum_assignment name: (_) @name) @constant)
(ambient_declaration (lexical_declaration
  (variable_declarator name: (identifier) @name) @constant))

(import_statement
  (import_require_clause (identifier) @alias
    source: (string (string_fragment) @from))) @import
