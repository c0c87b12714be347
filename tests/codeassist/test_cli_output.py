"""Where stdout takes nothing a command ends well or with one line, never with noise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codeassist import cli

FULL = Path("/dev/full")


def run(stdout, *argv, unbuffered=""):
    """Status and stderr of a command that writes to a file descriptor."""
    done = subprocess.run(
        [sys.executable, "-m", "codeassist", *argv],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.fixture
def unread():
    """A pipe that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


COMMANDS = pytest.mark.parametrize(
    "argv", [("--version",), ("--help",), ("models", "list", "--json")], ids=" ".join
)
UNBUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"])


@COMMANDS
@UNBUFFERED
def test_a_closed_pipe(unread, argv, unbuffered):
    """Who has read enough, as `head` does, is left alone."""
    assert run(unread, *argv, unbuffered=unbuffered) == (0, "")


def test_a_closed_pipe_and_an_error(unread):
    """An error keeps its line and its status where nobody reads the rest."""
    status, said = run(unread, "models", "path", "gpt")

    assert status == 3
    assert said.startswith("codeassist: ")
    assert said.count("\n") == 1


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@COMMANDS
def test_a_full_disk(argv):
    """What cannot be written is told in one line, with status 1."""
    with FULL.open("wb") as full:
        status, said = run(full, *argv)

    assert status == 1
    assert said.startswith("codeassist: stdout cannot be written (No space left")
    assert said.count("\n") == 1


@COMMANDS
def test_no_stdout(argv):
    """Without a stdout a command does what it does without one."""
    program = 'exec "$@" >&-'
    words = ("sh", "-c", program, "sh", sys.executable, "-m", "codeassist", *argv)
    done = subprocess.run(words, stderr=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_stdout_that_a_command_has_closed(monkeypatch, tmp_path):
    """A server closes its stdout at its end, and nothing is written to it any more."""
    with (tmp_path / "out").open("w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
    assert cli._flushed(0, debug=False) == 0
