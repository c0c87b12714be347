"""Bad input and bad luck in a real Neovim; no test may show the user a stack trace."""

import json
import signal
import sys
from pathlib import Path

import pytest

from .nvim_driver import Neovim
from .nvim_opening import Opening

pytestmark = [pytest.mark.editor]

GATED = """
import runpy, time
from pathlib import Path
while not Path({gate!r}).exists():
    time.sleep(0.01)
runpy.run_path({echo!r}, run_name="__main__")
"""
"""A server that begins when a file is there."""

SILENT_ONCE = """
import runpy, sys
from pathlib import Path
begun = Path({begun!r})
if not begun.exists():
    begun.touch()
    sys.stdin.read()
runpy.run_path({echo!r}, run_name="__main__")
"""
"""A server that hears everything and says nothing, the first time."""

CLIENTS = "return #vim.lsp.get_clients({ name = 'codeassist' })"


def pending(editor: Neovim) -> bool:
    """Whether the newest request has no answer yet."""
    return bool(editor.lua("return requests[#requests] == 'pending'"))


def ready(editor: Neovim) -> None:
    """Wait until the buffer has a server that is ready."""
    state = "return require('codeassist').state().name"
    editor.wait(lambda: editor.attached("codeassist"), "server", timeout=120)
    editor.wait(lambda: editor.lua(state) == "ready", "ready server", timeout=120)


def test_a_crash_is_mended_without_a_word(echo: Opening) -> None:
    """A killed server comes back; what is typed meanwhile is not lost."""
    editor = echo("x\n")
    (server,) = [
        p for p in editor.children() if "echo_server" in " ".join(p.cmdline())
    ][:1]
    server.send_signal(signal.SIGKILL)
    editor.wait(lambda: editor.lua(CLIENTS) == 0, "end of the server")
    editor.keys("Ay")
    ready(editor)
    editor.keys("z")
    editor.wait(lambda: editor.ghost().startswith("<z|"), "ghost text", timeout=60)
    editor.keys("<CR>end<Esc>kA<BS><BS>")
    editor.wait(lambda: editor.ghost().startswith("<x|"), "ghost text", timeout=60)
    editor.keys("<Tab>")
    editor.wait(lambda: editor.lines() == ["x<x|", ">", "end"], "accepted text")
    assert editor.messages() == []


def test_a_server_that_cannot_live_is_told_of_once(
    echo: Opening, tmp_path: Path
) -> None:
    """After three restarts there is one message, and no further start."""
    starts = tmp_path / "starts"
    program = tmp_path / "server.py"
    program.write_text(
        f"import sys; open({json.dumps(str(starts))}, 'a').write('x'); sys.exit(9)"
    )
    command = [sys.executable, str(program), "lsp"]
    editor = echo("x\n", command=command, attached=False)
    editor.wait(editor.messages, "message", timeout=120)
    said = "the server ended with status 9; :checkhealth codeassist"
    assert editor.messages() == [f"codeassist: {said}"]
    editor.keys(":edit! other.py<CR>iword")
    editor.wait(lambda: editor.lines() == ["word"], "typed text")
    assert starts.read_text() == "xxxx"
    assert editor.lua("return require('codeassist').state().name") == "error"


CRASH = "return require('codeassist.server').crash()"


def test_a_server_that_is_restarted_has_not_crashed(echo: Opening) -> None:
    """`:lsp restart` counts as no crash, however often."""
    editor = echo("x\n")
    newest = "return (vim.lsp.get_clients()[1] or {}).id or 0"
    for _ in range(5):
        before = editor.lua(newest)
        editor.command("lsp restart codeassist")
        editor.wait(lambda: editor.lua(newest) > before, "other server")  # noqa: B023
        ready(editor)
    assert editor.lua(CRASH) is None
    assert editor.messages() == []


