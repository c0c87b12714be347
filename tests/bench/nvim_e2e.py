"""Neovim's part of editors-e2e: a line typed in a repository of fresh-fim."""

import gzip
import json
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.editors import Part, shared
from tests.e2e.nvim_driver import Neovim
from tests.e2e.nvim_opening import REAL, ROOT, Opening, find_nvim

__all__ = ["Line", "rebuilt", "run"]

SET = "py-nanochat.jsonl.gz"
PICTURE = ROOT / "docs" / "images" / "nvim-ghost.png"
CONTEXT_TOKENS = 512
ANSWER = 180.0
"""Seconds that a ghost text may take on a busy machine."""

CALM = 2.0
"""Seconds without a request: Neovim itself waits 0.2 before it asks."""

EMPTIED = """
local row = ...
vim.api.nvim_buf_set_lines(0, row - 1, row, true, { '' })
vim.api.nvim_win_set_cursor(0, { row, 0 })
"""
"""A line of the file, before it is typed."""

LOOK = """
vim.o.termguicolors, vim.o.showmode, vim.o.ruler, vim.o.laststatus = true, false, false, 2
vim.o.statusline = "%t %m%=%{v:lua.require'codeassist'.statusline()}"
"""
"""Of the picture."""


@dataclass(frozen=True)
class Line:
    """A line to be typed, and what only another file can tell of it."""

    path: str
    before: str
    """Of the file, up to the line."""

    typed: str
    after: str
    """From the line break on."""

    names: tuple[str, ...]
    """Names in its rest that other files define."""


def rebuilt(folder: Path) -> list[Line]:
    """Write the repository that a set's rows are of; the lines to type in it.

    Args:
        folder: Gets the files, as far as the rows show them.
    """
    source = shared() / "eval" / "fresh-fim" / SET
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    cells: dict[str, dict[int, str]] = {}
    for row in rows:
        begin = row["start"] - len(row["prefix"])
        text = row["prefix"] + row["middle"] + row["suffix"]
        cells.setdefault(row["path"], {}).update(enumerate(text, begin))
    texts = {}
    for path, known in cells.items():
        whole = "".join(known.get(n, "") for n in range(max(known) + 1))
        if len(whole) == max(known) + 1:  # else the rows leave a gap
            texts[path] = whole
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(whole, encoding="utf-8", newline="")
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    fit = [row for row in rows if _fits(row, texts)]
    fit.sort(key=lambda row: not row["xnew"])  # the harder ones first
    return [_line(row, texts[row["path"]]) for row in fit]


def _fits(row: dict, texts: dict[str, str]) -> bool:
    return bool(row["xfile"]) and row["path"] in texts and "\n" not in row["middle"]


def _line(row: dict, text: str) -> Line:
    begin = text.rfind("\n", 0, row["start"]) + 1
    end = text.find("\n", row["start"])
    end = len(text) if end < 0 else end
    typed = text[begin : row["start"]]
    return Line(
        row["path"], text[:begin], typed, text[end:], tuple(row["xnew"] or row["xfile"])
    )


