"""`codeassist explain` shows the prompt that an editor's completion would have."""

import argparse
import json
import re

import pytest

from codeassist.arguments.completing import add_explain
from codeassist.cli import main
from codeassist.commands import explain
from codeassist.commands.complete import asked_of
from codeassist.commands.surroundings import USUAL, with_context
from codeassist.commands.told import settings_told
from codeassist.config import Settings, merge
from codeassist.engine.models import store
from codeassist.errors import InputError, ModelMissingError
from tests.conftest import absent

MODEL = "smollm2-135m"


def parsed(*argv):
    parser = argparse.ArgumentParser()
    add_explain(parser.add_subparsers())
    return parser.parse_args(["explain", *argv])


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository of two files, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "lib.py").write_text("def far_away(x):\n    return x\n")
    (tmp_path / "main.py").write_text("from lib import far_away\n\nfar_away(\n")
    try:
        store.resolve(MODEL)
    except ModelMissingError as error:
        absent(str(error))
    return tmp_path


def test_how_much_context():
    """--context takes its number, else that of the settings, else the usual one."""
    none, told = (
        merge(Settings(), {"completion": {"context_tokens": n}}, "test")
        for n in (0, 99)
    )

    def tokens(settings, *argv):
        asked = parsed("main.py:1:1", *argv).context
        return with_context(settings, asked).completion.context_tokens

    assert [tokens(none), tokens(told)] == [0, 99]
    assert [tokens(none, "--context"), tokens(told, "--context")] == [USUAL, 99]
    assert [tokens(told, "--context", n) for n in ("0", "7")] == [0, 7]


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("main.py:3:14", "write FILE:LINE:COL before --context"),
        ("-1", "'-1' is no number of tokens from 0 on"),
        ("many", "'many' is no number of tokens from 0 on"),
    ],
)
def test_no_number_of_tokens(capsys, said, hint):
    """What is no number behind --context is refused; a position is told its place."""
    assert main(["complete", "--context", said]) == 2
    assert hint in capsys.readouterr().err


@pytest.mark.model
def test_no_other_files(repository, capsys):
    """--context 0 shows none, and needs no repository."""
    (repository / ".git").rmdir()
    explain.run(parsed("main.py:3:10", "--context", "0", "--json", "--model", MODEL))
    told = json.loads(capsys.readouterr().out)

    assert told["snippets"] == []
    assert "def far_away" not in told["prompt"]


def settings_of(*argv, project):
    return settings_told(parsed("main.py:1:1", *argv), project)


def test_the_editors_settings_go_over_the_files(tmp_path):
    """What an editor tells the server counts as it does there: over the files, below
    the command line, what is null and what is between editor and plugin left out."""
    (tmp_path / ".codeassist.toml").write_text(
        '[completion]\ncontext_tokens = 99\nlines = "block"\n'
    )
    section = {
        "completion": {"lines": "one", "latency_ms": 300, "max_tokens": None},
        "model": {"n_ctx": 2048, "threads": 3},
        "trace": {"server": "off"},
        "enable": True,
    }
    told = ("--settings", json.dumps(section), "--threads", "1")
    settings = settings_of(*told, project=tmp_path)

    assert settings.completion.context_tokens == 99
    assert settings.completion.lines == "one"
    assert settings.completion.latency_ms == 300
    assert settings.completion.max_tokens == Settings().completion.max_tokens
    assert (settings.model.n_ctx, settings.model.threads) == (2048, 1)
    assert settings_of(project=tmp_path).completion.lines == "block"


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("{'completion': 1}", "--settings is no JSON (Expecting"),
        ("", "--settings is no JSON"),
        ("[1]", "is a table of tables, not [1]"),
        ('{"completions": {}}', "there is no setting 'completions'"),
        ('{"completion": {"line": "one"}}', "no setting 'completion.line'; known"),
        ('{"completion": {"lines": "some"}}', "lines is one of auto, one, block"),
    ],
)
def test_settings_that_do_not_fit(tmp_path, capsys, section, says):
    """No JSON, unknown and unfit settings are refused in one line, with status 2."""
    file = tmp_path / "a.py"
    file.write_text("x = 1\n")

    assert main(["explain", f"{file}:1:1", "--settings", section]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ((), "python"),
        (("--language", "sh"), "shellscript"),
        (("--language", ""), "python"),
    ],
)
def test_the_editors_language(tmp_path, capsys, told, name):
    """What --language says goes before the file's name, as in the server."""
    file = tmp_path / "script.py"
    file.write_text("x = 1\n")
    _, request = asked_of(parsed(f"{file}:1:1", *told))

    assert request.language.name == name
    assert capsys.readouterr().err == ""


