"""Bad input gives one line that says what to do, a status, and loses nothing."""

import io
import json
import os
import signal
import socket
import sys
from tempfile import TemporaryDirectory

import pytest

from codeassist.cli import main


@pytest.fixture
def refused(capsys):
    """Run a command that must be refused; give its one line."""

    def run(*argv, status=2):
        assert main([*map(str, argv)]) == status
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("codeassist: ")
        assert err.count("\n") == 1
        assert "Traceback" not in err
        return err

    return run


@pytest.fixture
def source(tmp_path):
    """Write a source file."""

    def write(raw, name="a.py"):
        path = tmp_path / name
        path.write_bytes(raw)
        return path

    return write


def test_missing_file(refused, tmp_path):
    """A missing file is named."""
    assert "check the name" in refused("complete", f"{tmp_path}/nope.py:1:1")


def test_folder(refused, tmp_path):
    """A folder is no source file."""
    assert "name a file in it" in refused("complete", f"{tmp_path}:1:1")


@pytest.mark.parametrize(
    ("position", "says"),
    [
        ("{}:9:1", "has 3 lines; line 9 is outside"),
        ("{}:0:1", "line 0 is outside"),
        ("{}:1:7", "has columns 1 to 6; 7 is outside"),
        ("{}:1:0", "0 is outside"),
        ("{}", "write FILE:LINE:COL"),
    ],
)
def test_position_outside(refused, source, position, says):
    """A position that is not in the file is answered with what there is."""
    path = source(b"x = 1\ny = 2\n")

    assert says in refused("complete", position.format(path))
    assert path.read_bytes() == b"x = 1\ny = 2\n"


def test_binary_file(refused, source):
    """A binary file is refused."""
    assert "binary file" in refused("complete", f"{source(b'ELF' + bytes(9))}:1:1")


def test_undecodable_file(refused, source):
    """A file in another encoding is refused with the place."""
    path = source("x = 'é'\n".encode("latin-1"))

    assert "not UTF-8 (byte 5)" in refused("complete", f"{path}:1:1")


def test_large_file(refused, source):
    """A file of 5 MB is refused before a model is loaded."""
    assert "larger than 2 MB" in refused(
        "complete", f"{source(b'x = 1 #' * 800_000)}:1:1"
    )


@pytest.mark.parametrize("raw", [b"", b"\n\n  \n"])
def test_empty_file(refused, source, raw):
    """An empty file has nothing to go on from."""
    assert "is empty" in refused("complete", f"{source(raw)}:1:1")


def test_foreign_model(refused, source):
    """A file that is no GGUF is refused as a model."""
    path = source(b"x = 1\n")

    assert "is not a GGUF file" in refused(
        "complete", f"{path}:1:1", "--model", path, status=3
    )


def test_unknown_model(refused, source):
    """An unknown model is answered with the known ones."""
    says = refused("complete", f"{source(b'x = 1')}:1:1", "--model", "gpt", status=3)

    assert "qwen2.5-coder-0.5b" in says


def test_model_that_is_not_here(refused, source, tmp_path, monkeypatch):
    """Offline without the model: one line with the command that fetches it."""
    monkeypatch.setenv("CODEASSIST_MODELS", str(tmp_path / "empty"))

    says = refused("complete", f"{source(b'x = 1')}:1:1", status=3)

    assert "run `codeassist models pull qwen2.5-coder-0.5b`" in says


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--n-ctx", "2", "model.n_ctx must be 16 or more"),
        ("--max-tokens", "-1", "above 0"),
    ],
)
def test_unfit_numbers(refused, source, option, value, says):
    """Numbers out of range are refused by name."""
    assert says in refused("complete", f"{source(b'x = 1')}:1:1", option, value)


def test_pipe(refused, tmp_path):
    """A named pipe is refused instead of being waited for."""
    os.mkfifo(tmp_path / "pipe.py")

    assert "no regular file" in refused("complete", f"{tmp_path}/pipe.py:1:1")


def test_endless_file(refused):
    """A file without end is not read to its end."""
    assert "no regular file" in refused("complete", "/dev/zero:1:1")


def test_closed_stdin(refused, monkeypatch):
    """A closed stdin is said so."""
    monkeypatch.setattr("sys.stdin", None)

    assert "stdin is closed" in refused("complete", "--stdin", "1:1")


