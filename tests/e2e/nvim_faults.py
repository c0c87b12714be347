"""Faults that are planted in a Neovim, and what `:checkhealth codeassist` must say."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .nvim_driver import Neovim
from .nvim_opening import Opening

__all__ = ["FAULTS", "Fault", "announcing", "checked", "program"]

Plant = Callable[[Opening, Path], Neovim]
"""Opens a Neovim with the fault; the folder is for its files."""

PATIENCE = 120.0


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong."""

    name: str
    plant: Plant
    says: str
    """How the report names it."""

    cure: str


def checked(editor: Neovim) -> str:
    """What `:checkhealth codeassist` says, in one line."""
    editor.keys("<Esc>:checkhealth codeassist<CR>")
    ends = ("codeassist: server", "cannot show inline completions")

    def is_whole() -> bool:
        shown = editor.lua("return vim.bo.filetype") == "checkhealth"
        return shown and any(end in "\n".join(editor.lines()) for end in ends)

    editor.wait(is_whole, "report", timeout=PATIENCE)
    return " ".join(" ".join(editor.lines()).split())


def program(folder: Path, code: str) -> list[str]:
    """The command of a server that is this Python code."""
    file = folder / "program.py"
    file.write_text(code)
    return [sys.executable, str(file), "lsp"]


def announcing(opening: Opening, folder: Path, version: str) -> list[str]:
    """The command of the opening's server, which says it is of some version."""
    code = f"""
        import sys
        if sys.argv[1:] == ["--version"]:
            print("codeassist {version}")
        else:
            import runpy
            import codeassist
            codeassist.__version__ = "{version}"
            runpy.run_path({json.dumps(opening.command[-1])}, run_name="__main__")
    """
    return program(folder, "\n".join(line[8:] for line in code.splitlines()))


def _after(command: str, **options: object) -> Plant:
    """A fault that a line of Lua makes in a Neovim that was well."""

    def plant(opening: Opening, _folder: Path) -> Neovim:
        editor = opening("x\n", **options)
        editor.lua(command)
        return editor

    return plant


def _missing(opening: Opening, _folder: Path) -> Neovim:
    return opening("x\n", command=["no-such-codeassist", "lsp"], attached=False)


def _another(opening: Opening, folder: Path) -> Neovim:
    command = program(folder, "import sys; sys.exit('what is this?')")
    return opening("x\n", command=command, attached=False)


def _older(opening: Opening, folder: Path) -> Neovim:
    return opening("x\n", command=announcing(opening, folder, "0.0.9"))


def _newer(opening: Opening, folder: Path) -> Neovim:
    return opening("x\n", command=announcing(opening, folder, "1.0.0"))


def _crashed(opening: Opening, folder: Path) -> Neovim:
    code = "import sys\nsys.exit(0 if sys.argv[1:] == ['--version'] else 7)"
    editor = opening("x\n", command=program(folder, code), attached=False)
    gave_up = "return (require('codeassist.server').crash() or {}).given_up"
    editor.wait(lambda: editor.lua(gave_up), "end of the restarts", timeout=PATIENCE)
    return editor


def _refused(opening: Opening, _folder: Path) -> Neovim:
    editor = opening("x\n", setup={"completion": {"lines": "some"}})
    editor.wait(editor.messages, "warning")
    return editor


def _no_folder(opening: Opening, _folder: Path) -> Neovim:
    (opening.home / "data").write_text("a file where a folder should be")
    return opening("x\n", attached=False)


def _no_model(opening: Opening, _folder: Path) -> Neovim:
    return opening("x\n", env={"ECHO_NO_MODEL": "1"})


def _two_sources(opening: Opening, _folder: Path) -> Neovim:
    editor = opening("x\n")
    start = "vim.lsp.start({ name = 'other', cmd = ... })"
    editor.lua(start, opening.command)
    editor.wait(lambda: editor.attached("other"), "other server")
    return editor


FAULTS = (
    Fault(
        "neovim-too-old",
        _after("rawset(vim.lsp, 'inline_completion', false)", attached=False),
        "cannot show inline completions",
        "use 0.12 or newer",
    ),
    Fault(
        "binary-missing",
        _missing,
        "ERROR no-such-codeassist is not an executable",
        "setup({ cmd = ",
    ),
    Fault(
        "binary-another",
        _another,
        "is no codeassist that works: what is this?",
        "name the right one",
    ),
    Fault(
        "binary-too-old",
        _older,
        "the server is version 0.0.9, this plugin is made for 0.1",
        "install the version that this plugin came with",
    ),
    Fault(
        "binary-too-new",
        _newer,
        "the server is version 1.0.0, this plugin is made for 0.1",
        "install the version that this plugin came with",
    ),
    Fault(
        "model-missing",
        _no_model,
        "ERROR error: the model x is not on this machine",
        ":Codeassist model fetches one",
    ),
    Fault(
        "server-crashed",
        _crashed,
        "the server ended with status 7, 4 times in a row",
        ":Codeassist restart",
    ),
    Fault(
        "bad-setting",
        _refused,
        "completion.lines is one of auto, one, block",
        "mend the setting that it names",
    ),
    Fault(
        "tab-taken",
        _after("vim.keymap.set('i', '<Tab>', 'x', { desc = 'mine' })"),
        "WARNING <Tab> was mapped to accept, and is now mapped to mine",
        ":verbose imap <Tab>",
    ),
    Fault(
        "tab-taken-in-a-buffer",
        _after("vim.keymap.set('i', '<Tab>', 'x', { desc = 'mine', buffer = 0 })"),
        "WARNING <Tab> was mapped to accept, and is now mapped to mine in sums.py",
        ":verbose imap <Tab>",
    ),
    Fault(
        "inline-completion-disabled",
        _after("vim.lsp.inline_completion.enable(false, { bufnr = 0 })"),
        "inline completion is disabled in sums.py",
        ":lua vim.lsp.inline_completion.enable(true",
    ),
    Fault(
        "switched-off",
        _after("vim.cmd('Codeassist disable filetype')"),
        "switched off in sums.py (filetype)",
        ":Codeassist enable filetype",
    ),
    Fault(
        "two-sources",
        _two_sources,
        "other shows ghost text in sums.py, too",
        "stop the other, or :lsp disable codeassist",
    ),
    Fault(
        "records-unwritable",
        _no_folder,
        "the folder of the records cannot be made",
        "move that file away",
    ),
    Fault(
        "paste",
        _after("vim.o.paste = true"),
        "'paste' is set",
        ":set nopaste",
    ),
)
"""What may be wrong; each is found where it is planted, and only there."""
