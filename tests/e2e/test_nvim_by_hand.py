"""Asking by hand in a real Neovim: what nobody is shown unasked."""

import pytest

from .nvim_opening import Opening
from .test_nvim_accepting import ghost

pytestmark = [pytest.mark.editor]


def test_a_key_asks_where_nothing_is_shown(echo: Opening) -> None:
    """The key for the next completion asks by hand, and types nothing."""
    editor = echo("|")
    ghost(editor, "ix")
    editor.keys("<C-]>")
    editor.wait(lambda: not editor.ghost(), "no ghost text")
    assert ghost(editor, "<M-]>") == "<x||>"
    editor.keys("<M-]>")
    editor.wait(lambda: editor.ghost().startswith("alternative 1"), "second of them")
    assert editor.lines() == ["x|"]


TIMER_IS_OVER = """
local completor = vim.lsp._capability.all.inline_completion.active[1]
return completor.timer ~= nil and completor.timer:is_closing()
"""
"""Whether Neovim has asked by itself, or would have."""


def test_what_is_switched_off_is_asked_by_hand(echo: Opening) -> None:
    """A buffer that is off has ghost text when its user asks, and not by itself."""
    editor = echo("|")
    editor.lua("require('codeassist').disable()")
    editor.keys("ix")
    editor.wait(lambda: editor.cursor() == (0, 1), "typed key")
    assert ghost(editor, "<M-]>") == "<x||>"
    asked = editor.lua("return #requests")
    editor.keys("y")
    editor.wait(lambda: not editor.ghost(), "no ghost text")
    editor.wait(lambda: editor.lua(TIMER_IS_OVER), "end of the wait after a key")
    assert editor.lua("return #requests") == asked
    assert ghost(editor, "<M-]>") == "<y||>"
    assert editor.lines() == ["xy|"]
