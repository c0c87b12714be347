"""Switches, the statusline and `:Codeassist` in a real Neovim."""

import json
import sys
from pathlib import Path

import pytest

from .nvim_driver import Neovim
from .nvim_faults import checked
from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]

STATUSLINE = """
vim.o.laststatus = 2
vim.o.statusline = "%{%v:lua.require'codeassist'.statusline()%}"
"""


def bar(editor: Neovim) -> str:
    """The statusline as drawn: the last line but one."""
    return editor.screen()[-2]


def last_message(editor: Neovim) -> str:
    """The last line that was shown below the buffers."""
    return (editor.messages() or [""])[-1]


def run(editor: Neovim, words: str, answer: str) -> None:
    """Run `:Codeassist`, wait for a message that has the answer in it."""
    editor.keys(f"<Esc>:Codeassist {words}<CR>")
    editor.wait(lambda: answer in last_message(editor), f"message {answer!r}")


def asks(editor: Neovim) -> bool:
    """Whether Neovim asks for completions in the current buffer."""
    return bool(
        editor.lua("return vim.lsp.inline_completion.is_enabled({ bufnr = 0 })")
    )


def test_the_statusline_follows_the_server(echo: Opening, tmp_path: Path) -> None:
    """It says loading and how far, ready, thinking, quiet and why, error, off."""
    gate = tmp_path / "gate"
    editor = echo(
        "x\n", before=STATUSLINE, attached=False, env={"ECHO_GATE": str(gate)}
    )
    loading = "codeassist: loading the model 100 %"
    editor.wait(lambda: bar(editor) == loading, "loading")
    gate.touch()
    editor.wait(lambda: bar(editor) == "codeassist: ready", "ready")
    editor.keys("A slow")
    editor.wait(lambda: bar(editor) == "codeassist: thinking", "thinking")
    editor.keys("<Esc>")
    editor.wait(lambda: bar(editor) == "codeassist: ready", "ready after cancelling")
    editor.keys("o small")
    editor.wait(lambda: "quiet (context too small)" in bar(editor), "reason")
    editor.keys("<Esc>:Codeassist toggle<CR>")
    editor.wait(lambda: bar(editor) == "codeassist: off (buffer)", "off")


def test_the_statusline_says_what_is_wrong(echo: Opening) -> None:
    """Without a model it shows the server's words, and the user is told once."""
    editor = echo("x\n", before=STATUSLINE, env={"ECHO_NO_MODEL": "1"})
    editor.wait(lambda: "the model x is not on this machine" in bar(editor), "reason")
    said = [line for line in editor.messages() if "model" in line]
    assert said == ["codeassist: no model runs; :Codeassist model offers some"]
    editor.keys("Afoo")  # typing is let alone
    editor.wait(lambda: editor.lines() == ["xfoo"], "typed text")
    answered = "return requests[#requests] == 'complete'"
    editor.wait(lambda: editor.lua(answered), "empty answer")
    assert "the model x is not on this machine" in bar(editor)
    report = checked(editor)
    assert "ERROR error: the model x is not on this machine" in report
    assert "the server said" not in report


def test_a_buffer_is_switched_off_and_on(echo: Opening) -> None:
    """`:Codeassist toggle` takes ghost text off one buffer; the others keep it."""
    editor = echo("x\n")
    editor.keys("A1")
    editor.wait(editor.ghost, "ghost text")
    run(editor, "toggle", "off here (buffer)")
    assert not asks(editor)
    editor.keys(":edit other.py<CR>")
    editor.wait(lambda: asks(editor), "other buffer")
    editor.keys(":buffer 1<CR>")
    run(editor, "toggle", "on here (buffer)")
    assert asks(editor)


def test_a_filetype_is_switched_off(echo: Opening) -> None:
    """Files of a type that is left out stay off, whatever is said for everywhere, until
    they are switched on themselves."""
    editor = echo("x\n", setup={"disabled_filetypes": ["text"]})
    state = "return require('codeassist').state().text"
    editor.keys(":write! a.txt<CR>:edit a.txt<CR>")
    editor.wait(lambda: editor.lua(state) == "off (filetype)", "text file")
    run(editor, "enable everywhere", "off here (filetype)")
    assert not asks(editor)
    run(editor, "enable filetype", "on here (filetype)")
    editor.wait(lambda: asks(editor), "text file switched on")
    editor.keys(":buffer 1<CR>")
    run(editor, "disable everywhere", "off here (everywhere)")
    assert not asks(editor)
    run(editor, "enable everywhere", "on here (everywhere)")
    assert asks(editor)


