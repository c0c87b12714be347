"""The `codeassist` program as tests hand it to VS Code: what it is, a file says.

    python program.py CONTROL ARGUMENTS...

CONTROL is JSON: ``server`` is ``echo`` (`tests/lsp/echo_server.py`), ``real`` or
``crash`` (it ends at once), ``env`` what is set for the server, ``version`` what it
says of itself, ``log`` a file that gets one JSON object for each message that passes
and each other command.
All commands but ``lsp`` and ``--version`` are the real ones.
"""

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO

ECHO = Path(__file__).parents[2] / "lsp" / "echo_server.py"
OTHER_VERSION = "import codeassist, runpy, sys; codeassist.__version__ = sys.argv[1]; runpy.run_path(sys.argv[2], run_name='__main__')"
LENGTH = re.compile(rb"Content-Length: (\d+)", re.IGNORECASE)


def main(control: dict[str, object], arguments: list[str]) -> int:
    version = control.get("version")
    if arguments == ["--version"] and version:
        sys.stdout.write(f"codeassist {version}\n")
        return 0
    env = {**os.environ, **control.get("env", {})}
    if arguments[:1] != ["lsp"]:
        note(Path(control["log"]), {"ran": arguments})
        real = [sys.executable, "-m", "codeassist", *arguments]
        return subprocess.run(real, env=env, check=False).returncode
    if control["server"] == "crash":
        return 1
    command = [sys.executable, "-m", "codeassist", *arguments]
    if control["server"] == "echo":
        command = [sys.executable, str(ECHO)]
    if version:
        command = [sys.executable, "-c", OTHER_VERSION, version, str(ECHO)]
    return serve(command, env, Path(control["log"]))


def serve(command: list[str], env: dict[str, str], log: Path) -> int:
    """Run the server behind a tap on both directions."""
    server = subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    note(log, {"pid": server.pid})
    client = threading.Thread(
        target=pass_on,
        args=(sys.stdin.buffer, server.stdin, log, "client"),
        daemon=True,
    )
    client.start()
    pass_on(server.stdout, sys.stdout.buffer, log, "server")
    return server.wait()


def pass_on(source: BinaryIO, target: BinaryIO, log: Path, who: str) -> None:
    """Copy messages until there are no more, and close the other end."""
    try:
        while body := one_message(source):
            note(log, {who: json.loads(body)})
            target.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            target.flush()
        target.close()
    except (OSError, ValueError):  # the other end is gone
        pass


def one_message(source: BinaryIO) -> bytes:
    """The body of the next message; empty: there is none."""
    length = 0
    while (line := source.readline()).strip():
        if found := LENGTH.match(line):
            length = int(found[1])
    return source.read(length) if line else b""


def note(log: Path, entry: dict[str, object]) -> None:
    """A line for the test; one write, so that two threads do not mix."""
    with log.open("ab", buffering=0) as file:
        file.write(json.dumps(entry).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2:]))
