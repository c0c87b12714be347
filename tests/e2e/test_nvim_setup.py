"""What `setup()` in a real Neovim makes of a configuration that is not as it should be."""

import pytest

from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]

OLD = """
vim.lsp.protocol.InlineCompletionTriggerKind = nil
local has = vim.fn.has
vim.fn.has = function(what) return what == 'nvim-0.12' and 0 or has(what) end
"""
"""A Neovim that lacks what one before 0.12 lacks, and says so."""


def test_an_older_neovim_is_told_what_is_needed(echo: Opening) -> None:
    """Before 0.12 `setup()` says in one line what is needed, and nothing is started."""
    editor = echo("x\n", before=OLD, attached=False)
    said = "Neovim 0.12 or newer is needed; :checkhealth codeassist"
    assert editor.messages() == [f"codeassist: {said}"]
    assert not editor.children()