@pytest.mark.parametrize(
    "stop", ["lsp stop codeassist", "lua vim.lsp.get_clients()[1]:stop(true)"]
)
def test_a_server_that_is_stopped_stays_so(echo: Opening, stop: str) -> None:
    """A server that is told to stop has not crashed, not even if it is forced to."""
    editor = echo("x\n")
    editor.lua("vim.cmd('autocmd User CodeassistStatus let g:told = 1')")
    editor.command(stop)
    editor.wait(lambda: editor.lua("return vim.g.told"), "word of its end")
    assert editor.lua(CLIENTS) == 0
    assert editor.lua(CRASH) is None
    assert editor.lua("return require('codeassist').state().text") == "no server here"
    assert editor.messages() == []


@pytest.mark.parametrize("steady", [60_000, 1], ids=["soon", "later"])
def test_a_crash_is_over_once_it_is_mended(echo: Opening, steady: int) -> None:
    """A buffer without a server does not say for good that one is restarting, and a
    server that runs for long makes its predecessor's crash forgotten."""
    editor = echo("x\n", before=f"require('codeassist.server').STEADY = {steady}")
    for process in editor.children():
        process.kill()
    editor.wait(lambda: editor.lua(CLIENTS) == 0, "end of the server")
    ready(editor)
    if steady == 1:
        editor.wait(lambda: editor.lua(CRASH) is None, "end of the crash")
    else:
        assert editor.lua(CRASH)["count"] == 1
    editor.command("enew")
    said = "no name yet: `:write NAME`"
    assert editor.lua("return require('codeassist').state().text") == said


def test_a_slow_start_holds_nobody_up(echo: Opening, tmp_path: Path) -> None:
    """Keys are taken while the server starts, and it serves when it is there."""
    gate, program = tmp_path / "gate", tmp_path / "server.py"
    program.write_text(GATED.format(gate=str(gate), echo=echo.command[-1]))
    command = [sys.executable, str(program), "lsp"]
    editor = echo("x\n", command=command, attached=False)
    editor.keys("Ay<Esc>oz<Esc>")
    editor.wait(lambda: editor.lines() == ["xy", "z"], "typed text")
    assert not editor.blocked()
    gate.touch()
    ready(editor)
    editor.keys("A!")
    assert editor.wait(editor.ghost, "ghost text") == "<!|\n>"


def test_a_server_that_hangs_at_its_start_is_started_anew(
    echo: Opening, tmp_path: Path
) -> None:
    """`:Codeassist restart` ends a server that has not said a word, and starts another."""
    begun, program = tmp_path / "begun", tmp_path / "server.py"
    program.write_text(SILENT_ONCE.format(begun=str(begun), echo=echo.command[-1]))
    command = [sys.executable, str(program), "lsp"]
    editor = echo("x\n", command=command, attached=False)
    editor.wait(begun.exists, "server that hangs")
    assert editor.lua("return require('codeassist').state().text") == "starting"
    editor.command("Codeassist restart")
    ready(editor)


def test_what_was_typed_before_the_server_came_is_asked_for(
    echo: Opening, tmp_path: Path
) -> None:
    """Ghost text comes for the last key, although nobody was there to hear it."""
    gate, program = tmp_path / "gate", tmp_path / "server.py"
    program.write_text(GATED.format(gate=str(gate), echo=echo.command[-1]))
    command = [sys.executable, str(program), "lsp"]
    editor = echo("x\n", command=command, attached=False)
    editor.keys("A1")
    editor.wait(lambda: editor.lines() == ["x1"], "typed text")
    gate.touch()
    assert editor.wait(editor.ghost, "ghost text", timeout=120) == "<1|\n>"


