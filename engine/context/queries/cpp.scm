; inherits: c
(template_declaration
  (function_definition
    declarator: (function_declarator declarator: (_) @name)
    body: (_) @body)) @function
(template_declaration
  (class_specifier name: (_) @name body: (_) @body)) @class
(template_declaration
  (struct_specifier name: (_) @name body: (_) @body)) @class
(template_declaration (alias_declaration name: (_) @name)) @type
(class_specifier name: (_) @name body: (_) @body) @class
(namespace_definition name: (_) @name body: (_) @body) @module
(alias_declaration name: (_) @name) @type
(concept_definition name: (_) @name) @type
(function_definition
  declarator: (function_declarator declarator: (_) @name)
  body: (_)? @body) @function
(function_definition
  declarator: (reference_declarator
    (function_declarator declarator: (_) @name))
  body: (_) @body) @function
(field_declaration
  declarator: (function_declarator declarator: (field_identifier) @name)) @method
(field_declaration
  declarator: (function_declarator declarator: (operator_name) @name)) @method
(field_declaration
  declarator: (pointer_declarator
    declarator: (function_declarator declarator: (field_identifier) @name))) @method
(field_declaration
  declarator: (reference_declarator
    (function_declarator declarator: (field_identifier) @name))) @method
(declaration_list (declaration declarator: [
  (identifier) @name
  (init_declarator declarator: (identifier) @name)]) @constant)
