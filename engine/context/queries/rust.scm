(impl_item body: (declaration_list
  (function_item name: (_) @name body: (_) @body) @method))
(function_item name: (_) @name body: (_) @body) @function
(function_signature_item name: (_) @name) @function
(struct_item name: (_) @name body: (field_declaration_list) @body) @class
(struct_item name: (_) @name) @class
(union_item name: (_) @name body: (_) @body) @class
(enum_item name: (_) @name body: (_) @body) @class
(trait_item name: (_) @name body: (_) @body) @class
(impl_item type: (_) @name body: (_) @body) @module
(mod_item name: (_) @name body: (_) @body) @module
(type_item name: (_) @name) @type
(associated_type name: (_) @name) @type
(macro_definition name: (_) @name) @function
(field_declaration name: (_) @name) @field
(enum_variant name: (_) @name) @constant
(source_file (const_item name: (_) @name) @constant)
(source_file (static_item name: (_) @name) @constant)
(declaration_list (const_item name: (_) @name) @constant)
(declaration_list (static_item name: (_) @name) @constant)

(use_declaration (visibility_modifier) argument: (_) @tree) @export
(use_declaration argument: (_) @tree) @import
(extern_crate_declaration name: (_) @from alias: (_)? @alias) @import
(mod_item name: (_) @from !body) @mod
