"""Buffers of a real Neovim that have no name, or get another one."""

import pytest

from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]


@pytest.mark.parametrize("naming", ["write named.py", "file named.py"])
def test_a_buffer_without_a_name_is_not_sent(echo: Opening, naming: str) -> None:
    """It has no server, to which all of them were one document, before it is named."""
    editor = echo("x\n")
    editor.command("enew | set filetype=python")
    editor.keys("ione<Esc>")
    editor.wait(lambda: editor.lines() == ["one"], "typed text")
    assert editor.lua("return #vim.lsp.get_clients({ bufnr = 0 })") == 0
    state = "return require('codeassist').state().text"
    assert editor.lua(state) == "no name yet: `:write NAME`"
    editor.command(naming)
    editor.wait(lambda: editor.attached("codeassist"), "server")
    editor.keys("A1")
    assert editor.wait(editor.ghost, "ghost text") == "<1|\n>"


@pytest.mark.parametrize("naming", ["saveas other.py", "file other.py"])
def test_a_buffer_with_another_name_is_another_document(
    echo: Opening, naming: str
) -> None:
    """What is typed under the new name is known, and the old one is closed."""
    editor = echo("x\n")
    editor.lua("""
      local rpc = vim.lsp.get_clients()[1].rpc
      local notify = rpc.notify
      _G.closed = {}
      rpc.notify = function(method, params)
        if method == 'textDocument/didClose' then
          table.insert(_G.closed, vim.fs.basename(params.textDocument.uri))
        end
        return notify(method, params)
      end
    """)
    editor.command(naming)
    editor.wait(lambda: editor.attached("codeassist"), "server")
    editor.keys("A1")
    assert editor.wait(editor.ghost, "ghost text") == "<1|\n>"
    assert editor.lua("return closed") == ["sums.py"]


def test_a_buffer_that_keeps_its_name_keeps_its_server(echo: Opening) -> None:
    """A name that another buffer has is refused, and completion goes on."""
    editor = echo("x\n")
    editor.command("badd other.py")
    editor.command("silent! file other.py")
    editor.wait(lambda: editor.attached("codeassist"), "server")
    editor.keys("A1")
    assert editor.wait(editor.ghost, "ghost text") == "<1|\n>"
