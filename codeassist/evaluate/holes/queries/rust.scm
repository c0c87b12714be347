(call_expression arguments: (arguments) @arguments)
(macro_invocation (token_tree) @arguments)

(if_expression condition: (_) @condition)
(while_expression condition: (_) @condition)
(match_expression value: (_) @condition)

(block) @block

(line_comment) @comment
(block_comment) @comment
(string_literal) @string
(raw_string_literal) @string
(char_literal) @string
(use_declaration) @import
(extern_crate_declaration) @import
(mod_item !body) @import