def test_what_was_typed_before_the_model_came_is_asked_for(
    echo: Opening, tmp_path: Path
) -> None:
    """Ghost text comes for the last key, although no model was there to complete it."""
    gate = tmp_path / "gate"
    editor = echo("x\n", attached=False, env={"ECHO_GATE": str(gate)})
    editor.wait(lambda: editor.attached("codeassist"), "server", timeout=60)
    editor.keys("A1")
    answered = "return requests[#requests] == 'complete'"
    editor.wait(lambda: editor.lua(answered), "empty answer")
    assert not editor.ghost()
    gate.touch()
    assert editor.wait(editor.ghost, "ghost text") == "<1|\n>"


def test_a_file_that_is_opened_and_typed_in_at_once(echo: Opening) -> None:
    """Keys that come in one go with the file's name have ghost text behind them."""
    editor = echo("x\n")
    editor.keys(":edit other.py<CR>i1")
    assert editor.wait(editor.ghost, "ghost text").startswith("<1|")


def test_a_hundred_buffers_have_one_server(echo: Opening, tmp_path: Path) -> None:
    """A hundred files of ten projects opened at once: one process, all attached."""
    folder = tmp_path / "project"
    for n in range(100):
        file = folder / f"p{n % 10}" / f"f{n}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / ".git").mkdir(exist_ok=True)
        file.write_text(f"x{n} = {n}\n")
    editor = echo("x\n", attached=False)
    editor.keys(":args p*/*.py | argdo edit<CR>")
    count = (
        "return vim.tbl_count((vim.lsp.get_clients()[1] or {}).attached_buffers or {})"
    )
    editor.wait(lambda: editor.lua(count) >= 100, "attached buffers", timeout=120)
    ready(editor)
    assert editor.lua(CLIENTS) == 1
    folders = editor.lua("return #vim.lsp.get_clients()[1].workspace_folders")
    assert folders >= 10
    editor.keys("GA!")
    assert editor.wait(editor.ghost, "ghost text").startswith("<!|")


def test_a_file_of_two_megabytes(echo: Opening) -> None:
    """A large file is opened and edited, whatever the server makes of it."""
    text = "".join(f"name_{n} = {n} * 2  # a line of it\n" for n in range(60_000))
    assert len(text) > 2_000_000
    editor = echo(text)
    editor.keys("GoX")
    editor.wait(lambda: editor.lua("return vim.fn.getline('$')") == "X", "typed key")
    settled = "return ({ quiet = 1, ready = 1 })[require('codeassist').state().name]"
    editor.wait(
        lambda: not pending(editor) and editor.lua(settled), "answer", timeout=60
    )


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("\t\tx = ", "< |\n>"),
        ("\tname = 'e\u0301🙂👩\u200d🔬ü' ", "< |\n>"),
        ("x = 1 #\u00a0", "<\u00a0|\n>"),
    ],
    ids=["tabs", "emoji", "blank"],
)
def test_ghost_text_stands_at_the_cursor(
    echo: Opening, before: str, shown: str
) -> None:
    """Tabs, emoji and wide blanks before the cursor move neither ghost nor text."""
    editor = echo(before + "\nend\n")
    editor.keys("A")
    assert editor.wait(editor.ghost, "ghost text") == shown
    editor.keys("<Tab>")
    first, last = (before + shown).split("\n")
    editor.wait(lambda: editor.lines() == [first, last, "end"], "accepted text")


def test_carriage_returns_stay_out(echo: Opening) -> None:
    """An answer of two lines in a file with CRLF leaves the file with CRLF alone."""
    editor = echo("crlf\r\nend\r\n")
    editor.keys("A")
    editor.wait(editor.ghost, "ghost text")
    editor.keys("<Tab>")
    editor.wait(lambda: editor.lines() == ["crlfone", "two", "end"], "accepted text")
    editor.keys("<Esc>:write<CR>")
    editor.wait(lambda: not editor.lua("return vim.bo.modified"), "saved file")
    file = Path(editor.lua("return vim.api.nvim_buf_get_name(0)"))
    assert file.read_bytes() == b"crlfone\r\ntwo\r\nend\r\n"


