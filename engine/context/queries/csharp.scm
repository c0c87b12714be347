(class_declaration name: (_) @name body: (_)? @body) @class
(interface_declaration name: (_) @name body: (_)? @body) @class
(struct_declaration name: (_) @name body: (_)? @body) @class
(enum_declaration name: (_) @name body: (_)? @body) @class
(record_declaration name: (_) @name body: (_)? @body) @class
(delegate_declaration name: (_) @name) @type
(namespace_declaration name: (_) @name body: (_) @body) @module
(method_declaration name: (_) @name body: (_)? @body) @method
(constructor_declaration name: (_) @name body: (_) @body) @method
(local_function_statement name: (_) @name body: (_) @body) @function
(property_declaration name: (_) @name) @field
(field_declaration
  (variable_declaration (variable_declarator name: (_) @name))) @field
(event_field_declaration
  (variable_declaration (variable_declarator name: (_) @name))) @field
(enum_member_declaration name: (_) @name) @constant

(namespace_declaration name: (_) @from) @package
(file_scoped_namespace_declaration name: (_) @from) @package
(using_directive name: (_) @alias (_) @from .) @import
(using_directive !name [(identifier) (qualified_name)] @from .) @import
