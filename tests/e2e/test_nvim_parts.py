"""Words of one completion in a real Neovim, faster than the server answers."""

import pytest

from .nvim_opening import Opening
from .test_nvim_accepting import ghost, reads, told

pytestmark = [pytest.mark.editor]

DEAF = """
local client = vim.lsp.get_clients({ name = 'codeassist' })[1]
local request = client.rpc.request
client.rpc.request = function(method, ...)
  if method == 'textDocument/inlineCompletion' then return true, 1e6 end
  return request(method, ...)
end
"""
"""From now on the server answers no request."""


@pytest.mark.parametrize("at_once", [True, False], ids=["burst", "one-by-one"])
def test_words_are_accepted_before_the_next_answer(
    echo: Opening, *, at_once: bool
) -> None:
    """The rest stays on screen after a word, and the next key takes the next word."""
    editor = echo("f()\n")
    assert ghost(editor, "0f(awhole") == "f(whole|)\n"
    editor.lua(DEAF)
    if at_once:
        editor.keys("<C-l><C-l><C-l>")
    else:
        for word in ("f", "f(", "f(whole"):
            editor.keys("<C-l>")
            reads(editor, f"f(whole{word})")
    reads(editor, "f(wholef(whole)")
    assert editor.wait(editor.ghost, "rest of it") == "|)\n"
    editor.wait(lambda: told(editor, "didPartiallyAcceptCompletion"), "parts")
    part = told(editor, "didPartiallyAcceptCompletion")[-1]
    assert part["item"]["insertText"] == "f(whole|)\n"
    editor.keys("<Tab>")
    reads(editor, "f(wholef(whole|)", ")")
    editor.keys("<Esc>u")
    reads(editor, "f(whole)")
