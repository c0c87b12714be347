(call_expression arguments: (argument_list) @arguments)

(if_statement condition: (_) @condition)
(while_statement condition: (_) @condition)
(do_statement condition: (_) @condition)
(for_statement condition: (_) @condition)
(switch_statement condition: (_) @condition)
(conditional_expression condition: (_) @condition)

(compound_statement) @block

(comment) @comment
(string_literal) @string
(char_literal) @string
(preproc_include) @import
(preproc_call) @import
