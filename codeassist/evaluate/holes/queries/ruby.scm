(call arguments: (argument_list) @arguments)

(if condition: (_) @condition)
(elsif condition: (_) @condition)
(unless condition: (_) @condition)
(while condition: (_) @condition)
(until condition: (_) @condition)
(case value: (_) @condition)
(if_modifier condition: (_) @condition)
(unless_modifier condition: (_) @condition)

(method body: (body_statement) @block)
(singleton_method body: (body_statement) @block)
(do_block body: (body_statement) @block)
(if consequence: (then) @block)
(elsif consequence: (then) @block)
(unless consequence: (then) @block)
(when body: (then) @block)
(while body: (do) @block)
(until body: (do) @block)
(for body: (do) @block)
(else) @block

(comment) @comment
(string) @string
(regex) @string
(string_array) @string
(symbol_array) @string
(heredoc_body) @string
((call method: (identifier) @_name) @import
  (#any-of? @_name "require" "require_relative" "load" "autoload"))