def test_absurd_line_number(refused, source):
    """A number of a thousand digits is no position."""
    path = source(b"x = 1\n")

    assert "no position" in refused("complete", f"{path}:1:{'9' * 5000}")


def test_broken_project_file(refused, source, tmp_path):
    """A project file with a mistake is named."""
    (tmp_path / ".codeassist.toml").write_text("[model]\nctx = 1\n")

    assert "no setting 'model.ctx'" in refused("complete", f"{source(b'x = 1')}:1:1")


def test_port_taken(refused):
    """A port that another process listens on is said so, and left alone."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        says = refused("lsp", "--tcp", "--port", port, status=1)

    assert f"port {port} is taken" in says


def test_unwritable_log(refused, tmp_path):
    """A log that cannot be written is named."""
    (tmp_path / "file").write_text("")

    assert "name another file" in refused("lsp", "--log", tmp_path / "file" / "x.log")


def test_debug_shows_the_traceback(tmp_path, capsys):
    """With --debug the traceback is there, too."""
    main(["complete", f"{tmp_path}/nope.py:1:1", "--debug"])

    assert "Traceback" in capsys.readouterr().err


def test_usage_error_is_argparse(capsys):
    """An unknown command shows the usage and ends with 2."""
    assert main(["complet"]) == 2
    assert "usage:" in capsys.readouterr().err


def test_doctor_tells_of_a_configuration_that_cannot_be_read(
    tmp_path, monkeypatch, capsys
):
    """Where the configuration folder is refused, --json is still JSON that says so."""
    monkeypatch.setattr("codeassist.config.config_dir", lambda: tmp_path / ("x" * 300))

    assert main(["doctor", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert "config.toml cannot be read" in report["findings"][-1]["what"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_json_in_any_locale(monkeypatch, encoding):
    """What --json prints can be read whatever encoding stdout has."""
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding))
    assert main(["doctor", "--json", "--model", "é🙂"]) == 1
    sys.stdout.flush()

    assert "é🙂" in json.loads(raw.getvalue())["findings"][-1]["what"]


@pytest.fixture
def deleted(tmp_path, monkeypatch):
    """The working folder is deleted while the command is run in it."""
    folder = tmp_path / "deleted"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()


@pytest.mark.parametrize("command", ["adapters rollback", "tune"])
def test_a_deleted_working_folder(refused, deleted, command):
    """A working folder that is gone is said so, with what to do."""
    assert "change into one that is there" in refused(*command.split())


def test_doctor_in_a_deleted_working_folder(deleted, capsys):
    """doctor finds that the working folder is gone, in its JSON, too."""
    assert main(["doctor", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)

    assert "the working folder has been deleted" in report["findings"][-1]["what"]


def test_an_error_of_the_system(refused, monkeypatch):
    """What the system refuses is told with the file where it names one, else without."""

    def refuse(*names):
        def fail(_args):
            raise OSError(28, "No space left on device", *names)

        monkeypatch.setattr("codeassist.commands.models.run", fail)
        return refused("models", "list", status=1)

    assert "No space left on device: a.gguf; --debug" in refuse("a.gguf")
    assert "No space left on device; --debug" in refuse()


@pytest.mark.parametrize(
    ("command", "extra"), [("models list", "train"), ("evaluate set x", "evaluate")]
)
def test_what_is_not_installed(refused, monkeypatch, command, extra):
    """A package that is not there is named, with the extra that brings it."""

    def missing(_args):
        raise ModuleNotFoundError(name="rapidfuzz")

    monkeypatch.setattr(f"codeassist.commands.{command.split()[0]}.run", missing)
    says = refused(*command.split(), status=1)

    assert f"rapidfuzz is not installed; run pip install -e '.[{extra}]' in" in says


def test_interrupt(monkeypatch, capsys):
    """Ctrl-C ends with 130 and one line."""

    def interrupted(_args):
        raise KeyboardInterrupt

    import codeassist.commands.models as command

    monkeypatch.setattr(command, "run", interrupted)

    assert main(["models", "list"]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert sys.exc_info() == (None, None, None)


def test_terminate(monkeypatch, tmp_path):
    """SIGTERM ends with 143, and what a command does at its end is done."""

    def terminated(_args):
        with TemporaryDirectory(dir=tmp_path):
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("codeassist.commands.models.run", terminated)

    assert main(["models", "list"]) == 143
    assert not [*tmp_path.iterdir()]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
