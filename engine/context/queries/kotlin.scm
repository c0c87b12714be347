(class_declaration
  name: (_) @name
  [(class_body) (enum_class_body)] @body) @class
(class_declaration name: (_) @name) @class
(object_declaration name: (_) @name (class_body)? @body) @class
(function_declaration name: (_) @name (function_body)? @body) @function
(source_file (property_declaration
  (variable_declaration . (identifier) @name)) @constant)
(class_body (property_declaration
  (variable_declaration . (identifier) @name)) @field)
(class_parameter ["val" "var"] (identifier) @name) @field
(enum_entry . (identifier) @name) @constant
(type_alias type: (_) @name) @type

(package_header (_) @from) @package
(import (qualified_identifier) @from "*" @item) @import
(import (qualified_identifier) @tree (identifier)? @alias) @import