def test_an_unknown_language(tmp_path, capsys):
    """An identifier that is not known is told in a line, and the file's name counts:
    editors name languages that we have no table of."""
    file = tmp_path / "script.py"
    file.write_text("x = 1\n")
    _, request = asked_of(parsed(f"{file}:1:1", "--language", "pyhton"))
    err = capsys.readouterr().err

    assert request.language.name == "python"
    assert "no language 'pyhton', so the file's name counts" in err
    assert "known are python, javascript" in err
    assert err.count("\n") == 1


@pytest.mark.model
@pytest.mark.parametrize(("language", "lines"), [("python", "block"), ("go", "one")])
def test_the_language_shapes_the_prompt(repository, capsys, language, lines):
    """A colon opens a block where the language says so, in a file without a name."""
    (repository / "Untitled-1").write_text("if here:\n")
    asked = ("Untitled-1:1:9", "--json", "--model", MODEL, "--language", language)
    explain.run(parsed(*asked))

    assert json.loads(capsys.readouterr().out)["lines"] == lines


@pytest.mark.model
def test_settings_shape_the_prompt(repository, capsys):
    """An editor that shows the model no other files is shown its own prompt."""
    section = {"model": {"id": MODEL}, "completion": {"context_tokens": 0}}
    explain.run(parsed("main.py:3:10", "--json", "--settings", json.dumps(section)))

    assert json.loads(capsys.readouterr().out)["snippets"] == []


@pytest.mark.parametrize("name", [".env", "kept/own.py"])
def test_what_is_never_completed_has_no_prompt(tmp_path, monkeypatch, capsys, name):
    """For secrets and what `.codeassistignore` names it says why nothing is asked."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".codeassistignore").write_text("kept/\n")
    (tmp_path / "kept").mkdir()
    (tmp_path / name).write_text("TOKEN = 1\n")

    explain.run(parsed(f"{name}:1:4"))
    assert capsys.readouterr().out == "the model is not asked here: ignored-file\n"
    explain.run(parsed(f"{name}:1:4", "--json"))
    told = json.loads(capsys.readouterr().out)
    assert told == {"reason": "ignored-file", "prompt": None}


@pytest.mark.model
def test_every_snippet_with_its_reason(repository, capsys):
    """Each snippet stands in the prompt, and says where it is from and why."""
    explain.run(parsed("main.py:3:10", "--context", "--json", "--model", MODEL))
    told = json.loads(capsys.readouterr().out)

    (snippet,) = told["snippets"]
    assert told["reason"] is None
    assert snippet["path"] == "lib.py"
    assert snippet["rows"] == [1, 2]
    assert "defines far_away" in snippet["reasons"]
    assert snippet["text"] in told["prompt"]
    assert 0 < told["tokens"]["stable"] < told["tokens"]["prompt"]


@pytest.mark.model
def test_what_is_imported_and_not_used_yet(repository, capsys):
    """The names that are favoured are told, on the page and in JSON."""
    (repository / "main.py").write_text("from lib import far_away\n\nx = \n")
    asked = ("main.py:3:5", "--context", "--model", MODEL)
    explain.run(parsed(*asked))
    assert "and so favoured: far_away" in capsys.readouterr().out
    explain.run(parsed(*asked, "--json"))
    assert json.loads(capsys.readouterr().out)["favoured"] == ["far_away"]


@pytest.mark.model
def test_a_page_without_colour(repository, capsys):
    """In a pipe there are no escapes; without other files it says how to get some."""
    file = repository / ".codeassist.toml"
    file.write_text("[completion]\ncontext_tokens = 0\n")
    explain.run(parsed("main.py:3:10", "--model", MODEL))
    page = capsys.readouterr().out

    assert "far_away(" in page
    assert "--context shows the model the repository" in page
    assert "\33" not in page


@pytest.mark.model
def test_on_a_terminal(repository, capsys, monkeypatch):
    """The same page in colour: sentinels and paths stand out, other files step back."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    asked = parsed("main.py:3:10", "--context", "--model", MODEL)
    explain.run(asked)
    plain = capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    explain.run(asked)
    page = capsys.readouterr().out

    assert re.sub("\33\\[[0-9]*m", "", page) == plain
    assert f"{explain.GREEN}lib.py{explain.PLAIN} 1-2: " in page
    assert f"{explain.DIM}" in page.partition("far_away(x)")[0]


@pytest.mark.model
def test_no_repository(repository, tmp_path):
    """Outside of a repository --context is refused in one line."""
    (repository / ".git").rmdir()
    with pytest.raises(InputError, match="lies in no git repository"):
        explain.run(parsed("main.py:3:10", "--context", "--model", MODEL))