def test_prose_is_off_until_it_is_switched_on(echo: Opening) -> None:
    """Markdown has ghost text when its user asks by hand, or has left it in."""
    editor = echo("x\n")
    editor.keys(":write! a.md<CR>:edit a.md<CR>")
    editor.wait(lambda: "a.md" in editor.lua("return vim.fn.bufname()"), "Markdown")
    assert editor.lua("return require('codeassist').state().text") == "off (filetype)"
    editor.keys("A1")
    editor.wait(lambda: editor.cursor() == (0, 2), "typed key")
    editor.keys("<M-]>")
    assert editor.wait(editor.ghost, "ghost text") == "<1|\n>"
    editor.keys("<Esc>")
    editor.lua("require('codeassist').setup({ disabled_filetypes = {} })")
    editor.wait(lambda: asks(editor), "Markdown left in")
    editor.keys("A2")
    assert editor.wait(editor.ghost, "ghost text") == "<2|\n>"


def test_switching_off_in_the_middle_of_a_request(echo: Opening) -> None:
    """An answer that comes after the switch does nothing."""
    editor = echo("slow\n")
    editor.keys("A")
    editor.wait(lambda: editor.lua("return requests[1]") == "pending", "request")
    editor.lua("require('codeassist').disable()")
    editor.wait(
        lambda: editor.lua("return requests[#requests]") == "complete", "end", 30
    )
    editor.keys("x")
    editor.wait(lambda: editor.lines() == ["slowx"], "typed text")
    assert not editor.ghost()


def test_a_buffer_variable_decides(echo: Opening) -> None:
    """`vim.b.codeassist = false`, say in an ftplugin, is a switch of its own."""
    before = "vim.api.nvim_create_autocmd('FileType', { pattern = 'python', "
    before += "callback = function() vim.b.codeassist = false end })"
    editor = echo("x\n", before=before, attached=False)
    editor.wait(
        lambda: editor.lua("return require('codeassist').state().name") == "off", "off"
    )
    assert not asks(editor)


def test_nothing_runs_where_all_is_off(echo: Opening) -> None:
    """No server is started, and no model loaded, before somebody asks by hand."""
    editor = echo("x\n", setup={"enabled": False}, attached=False)
    editor.keys("A1")
    editor.wait(lambda: editor.cursor() == (0, 2), "typed key")
    assert editor.lua("return require('codeassist').state().text") == "off (everywhere)"
    assert not editor.children()
    editor.keys("<M-]>")
    assert editor.wait(editor.ghost, "ghost text") == "<1|\n>"
    assert editor.lines() == ["x1"]


def test_what_is_switched_on_has_a_server(echo: Opening) -> None:
    """A buffer that was opened while all was off is served as soon as it is on."""
    editor = echo("x\n", setup={"enabled": False}, attached=False)
    run(editor, "enable everywhere", "on here (everywhere)")
    editor.wait(lambda: editor.attached("codeassist"), "server")
    editor.keys("A1")
    assert editor.wait(editor.ghost, "ghost text") == "<1|\n>"


def test_entries_of_the_menu_are_offered_from_the_first(echo: Opening) -> None:
    """`as_items` in `setup()` is known before the server says what it can do."""
    editor = echo("x\n", setup={"completion": {"as_items": True}})
    offered = "return vim.lsp.get_clients()[1].server_capabilities.completionProvider"
    assert editor.lua(offered)["triggerCharacters"]


def test_subcommands_are_completed(echo: Opening) -> None:
    """Tab on the command line offers sub-commands and what may follow them."""
    editor = echo("x\n", attached=False)
    complete = "return vim.fn.getcompletion(..., 'cmdline')"
    names = editor.lua(complete, "Codeassist ")
    wanted = "status why explain stats model finetune adapters log toggle enable"
    assert set(wanted.split()) | {"disable", "restart"} <= set(names)
    assert editor.lua(complete, "Codeassist st") == ["stats", "status"]
    assert editor.lua(complete, "Codeassist toggle f") == ["filetype"]
    run(editor, "nonsense", "there is no sub-command nonsense; known are adapters")
    run(editor, "toggle here", "toggle takes buffer, filetype, everywhere")


def test_status_is_one_line(echo: Opening) -> None:
    """`:Codeassist` alone says how the server is."""
    editor = echo("x\n")
    run(editor, "", "codeassist: ready; echo; 0 shown, 0 accepted")


REAL = [sys.executable, "-m", "codeassist", "lsp"]


@pytest.mark.parametrize(
    ("words", "shows"),
    [
        ("adapters", "adapters"),
        ("stats --json", "{"),
        ("explain", "<|fim_"),
    ],
)
def test_reading_subcommands_fill_a_buffer(
    edit: Opening, words: str, shows: str
) -> None:
    """What the command line says stands in a buffer that `q` closes."""
    editor = edit("def add(a, b):\n    return a\n")
    editor.keys("ix<Esc>u")
    editor.keys(f":Codeassist {words}<CR>")
    name = "return vim.fn.bufname()"

    def is_shown() -> bool:
        opened = editor.lua(name).startswith("codeassist://")
        return opened or "nothing is recorded" in last_message(editor)

    editor.wait(is_shown, "answer", timeout=120)
    if editor.lua(name).startswith("codeassist://"):
        assert shows in "\n".join(editor.lines()) or words == "adapters"
        assert not editor.lua("return vim.bo.modifiable")
        editor.keys("q")
        editor.wait(
            lambda: not editor.lua(name).startswith("codeassist://"), "closed window"
        )


