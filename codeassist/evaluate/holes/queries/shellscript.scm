; a shell's calls have no parentheses: no @arguments
(if_statement condition: (_) @condition)
(elif_clause . (_) @condition)
(while_statement condition: (_) @condition)
(case_statement value: (_) @condition)

(function_definition body: (compound_statement) @block)
(do_group) @block
(else_clause) @block

(comment) @comment
(string) @string
(raw_string) @string
(ansi_c_string) @string
(heredoc_body) @string
((command name: (command_name) @_name) @import
  (#any-of? @_name "." "source"))
