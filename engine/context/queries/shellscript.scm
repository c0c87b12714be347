(function_definition name: (_) @name body: (_) @body) @function
(program (variable_assignment name: (variable_name) @name) @constant)
(program (declaration_command
  (variable_assignment name: (variable_name) @name) @constant))

(command
  name: (command_name (word) @_source)
  . argument: (_) @from
  (#any-of? @_source "source" ".")) @path
