(function_declaration name: (_) @name body: (_) @body) @function
(generator_function_declaration name: (_) @name body: (_) @body) @function
(class_declaration name: (_) @name body: (_) @body) @class
(class name: (_) @name body: (_) @body) @class
(method_definition name: (_) @name body: (_) @body) @method
; Of an object that has a name, or stands in one; arguments and descriptors define none.
(_ value: (object
  (pair key: (property_identifier) @name value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]) @method))
(assignment_expression right: (object
  (pair key: (property_identifier) @name value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]) @method))
(variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)]) @function
(variable_declarator name: (identifier) @name
  value: (class body: (_) @body)) @class
(assignment_expression
  left: (member_expression
    object: (member_expression object: (_) @owner property: (_) @_prototype)
    property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]
  (#eq? @_prototype "prototype")) @method
(assignment_expression
  left: (member_expression property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]) @function

(program (lexical_declaration
  (variable_declarator name: (identifier) @name) @constant))
(program (variable_declaration
  (variable_declarator name: (identifier) @name) @constant))
(program (export_statement (_
  (variable_declarator name: (identifier) @name) @constant)))

(program (export_statement (_
  (variable_declarator name: (object_pattern [
    (shorthand_property_identifier_pattern) @name
    (pair_pattern value: (identifier) @name)])) @constant)))
(program (export_statement (_
  (variable_declarator name: (array_pattern (identifier) @name)) @constant)))

(export_specifier name: (_) @public)
(export_statement value: (identifier) @public)
(export_statement value: (object [
  (shorthand_property_identifier) @public
  (pair key: (property_identifier) @public)
  (method_definition name: (_) @public)]))
(assignment_expression
  left: (member_expression object: (identifier) @_module)
  right: [
    (identifier) @public
    (class name: (_) @public)
    (object [
      (shorthand_property_identifier) @public
      (pair key: (property_identifier) @public)
      (method_definition name: (_) @public)])]
  (#eq? @_module "module"))

(import_statement
  (import_clause (identifier) @default)
  source: (string (string_fragment) @from)) @import
(import_statement
  (import_clause (namespace_import "*" @item (identifier) @alias))
  source: (string (string_fragment) @from)) @import
(import_statement
  (import_clause (named_imports
    (import_specifier name: _ @item alias: (_)? @alias)))
  source: (string (string_fragment) @from)) @import
(import_statement source: (string (string_fragment) @from)) @import
(export_statement
  (export_clause (export_specifier name: _ @item alias: (_)? @alias))
  source: (string (string_fragment) @from)) @export
(export_statement "*" @item source: (string (string_fragment) @from)) @export
(export_statement
  (namespace_export "*" @item (_) @alias)
  source: (string (string_fragment) @from)) @export

(variable_declarator
  name: (identifier) @alias
  value: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @from)))
  (#eq? @_require "require")) @import
(variable_declarator
  name: (object_pattern (shorthand_property_identifier_pattern) @item)
  value: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @from)))
  (#eq? @_require "require")) @import
(variable_declarator
  name: (object_pattern (pair_pattern key: (_) @item value: (identifier) @alias))
  value: (call_expression
    function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @from)))
  (#eq? @_require "require")) @import
(call_expression
  function: (identifier) @_require
  arguments: (arguments . (string (string_fragment) @from))
  (#eq? @_require "require")) @import
(call_expression
  function: (import)
  arguments: (arguments . (string (string_fragment) @from))) @import
