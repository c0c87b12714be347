(function_call_expression arguments: (arguments) @arguments)
(member_call_expression arguments: (arguments) @arguments)
(nullsafe_member_call_expression arguments: (arguments) @arguments)
(scoped_call_expression arguments: (arguments) @arguments)
(object_creation_expression (arguments) @arguments)

(if_statement condition: (_) @condition)
(else_if_clause condition: (_) @condition)
(while_statement condition: (_) @condition)
(do_statement condition: (_) @condition)
(for_statement condition: (_) @condition)
(switch_statement condition: (_) @condition)
(match_expression condition: (_) @condition)
(conditional_expression condition: (_) @condition)

(compound_statement) @block

(comment) @comment
(text) @comment
(php_tag) @comment
(string) @string
(encapsed_string) @string
(heredoc) @string
(nowdoc) @string
(namespace_use_declaration) @import
(namespace_definition !body) @import
(require_once_expression) @import
(require_expression) @import
(include_once_expression) @import
(include_expression) @import
