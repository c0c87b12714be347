(function_definition
  declarator: (function_declarator declarator: (_) @name)
  body: (_) @body) @function
(function_definition
  declarator: (pointer_declarator
    declarator: (function_declarator declarator: (_) @name))
  body: (_) @body) @function
(function_definition
  declarator: (pointer_declarator
    declarator: (pointer_declarator
      declarator: (function_declarator declarator: (_) @name)))
  body: (_) @body) @function
(declaration
  declarator: (function_declarator declarator: (identifier) @name)) @function
(declaration
  declarator: (pointer_declarator
    declarator: (function_declarator declarator: (identifier) @name))) @function
(struct_specifier name: (_) @name body: (_) @body) @class
(union_specifier name: (_) @name body: (_) @body) @class
(enum_specifier name: (_) @name body: (_) @body) @class
(type_definition
  type: [(struct_specifier body: (_)) (union_specifier body: (_))
         (enum_specifier body: (_))]
  declarator: (type_identifier) @name) @class
(type_definition declarator: (type_identifier) @name) @type
(type_definition
  declarator: (pointer_declarator declarator: (type_identifier) @name)) @type
(type_definition
  declarator: (function_declarator
    declarator: (parenthesized_declarator
      (pointer_declarator declarator: (type_identifier) @name)))) @type
(enumerator name: (_) @name) @constant
(field_declaration declarator: (field_identifier) @name) @field
(field_declaration
  declarator: (_ declarator: (field_identifier) @name)) @field
(field_declaration
  declarator: (_ declarator: (_ declarator: (field_identifier) @name))) @field
(field_declaration
  declarator: (function_declarator
    declarator: (parenthesized_declarator
      (_ declarator: (field_identifier) @name)))) @field
(field_declaration
  declarator: (pointer_declarator
    declarator: (function_declarator
      declarator: (parenthesized_declarator
        (_ declarator: (field_identifier) @name))))) @field
(preproc_def name: (_) @name value: (_)) @constant
(preproc_function_def name: (_) @name) @function
(translation_unit (declaration declarator: [
  (identifier) @name
  (_ declarator: (identifier) @name)
  (_ declarator: (_ declarator: (identifier) @name))
  (init_declarator declarator: (_ declarator: (_ declarator: (identifier) @name)))
  (function_declarator declarator: (parenthesized_declarator
    (_ declarator: (identifier) @name)))]) @constant)
(preproc_ifdef (declaration declarator: [
  (identifier) @name
  (_ declarator: (identifier) @name)
  (_ declarator: (_ declarator: (identifier) @name))
  (init_declarator declarator: (_ declarator: (_ declarator: (identifier) @name)))
  (function_declarator declarator: (parenthesized_declarator
    (_ declarator: (identifier) @name)))]) @constant)

(preproc_include path: (string_literal (string_content) @from)) @include
(preproc_include path: (system_lib_string) @from) @system