ARGUMENTS = """
import json, runpy, sys
if sys.argv[1:2] == ["explain"]:
    print(json.dumps(sys.argv[1:]))
else:
    runpy.run_path(SERVER, run_name="__main__")
"""


def test_explain_is_told_what_the_server_is_told(echo: Opening, tmp_path: Path) -> None:
    """The prompt that is explained is made with the settings that the server has, and
    in the document's language."""
    program = tmp_path / "program.py"
    program.write_text(ARGUMENTS.replace("SERVER", json.dumps(echo.command[-1])))
    section = {"completion": {"context_tokens": 0, "lines": "one"}}
    command = [sys.executable, str(program), "lsp"]
    editor = echo("x\n", command=command, setup=section)
    editor.lua("require('codeassist.settings').change({ model = { id = 'small' } })")
    editor.keys(":Codeassist explain --lines auto<CR>")
    name = "return vim.fn.bufname()"
    editor.wait(lambda: editor.lua(name) == "codeassist://explain", "answer")
    arguments = json.loads("".join(editor.lines()))
    told = arguments[arguments.index("--settings") + 1]
    assert json.loads(told) == {**section, "model": {"id": "small"}}
    assert arguments[arguments.index("--language") + 1] == "python"
    assert arguments[-3:-1] == ["--lines", "auto"]


def test_the_log_is_opened(edit: Opening, tmp_path: Path) -> None:
    """`:Codeassist log` shows the file that the server writes."""
    editor = edit("x\n")
    editor.keys(":Codeassist log<CR>")
    log = tmp_path / "state" / "codeassist" / "log" / "lsp.log"
    editor.wait(
        lambda: editor.lua("return vim.api.nvim_buf_get_name(0)") == str(log), "log"
    )
    assert "ready:" in "\n".join(editor.lines())


def test_the_server_starts_anew(echo: Opening) -> None:
    """`:Codeassist restart` ends the server and starts another for the same buffer."""
    editor = echo("x\n")
    first = editor.lua("return vim.lsp.get_clients()[1].id")
    run(editor, "restart", "starting anew")
    editor.wait(
        lambda: (
            editor.attached("codeassist")
            and editor.lua("return (vim.lsp.get_clients()[1] or {}).id") != first
        ),
        "other server",
    )
    editor.keys("A1")
    editor.wait(editor.ghost, "ghost text")


CATALOG = """
import json, sys
if sys.argv[1:3] == ["models", "list"]:
    one = {"size": 1e9, "licence": "MIT", "default": False}
    print(json.dumps([{"id": "small", "here": True, **one},
                      {"id": "large", "here": False, **one}]))
elif sys.argv[1:2] == ["models"]:
    print("fetched")
else:
    import runpy
    runpy.run_path(SERVER, run_name="__main__")
"""


def test_another_model_is_chosen(echo: Opening, tmp_path: Path) -> None:
    """`:Codeassist model` offers the catalog, and the server is told the choice."""
    program = tmp_path / "program.py"
    program.write_text(CATALOG.replace("SERVER", json.dumps(echo.command[-1])))
    editor = echo("x\n", command=[sys.executable, str(program), "lsp"])
    editor.lua(
        "vim.ui.select = function(items, options, done)"
        " _G.offered = vim.tbl_map(options.format_item, items)"
        " done(items[1]) end"
    )
    run(editor, "model", "completing with small")
    assert editor.lua("return offered") == [
        "small (1000 MB, MIT, here)",
        "large (1000 MB, MIT, to be fetched)",
    ]
    changed = [
        params
        for method, params in editor.lua("return notified")
        if method == "workspace/didChangeConfiguration"
    ]
    assert changed[-1]["settings"]["codeassist"]["model"]["id"] == "small"
    run(editor, "model tiny", "there is no model tiny; known are small, large")


def test_models_are_offered_at_once(echo: Opening, tmp_path: Path) -> None:
    """The catalog is read for the first Tab on the command line, and not again."""
    program, read = tmp_path / "program.py", tmp_path / "read"
    catalog = CATALOG.replace("SERVER", json.dumps(echo.command[-1]))
    program.write_text(f"{catalog}open({str(read)!r}, 'a').write('x')\n")
    editor = echo("x\n", command=[sys.executable, str(program), "lsp"])
    complete = "return vim.fn.getcompletion(..., 'cmdline')"
    assert editor.lua(complete, "Codeassist model ") == ["small", "large"]
    assert editor.lua(complete, "Codeassist model s") == ["small"]
    assert read.read_text() == "x"
