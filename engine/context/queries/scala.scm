(object_definition name: (_) @name body: (_)? @body) @class
(class_definition name: (_) @name body: (_)? @body) @class
(trait_definition name: (_) @name body: (_)? @body) @class
(enum_definition name: (_) @name body: (_) @body) @class
(package_object name: (_) @name body: (_) @body) @class
(function_definition name: (_) @name body: (_) @body) @function
(function_declaration name: (_) @name) @function
(given_definition name: (_) @name body: (_)? @body) @constant
(type_definition name: (_) @name) @type
(simple_enum_case name: (_) @name) @constant
(full_enum_case name: (_) @name) @constant
(class_parameter name: (_) @name) @field
(compilation_unit (val_definition pattern: (identifier) @name) @constant)
(compilation_unit (var_definition pattern: (identifier) @name) @constant)
(template_body (val_definition pattern: (identifier) @name) @field)
(template_body (var_definition pattern: (identifier) @name) @field)
(template_body (val_declaration name: (_) @name) @field)

(package_clause name: (_) @from) @package
(import_declaration) @import @tree
