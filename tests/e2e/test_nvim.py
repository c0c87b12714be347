"""Neovim's built-in inline completion, our plugin, our server, the default model."""

import logging
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .nvim_driver import Neovim
from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]

log = logging.getLogger(__name__)

PROMISED = 3.0
"""Seconds from the last key to the ghost text: the model loaded, two cores."""

ADD = "idef add(a, b):<CR>return a "  # Neovim itself indents the second line


def ghost_at(editor: Neovim, line: str) -> str:
    """The ghost text of the line as it reads now, once the model has answered."""
    editor.wait(lambda: line in editor.lines(), f"line {line!r}")
    return editor.wait(editor.ghost, "ghost text", timeout=30)


def runs_as_add(file: Path) -> bool:
    """Whether another Python imports the saved file and its add() adds."""
    check = f"import {file.stem} as sums; assert sums.add(2, 3) == 5"
    ran = subprocess.run([sys.executable, "-c", check], cwd=file.parent, check=False)
    return ran.returncode == 0


def status(editor: Neovim, field: str) -> object:
    """What the server has said of itself."""
    return editor.lua("return require('codeassist').status()[...]", field)


def saved(editor: Neovim) -> Path:
    """The file, after `:w`."""
    editor.keys("<Esc>:w<CR>")
    editor.wait(lambda: not editor.lua("return vim.bo.modified"), "saved file")
    return Path(editor.lua("return vim.api.nvim_buf_get_name(0)"))


def test_ghost_text_comes_in_time_and_what_is_accepted_runs(edit: Opening) -> None:
    """Ghost text stands at `return a ` within 3 s, and with it the program runs."""
    editor = edit(cores=2)
    editor.keys(ADD)
    last_key = time.monotonic()
    ghost = editor.wait(editor.ghost, "ghost text", timeout=30)
    waited = time.monotonic() - last_key
    log.info("ghost text %.2f s after the last key", waited)
    assert editor.lines() == ["def add(a, b):", "    return a "]
    assert re.fullmatch(r"\+ b\s*", ghost.splitlines()[0])
    assert editor.screen()[1].startswith("    return a + b")
    editor.keys("<Tab>")
    editor.wait(
        lambda: editor.lines()[1].rstrip() == "    return a + b", "accepted text"
    )
    editor.wait(lambda: status(editor, "accepted") == 1, "counted acceptance")
    assert runs_as_add(saved(editor))
    assert waited <= PROMISED


def test_typed_through_text_is_not_inserted_twice(edit: Opening) -> None:
    """What the user has typed of the ghost text is not inserted again."""
    editor = edit()
    editor.keys(ADD)
    assert ghost_at(editor, "    return a ").startswith("+ b")
    editor.keys("+")
    editor.wait(lambda: editor.lines()[1] == "    return a +", "typed key")
    editor.wait(
        lambda: editor.screen()[1].startswith("    return a + b"), "rest of the text"
    )
    editor.keys("<Tab>")
    editor.wait(
        lambda: editor.lines()[1].rstrip() == "    return a + b", "accepted text"
    )
    assert runs_as_add(saved(editor))


def test_contradicted_ghost_text_goes_at_once(edit: Opening) -> None:
    """A key that is not the next of the ghost text takes it off the screen."""
    editor = edit()
    editor.keys(ADD)
    assert ghost_at(editor, "    return a ").startswith("+ b")
    editor.keys("*")
    # had it stayed, the next answer would follow it without a gap
    editor.wait(lambda: editor.screen()[1] == "    return a *", "line without ghost")


