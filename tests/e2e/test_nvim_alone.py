"""Neovim's own `vim.lsp.config` and `vim.lsp.inline_completion`, without our plugin."""

from pathlib import Path

import pytest

from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]

ALONE = Path(__file__).with_name("alone.lua")


def test_completions_come_and_are_accepted(echo: Opening) -> None:
    """Eight lines of configuration are enough for ghost text and a key."""
    editor = echo("|", init=ALONE)
    assert not editor.lua("return package.loaded.codeassist ~= nil")
    editor.keys("ix")
    assert editor.wait(editor.ghost, "ghost text") == "<x||>"
    editor.keys("<Tab>")
    editor.wait(lambda: editor.lines() == ["x<x||>|"], "accepted text")


def test_silence_takes_the_old_text_off(echo: Opening) -> None:
    """Where there is nothing to add any more, nothing stays on screen."""
    editor = echo("|", init=ALONE)
    editor.keys("ix")
    editor.wait(editor.ghost, "ghost text")
    editor.keys(" crash")  # the echo raises; the server's answer is an empty list
    editor.wait(lambda: not editor.ghost(), "no ghost text")
