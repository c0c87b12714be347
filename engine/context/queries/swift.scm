(class_declaration name: (_) @name body: (_) @body) @class
(protocol_declaration name: (_) @name body: (_) @body) @class
; Unnamed wildcards: with node types, this pattern alone takes 0.7 s to compile.
(function_declaration "func" . name: _ @name _ @body .) @function
(protocol_function_declaration name: (simple_identifier) @name) @method
(init_declaration name: "init" @name body: (_)? @body) @method
(typealias_declaration name: (type_identifier) @name) @type
(enum_entry name: (_) @name) @constant
(source_file (property_declaration
  name: (pattern bound_identifier: (_) @name)) @constant)
(class_body (property_declaration
  name: (pattern bound_identifier: (_) @name)) @field)
(protocol_property_declaration
  name: (pattern bound_identifier: (_) @name)) @field

(import_declaration (identifier) @from) @import
