"""`codeassist lsp` itself: how it ends, its port, and one session over TCP."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from codeassist.cli import main
from codeassist.config import Settings
from codeassist.lsp import make_server, tcp
from tests.lsp.client import DEADLINE, connected

HERE = "127.0.0.1"


def served(folder):
    """The command of a server without a model, whose log lies in a folder."""
    model, log = str(folder / "none.gguf"), str(folder / "log")
    command = [sys.executable, "-m", "codeassist", "lsp"]
    return [*command, "--model", model, "--log", log]


def own(folder):
    """An environment without the user's settings."""
    return {"XDG_CONFIG_HOME": str(folder)}


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
async def test_signals_end_the_process(number, status, tmp_path):
    """SIGINT and SIGTERM end a server whose client says nothing more."""
    async with connected(served(tmp_path), env=own(tmp_path), wait=False) as client:
        client.process.send_signal(number)

        assert await client.ended() == status
    assert "Traceback" not in client.stderr


@pytest.mark.parametrize(
    ("how", "status"), [("shutdown", 0), ("exit", 1), ("end of stdin", 0)]
)
async def test_last_word(how, status, tmp_path):
    """Who says `exit` without `shutdown` has failed, and its server's status says so."""
    async with connected(served(tmp_path), env=own(tmp_path), wait=False) as client:
        if how == "shutdown":
            await client.lsp.shutdown_async(None)
        if how == "end of stdin":
            client.process.stdin.close()
        else:
            client.lsp.exit(None)

        assert await client.ended() == status
    assert "Traceback" not in client.stderr


@pytest.mark.parametrize("port", ["0", "-1", "99999"])
def test_port_that_is_none(port, capsys):
    """A port that cannot be is refused in one line."""
    assert main(["lsp", "--tcp", f"--port={port}"]) == 2
    assert capsys.readouterr().err == (
        f"codeassist: --port is from 1 to 65535, not {port}\n"
    )


def test_bad_option_of_the_command_line(capsys):
    """A setting of the command line that does not fit is refused in one line."""
    assert main(["lsp", "--threads=-1"]) == 2
    assert "model.threads must be 0 or more" in capsys.readouterr().err


def test_broken_file_and_a_command(tmp_path, monkeypatch, capsys):
    """What the server only warns of still stops a command."""
    monkeypatch.setattr("codeassist.config.config_dir", lambda: tmp_path)
    (tmp_path / "config.toml").write_text("[model\n")
    file = tmp_path / "a.py"
    file.write_text("a = \n")

    assert main(["complete", f"{file}:1:5"]) == 2
    assert "config.toml is not valid TOML" in capsys.readouterr().err


def message(**parts):
    """A message with its header."""
    body = json.dumps({"jsonrpc": "2.0", **parts})
    return f"Content-Length: {len(body)}\r\n\r\n{body}".encode()


async def read(reader):
    """The next message."""
    header = await reader.readuntil(b"\r\n\r\n")
    length = int(header.split(b"\r\n")[0].removeprefix(b"Content-Length: "))
    return json.loads(await reader.readexactly(length))


async def reach(port):
    """A connection, as soon as somebody listens."""
    while True:
        try:
            return await asyncio.open_connection(HERE, port)
        except ConnectionRefusedError:
            await asyncio.sleep(0)


@asynccontextmanager
async def listening():
    """The port of a server for one session, which has ended at the end."""
    with socket.create_server((HERE, 0)) as free:
        port = free.getsockname()[1]
    server = make_server(Settings(), lambda _settings, _tell: None)
    serving = asyncio.create_task(tcp._serve(server, HERE, port))
    async with asyncio.timeout(DEADLINE):
        yield port
        await serving


async def leave(writer):
    """Close a connection."""
    writer.close()
    await writer.wait_closed()


async def test_second_client_is_refused():
    """A second TCP client cannot take over the first one's session."""
    async with listening() as port:
        reader, writer = await reach(port)
        writer.write(message(id=1, method="initialize", params={"capabilities": {}}))
        assert (await read(reader))["id"] == 1

        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(HERE, port)
        writer.write(message(id=2, method="shutdown"))
        assert (await read(reader))["id"] == 2
        await leave(writer)


ENDLESS = b"x" * 200_000


@pytest.mark.parametrize(
    "said", [b"", b"Content-", ENDLESS], ids=["nothing", "half a line", "no end"]
)
async def test_who_only_looks_at_the_port(said):
    """A connection that says no line is no session: the next client has it."""
    async with listening() as port:
        reader, writer = await reach(port)
        writer.write(said)
        writer.write_eof()
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        with contextlib.suppress(ConnectionError):
            await leave(writer)
        reader, writer = await reach(port)
        hello = message(id=1, method="initialize", params={"capabilities": {}})
        writer.write(hello.replace(b"Content-Length", b"content-length"))

        assert (await read(reader))["id"] == 1
        await leave(writer)


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (message(id=1, method="shutdown")[:-3], []),
        (b"\n" + ENDLESS, ["the client speaks no LSP: a line of it has no end"]),
    ],
    ids=["half a message", "no end"],
)
async def test_a_client_that_breaks_off(said, logged, caplog):
    """Half a message, or a line without an end, ends the session and is no error."""
    async with listening() as port:
        _, writer = await reach(port)
        writer.write(said)
        with contextlib.suppress(ConnectionError):
            await leave(writer)

    told = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [each.getMessage() for each in told] == logged


def logged(*lines, env=None, log=None):
    """What a process that logs as the server does writes on stderr."""
    code = (
        "import logging\n"
        "from codeassist.commands.lsp import _log_to\n"
        f"_log_to({log!r}, verbose=False)\n"
    )
    command = [sys.executable, "-c", code + "\n".join(lines)]
    env = {**os.environ, **(env or {})}
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=env
    ).stderr


def test_what_the_watch_complains_of_is_in_the_log_alone(tmp_path):
    """watchdog's errors at its end, which harm nothing, do not reach the editor."""
    log = tmp_path / "lsp.log"
    stderr = logged(
        "logging.getLogger('watchdog.observers').error('late')",
        "logging.getLogger('codeassist.lsp').error('ours')",
        log=str(log),
    )

    assert "late" in log.read_text("utf-8")
    assert "ours" in stderr
    assert "late" not in stderr


def test_a_log_folder_that_cannot_be_written_does_not_end_the_server(tmp_path):
    """Where nobody has named a log, the usual one may be missing: it is said once."""
    (tmp_path / "file").touch()
    stderr = logged(
        "logging.getLogger('watchdog.observers').error('late')",
        "logging.getLogger('codeassist.lsp').info('quiet')",
        "logging.getLogger('codeassist.lsp').error('ours')",
        env={"XDG_STATE_HOME": str(tmp_path / "file")},
    )
    said, ours = stderr.splitlines()

    assert "lsp.log cannot be written (Not a directory)" in said
    assert ours.endswith("ERROR ours")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has /dev/full")
def test_a_full_disk_is_no_trace_for_each_line():
    """What cannot be written into the log is lost there, and stderr is as ever."""
    stderr = logged(
        "logging.getLogger('codeassist.lsp').info('quiet')",
        "logging.getLogger('codeassist.lsp').error('ours')",
        log="/dev/full",
    )

    assert stderr.endswith("ERROR ours\n")
    assert stderr.count("\n") == 1