class Steps:
    """What was checked, and how it came out."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.right = 0
        self.all = 0

    def check(self, what: str, *, holds: bool) -> None:
        """Take note of one step."""
        self.all += 1
        self.right += holds
        self.notes.append(f"{'right' if holds else 'WRONG'}: {what}")


def run(folder: Path) -> Part:
    """Type lines until a ghost text has a name of another file; accept it, undo it."""
    project = folder / "project"
    lines = rebuilt(project)
    opening = Opening(find_nvim(shared), folder, REAL)
    steps = Steps()
    tried = 0
    try:
        editor = _opened(opening)
        for line in lines:
            tried += 1
            _type(editor, project, line)
            ghost = _ghost(editor)
            name = next((name for name in line.names if name in ghost), "")
            if name:
                _accept(editor, line, ghost, name, steps)
                break
            steps.notes.append(f"passed over: {line.typed.strip()!r} -> {ghost!r}")
    finally:
        faults = [fault for editor in opening.opened for fault in editor.faults()]
        for editor in opening.opened:
            editor.quit()
    steps.check("no error was shown", holds=not faults)
    figures = {"right": steps.right, "steps": steps.all, "lines_tried": tried}
    whole = steps.all > 1 and steps.right == steps.all
    return Part("Neovim", whole, figures, steps.notes + faults)


def _opened(opening: Opening) -> Neovim:
    """A Neovim in the repository, once that is indexed."""
    own = {
        "disabled_filetypes": [],
        "completion": {
            "context_tokens": CONTEXT_TOKENS,
            "confidence": 0.0,
            "time_limit_ms": int(500 * ANSWER),  # other programs may be busy
        },
    }
    editor = opening("", "notes.txt", setup=own, before=LOOK, columns=92)
    done = "local s = require('codeassist').state(); return s.name == 'ready' and not s.work"
    editor.wait(lambda: editor.lua(done), "indexed repository", timeout=ANSWER)
    return editor


def _type(editor: Neovim, project: Path, line: Line) -> None:
    """Type a line as far as its user knows it, into its file without it."""
    file = str(project / line.path)
    editor.keys("<Esc>")
    editor.wait(lambda: editor.mode() == "n", "normal mode")
    editor.command(f"silent edit! {file} | silent edit!")
    read = "return vim.bo.modified and '' or vim.api.nvim_buf_get_name(0)"
    editor.wait(lambda: editor.lua(read) == file, "file")
    editor.wait(lambda: editor.attached("codeassist"), "server")
    row = line.before.count("\n") + 1
    editor.lua(EMPTIED, row)
    editor.keys("i")
    for key in line.typed:
        editor.keys("<lt>" if key == "<" else key)
    editor.wait(lambda: editor.lines()[row - 1] == line.typed, "typed line")


def _ghost(editor: Neovim) -> str:
    """The ghost text; empty: the server keeps silent."""
    calm_since = time.monotonic()

    def settled() -> bool:
        nonlocal calm_since
        if editor.lua("return requests[#requests] ~= 'complete'"):
            calm_since = time.monotonic()
        return bool(editor.ghost()) or time.monotonic() - calm_since > CALM

    editor.wait(settled, "answer", timeout=ANSWER)
    return editor.ghost()


def _accept(editor: Neovim, line: Line, ghost: str, name: str, steps: Steps) -> None:
    def text() -> str:
        return "\n".join(editor.lines()) + "\n"

    def saved() -> str:
        editor.keys("<Esc>:silent write<CR>")
        editor.wait(lambda: not editor.lua("return vim.bo.modified"), "saved file")
        file = Path(editor.lua("return vim.api.nvim_buf_get_name(0)"))
        return file.read_text(encoding="utf-8")

    typed = line.before + line.typed
    screen = "\n".join(editor.screen())
    drawn = line.typed + ghost.split("\n")[0]
    seen = "used" if name in line.before else "not used"
    what = f"{line.path}: {drawn!r} has {name}, of another file, {seen} here so far"
    steps.check(what, holds=drawn.rstrip() in screen)
    editor.drawn.draw(PICTURE)

    editor.keys("<C-l>")
    editor.wait(lambda: text() != typed + line.after, "accepted word")
    word = text()[len(typed) : len(text()) - len(line.after)]
    steps.check(f"the word {word!r} is accepted", holds=0 < len(word) <= len(ghost))
    steps.check("it is the beginning of the ghost text", holds=ghost.startswith(word))
    if word != ghost:
        rest = editor.wait(editor.ghost, "rest of the ghost text", timeout=ANSWER)
        steps.check("the rest still stands there", holds=word + rest == ghost)
        editor.keys("<Tab>")
        whole = typed + word + rest + line.after
        editor.wait(lambda: text() == whole, "accepted rest")
    steps.check("the file has it", holds=saved() == typed + ghost + line.after)
    editor.keys("u")
    editor.wait(lambda: text() != typed + ghost + line.after, "undo")
    steps.check("one undo leaves what was typed", holds=saved() == typed + line.after)