def test_a_buffer_that_may_not_be_changed(echo: Opening) -> None:
    """Nothing is inserted where 'modifiable' went off, and no error is shown."""
    editor = echo("x\n")
    editor.keys("A1")
    editor.wait(editor.ghost, "ghost text")
    editor.lua("vim.bo.modifiable = false; require('codeassist').accept()")
    editor.wait(lambda: not editor.ghost(), "no ghost text")
    assert editor.lines() == ["x1"]


def test_a_read_only_buffer_is_edited_all_the_same(echo: Opening) -> None:
    """'readonly' forbids writing, not editing: ghost text comes and is accepted."""
    editor = echo("x\n")
    editor.lua("vim.bo.readonly = true")
    editor.keys("A1")
    editor.wait(editor.ghost, "ghost text")
    editor.keys("<Tab>")
    editor.wait(lambda: editor.lines() == ["x1<1|", ">"], "accepted text")


def test_two_files_in_a_diff(echo: Opening) -> None:
    """Beside another version of the file ghost text comes and is accepted."""
    editor = echo("x\ny\n")
    editor.keys(":write! other.py<CR>:vertical diffsplit other.py<CR>")
    editor.wait(lambda: editor.lua("return vim.wo.diff"), "diff")
    editor.wait(lambda: editor.attached("codeassist"), "server")
    editor.keys("A1")
    editor.wait(editor.ghost, "ghost text")
    editor.keys("<Tab>")
    editor.wait(lambda: editor.lines() == ["x1<1|", ">", "y"], "accepted text")


def test_buffers_that_are_no_files_have_no_server(echo: Opening) -> None:
    """Help, quickfix, scratch and terminal buffers are not sent anywhere."""
    editor = echo("x\n")
    for command in ("help", "copen", "new | setlocal buftype=nofile | set ft=python"):
        editor.keys(f":{command}<CR>")
        editor.wait(lambda: editor.lua("return vim.bo.buftype ~= ''"), command)
        assert not editor.lua("return vim.lsp.get_clients({ bufnr = 0 })")


@pytest.mark.parametrize(
    "gone",
    ["stopinsert | quit!", "bwipeout!", "enew!", "wincmd w", "tabnew"],
)
def test_the_window_goes_in_the_middle_of_a_request(echo: Opening, gone: str) -> None:
    """Closing, wiping out or leaving the buffer of a request shows no error."""
    editor = echo("slow\n")
    editor.keys(":split<CR>:new other.py<CR>:wincmd p<CR>A")
    editor.wait(lambda: pending(editor), "request")
    editor.command(gone)
    editor.wait(lambda: not pending(editor), "end of the request", timeout=30)
    editor.keys("<Esc>:edit! last.py<CR>")
    editor.wait(lambda: editor.attached("codeassist"), "server")
    editor.keys("i1")
    editor.wait(lambda: editor.ghost().startswith("<1|"), "ghost text", timeout=60)


def test_the_window_goes_before_the_request(echo: Opening) -> None:
    """A window left within Neovim's wait asks nothing for the buffer it had."""
    editor = echo("slow\n")
    editor.keys(":new other.py<CR>:wincmd p<CR>")
    wins = "return #vim.api.nvim_list_wins() == 2 and vim.fn.winnr() == 2"
    editor.wait(lambda: editor.lua(wins), "first window")
    # in one go: the key, and a script that goes to the other window
    editor.keys("A<Cmd>wincmd w<CR>1")
    assert editor.wait(editor.ghost, "ghost text").startswith("<1|")
    assert editor.lines() == ["1"]


def test_quitting_in_the_middle_of_a_request(echo: Opening) -> None:
    """Neovim ends at once, and the server with it."""
    editor = echo("slow\n")
    editor.keys("A")
    editor.wait(lambda: pending(editor), "request")
    assert editor.children()
    assert not editor.quit()
    echo.opened.remove(editor)