def test_leaving_insert_mode_cancels(edit: Opening) -> None:
    """Escape ends the request in flight, and no ghost text stays or comes."""
    long = "".join(f"def f{n}(x):\n    return x * {n}\n\n\n" for n in range(50))
    editor = edit(long)
    editor.keys("Go" + ADD[1:])
    editor.wait(
        lambda: editor.lua("return requests[#requests] == 'pending'"), "request"
    )
    editor.keys("<Esc>")
    editor.wait(
        lambda: editor.lua("return requests[#requests] == 'complete'"), "last answer"
    )
    assert editor.lua("return requests")[-2:] == ["cancel", "complete"]
    assert editor.mode() == "n"
    assert not editor.ghost()


def test_leaving_insert_mode_hides(edit: Opening) -> None:
    """Escape takes the ghost text off the screen."""
    editor = edit()
    editor.keys(ADD)
    assert ghost_at(editor, "    return a ")
    editor.keys("<Esc>")
    editor.wait(lambda: editor.mode() == "n", "normal mode")
    assert not editor.ghost()
    assert editor.screen()[1] == "    return a"


def test_one_word_is_accepted(edit: Opening) -> None:
    """The key for a word inserts the first word of the ghost text and no more."""
    editor = edit()
    editor.keys(ADD)
    assert ghost_at(editor, "    return a ").startswith("+ b")
    editor.keys("<C-l>")
    editor.wait(lambda: editor.lines()[1] != "    return a ", "accepted word")
    assert editor.lines()[1] == "    return a +"
    assert ghost_at(editor, "    return a +").startswith(" b")
    assert status(editor, "accepted") == 0


@pytest.mark.parametrize("mark", ["🙂", "e\u0301"], ids=["astral", "combining"])
def test_wide_characters_do_not_shift_the_text(edit: Opening, mark: str) -> None:
    """Characters of several bytes before the cursor move nothing that is accepted."""
    editor = edit()
    line = f'    "{mark}"; return a '
    editor.keys("idef add(a, b):<CR>" + line.lstrip())
    ghost = ghost_at(editor, line)
    editor.keys("<Tab>")
    editor.wait(lambda: editor.lines()[1] != line, "accepted text")
    assert editor.lines()[1:] == (line + ghost).split("\n")
    assert runs_as_add(saved(editor))


def test_dos_line_ends_stay_out_of_the_text(edit: Opening) -> None:
    """In a file with CRLF no carriage return comes in with several lines."""
    add, sub = (
        f"def {name}(a, b):\n    s = a {sign} b\n    return s\n\n\n"
        for name, sign in (("add", "+"), ("sub", "-"))
    )
    editor = edit((add + sub).replace("\n", "\r\n"))
    editor.keys("Godef mul(a, b):<CR>")
    ghost = ghost_at(editor, "def mul(a, b):")
    assert "\n" in ghost
    editor.keys("<Tab>")
    editor.wait(lambda: editor.lines()[-1] == "    return s", "accepted text")
    assert editor.lines()[-2:] == ["    s = a * b", "    return s"]


def test_keys_without_ghost_text_do_their_own_work(edit: Opening) -> None:
    """Tab indents where there is nothing to accept."""
    editor = edit(name="notes.py")
    editor.keys("i<Tab>")
    editor.wait(lambda: editor.lines() == ["    "], "indentation")


def health(editor: Neovim) -> str:
    """The report of `:checkhealth codeassist`."""
    editor.keys(":checkhealth codeassist<CR>")
    editor.wait(lambda: editor.lua("return vim.bo.filetype == 'checkhealth'"), "report")
    return editor.wait(
        lambda: "codeassist: server" in (text := "\n".join(editor.lines())) and text,
        "report",
    )


def test_checkhealth_is_green(edit: Opening) -> None:
    """`:checkhealth codeassist` finds everything in order."""
    report = health(edit())
    assert report.count("OK") >= 5
    assert "ERROR" not in report
    assert "WARNING" not in report


def test_checkhealth_says_what_to_do(edit: Opening, tmp_path: Path) -> None:
    """Where the model is missing, the report names the command that fetches it."""
    report = health(edit(models=tmp_path))
    assert "ERROR" in report
    assert "codeassist models pull" in report
