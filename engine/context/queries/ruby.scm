(module name: (_) @name body: (_)? @body) @module
(class name: (_) @name body: (_)? @body) @class
(method name: (_) @name body: (_)? @body) @function
(singleton_method name: (_) @name body: (_)? @body) @method
(assignment left: (constant) @name) @constant
(call
  method: (identifier) @_attr
  arguments: (argument_list (simple_symbol) @name @field)
  (#any-of? @_attr "attr_accessor" "attr_reader" "attr_writer"))

(call
  !receiver
  method: (identifier) @_require
  arguments: (argument_list . (string (string_content) @from))
  (#any-of? @_require "require" "load" "require_dependency")) @import
(call
  !receiver
  method: (identifier) @_require
  arguments: (argument_list . (string (string_content) @from))
  (#eq? @_require "require_relative")) @path
(call
  method: (identifier) @_autoload
  arguments: (argument_list
    (simple_symbol) @item . (string (string_content) @from))
  (#eq? @_autoload "autoload")) @import
