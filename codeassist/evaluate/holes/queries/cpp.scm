; inherits: c
(new_expression arguments: (argument_list) @arguments)

(raw_string_literal) @string
(using_declaration) @import
