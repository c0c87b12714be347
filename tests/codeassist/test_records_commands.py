"""`codeassist why`, `replay` and `stats` read what the server has recorded."""

import argparse
import json
import time
from types import SimpleNamespace

import pytest

from codeassist.arguments.records import add_replay, add_stats, add_why
from codeassist.commands import learned, lsp_model, replay_request, stats, why
from codeassist.commands.lsp_switching import Switching
from codeassist.config import Settings, merge
from codeassist.engine import Answer, Completion, Silence, Stop, Timings
from codeassist.engine.models import store
from codeassist.errors import InputError, ModelMissingError
from codeassist.records import (
    Checked,
    Figures,
    Recorder,
    RecordsError,
    Shown,
    Taken,
    Texts,
    records_file,
)
from codeassist.records.entries import Snippet
from tests.codeassist.records.entries import asked
from tests.conftest import absent

MODEL = "smollm2-135m"
TODAY = time.strftime("%Y-%m-%d")


def parsed(*argv):
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    for add in (add_replay, add_stats, add_why):
        add(commands)
    return parser.parse_args(argv)


def located():
    """The smallest model; skips, or in CI fails, where it is not here."""
    try:
        store.resolve(MODEL)
    except ModelMissingError as error:
        absent(str(error))


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The user's records: of three requests, one of them accepted."""
    path = tmp_path / "records.sqlite3"
    for module in (why, stats, replay_request, learned):
        monkeypatch.setattr(module, "records_file", lambda: path)
    now = time.time()
    recorder = Recorder(path)
    snippet = Snippet("lib.py", ("defines f", "imported"), 20)
    cost = {"prompt_ms": 30.0, "first_token_ms": 55.0, "total_ms": 140.0}
    cost |= {"queue_ms": 2.0, "reused": 500, "evaluated": 8, "generated": 12}
    for entry in (
        asked("aa11", at=now, reason="mid-word", characters=0),
        asked(
            "bb22",
            at=now,
            **cost,
            logprob=-0.25,
            chance=0.8,
            snippets=(snippet,),
            texts=Texts("def f(a, b):\n    return a", "\n", " + b"),
        ),
        asked("cc33", at=now, recalled=True, total_ms=1.0),
        Shown("bb22", now, "python", 4),
        Shown("old", now - 9 * 86_400, "go", 7),
        Taken("bb22", now, 4, whole=True, how="command"),
        Checked("bb22", 30, " + b", "return a + b"),
    ):
        recorder.add(entry)
    recorder.join()
    return path


def test_why(file, capsys):
    """One line for each request says what came of it, why and when."""
    assert why.run(parsed("why")) == 0
    first, second, third = capsys.readouterr().out.splitlines()

    assert first.startswith(f"aa11  {TODAY}")
    assert first.endswith("a.py:3:5  mid-word, 0 ms")
    assert second.endswith(
        "a.py:3:5  5 characters at -0.25 nats, 80% sure (accepted), 140 ms (queue 2, prompt 30, "
        "first token 55), 500+8 tokens, 12 generated; shown: lib.py (defines f)"
    )
    assert third.endswith("a.py:3:5  5 characters recalled, 1 ms")


def test_why_as_json(file, capsys):
    """--json gives one object a line with all fields, and never the text."""
    why.run(parsed("why", "-n", "2", "--json"))
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [each["id"] for each in told] == ["bb22", "cc33"]
    assert told[0]["snippets"][0]["reasons"] == ["defines f", "imported"]
    assert (told[0]["taken"], told[0]["evaluated"]) == (True, 8)
    assert "texts" not in told[0]


def test_why_of_all(file, capsys):
    """However many requests are asked for, those that there are are listed."""
    assert why.run(parsed("why", "-n", "9" * 20)) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_stats(file, capsys):
    """Figures by language and day, and of all; --days leaves older ones out."""
    assert stats.run(parsed("stats", "--days", "2")) == 0
    lines = capsys.readouterr().out.splitlines()

    gate = lines.pop()
    assert gate == (
        "echo: 1 of 1 taken of those with a known chance; the gate learns from 200 "
        "shown and 30 taken"
    )
    assert [line.split()[0] for line in lines[1:]] == ["python", TODAY, "all"]
    assert lines[0].split()[:4] == ["shown", "accepted", "partly", "characters"]
    for line in lines[1:]:
        cells = ["1", "1", "(100%)", "0", "4", "1/1", "0/0", "0/0", "0/0"]
        assert line.split()[1:] == cells


def many(file, chances):
    """The records of many suggestions, of which the surest were taken."""
    now = time.time()
    recorder = Recorder(file)
    for n, chance in enumerate(chances):
        recorder.add(asked(f"n{n}", at=now, chance=chance))
        recorder.add(Shown(f"n{n}", now, "python", 4))
        if chance > 0.9:
            recorder.add(Taken(f"n{n}", now, 4, whole=True, how="command"))
    recorder.join()


def test_what_the_gate_learned(file, capsys):
    """Whoever takes nothing but what is sure has a stricter gate, and is told so."""
    many(file, [0.7, 0.95] * 150)
    stats.run(parsed("stats"))
    told = capsys.readouterr().out.splitlines()[-1]

    assert "151 of 301 taken" in told
    shift = learned.shift_for(Settings(), "echo", "")
    assert -0.6 <= shift < -0.1
    assert f"a shift of {shift:+.2f}" in told


def test_the_gate_learns_nothing(file, tmp_path, monkeypatch):
    """Without records, with none yet and of another model the gate stays as it is."""
    many(file, [0.7, 0.95] * 150)
    off = merge(Settings(), {"records": {"enabled": False}}, "test")

    assert learned.shift_for(off, "echo", "") == 0
    assert learned.shift_for(Settings(), "echo", "mine") == 0
    monkeypatch.setattr(learned, "records_file", lambda: tmp_path / "none")
    assert learned.shift_for(Settings(), "echo", "") == 0


@pytest.mark.model
def test_the_server_uses_what_was_learned(file, monkeypatch):
    """The model that the server opens, and the same one adjusted, have the shift."""
    located()
    monkeypatch.setattr(lsp_model, "shift_for", lambda _all, model, _own: len(model))
    settings = merge(Settings(), {"model": {"id": MODEL}}, "test")
    runtime = lsp_model.opened(settings)
    adjusted = Switching().adjusted(runtime, settings)

    for each in (runtime, adjusted):
        calibration = each.completer._gates._confidence.calibration
        assert calibration.shift == len(MODEL)


def test_stats_as_json(file, capsys):
    """--json gives the same figures to a script."""
    stats.run(parsed("stats", "--json"))
    told = json.loads(capsys.readouterr().out)

    assert list(told["languages"]) == ["python", "go"]
    assert len(told["days"]) == 2
    assert told["all"] == {
        "shown": 2,
        "accepted": 1,
        "partly": 0,
        "characters": 4,
        "still": {"30": [1, 1], "90": [0, 0], "180": [0, 0], "360": [0, 0]},
    }


@pytest.mark.parametrize(
    ("name", "magic"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml")]
)
def test_picture(file, tmp_path, capsys, name, magic):
    """--plot draws the days into a file, and nothing else lies beside it."""
    picture = tmp_path / "pictures" / name
    picture.parent.mkdir()
    stats.run(parsed("stats", "--plot", str(picture)))

    assert picture.read_bytes().startswith(magic)
    assert list(picture.parent.iterdir()) == [picture]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (".", "is a folder; name a file in it"),
        ("absent/a.png", "absent is no folder; make it first"),
    ],
)
def test_no_place_for_a_picture(file, tmp_path, capsys, name, says):
    """Where --plot cannot draw, its own name is told, before there is a table."""
    folder = tmp_path / "a.png"
    folder.mkdir()
    with pytest.raises(InputError, match=says) as refused:
        stats.run(parsed("stats", "--plot", str(folder / name)))

    assert str(folder) in str(refused.value)
    assert capsys.readouterr().out == ""
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("path", ["folder.png", "absent/a.png"])
def test_a_picture_that_cannot_be_kept(tmp_path, path):
    """A picture whose place is gone when it is drawn is told by its own name."""
    from codeassist.commands.stats_plot import draw_days

    (tmp_path / "folder.png").mkdir()
    days = {TODAY: Figures(shown=2, accepted=1, partly=0, characters=4)}
    with pytest.raises(InputError, match=f"{path} cannot be written"):
        draw_days(days, tmp_path / path)

    assert [each.name for each in tmp_path.iterdir()] == ["folder.png"]


@pytest.mark.parametrize(
    ("argv", "error"),
    [
        (("why", "-n", "0"), "-n must be above 0"),
        (("stats", "--days", "-3"), "--days must be above 0"),
        (("stats", "--plot", "a.txt"), "--plot draws .png"),
        (("replay", "zz"), "no request begins with 'zz'"),
        (("replay", "aa"), "the text of request aa is not kept"),
    ],
)
def test_bad_input(file, argv, error):
    """What cannot be is refused in a line that says what to do."""
    run = {"why": why.run, "stats": stats.run, "replay": replay_request.run}
    with pytest.raises(InputError, match=error):
        run[argv[0]](parsed(*argv))


def test_nothing_to_draw(file, tmp_path):
    """Without a suggestion there is no picture, and a line that says so."""
    file.unlink()
    recorder = Recorder(file)
    recorder.add(asked("aa11"))
    recorder.join()
    with pytest.raises(InputError, match="nothing to draw"):
        stats.run(parsed("stats", "--plot", str(tmp_path / "a.png")))


def test_nothing_recorded(file, capsys):
    """Before anything was recorded the commands say how to come to records."""
    file.unlink()
    with pytest.raises(RecordsError, match="nothing is recorded yet"):
        why.run(parsed("why"))
    with pytest.raises(RecordsError, match="nothing is recorded yet"):
        stats.run(parsed("stats"))


def test_where_records_lie(tmp_path, monkeypatch):
    """The file lies in the user's data folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert records_file() == tmp_path / "codeassist" / "records.sqlite3"


@pytest.mark.parametrize("same", [True, False])
def test_replay(file, monkeypatch, capsys, same):
    """A request is asked again, and the answer compared with the one of then."""
    requests = []

    def complete(request):
        requests.append(request)
        timings = Timings(10.0, 20.0, 30.0, 0, 40, 5)
        if same:
            return Answer((Completion(" + b", Stop.RULE),), timings=timings)
        return Answer(silence=Silence.NOTHING_TO_ADD, timings=timings)

    completer = SimpleNamespace(complete=complete, context=None)
    runtime = SimpleNamespace(completer=completer, model="today's")
    monkeypatch.setattr(replay_request, "open_runtime", lambda _settings: runtime)
    assert replay_request.run(parsed("replay", "bb")) == 0
    out, err = capsys.readouterr()

    (request,) = requests
    assert (request.before, request.after) == ("def f(a, b):\n    return a", "\n")
    assert (request.path, request.language.name) == ("a.py", "python")
    assert "today's: 40 tokens of prompt in 10 ms, 5 generated, 30 ms in all" in err
    assert "(then echo: 508 tokens, 140 ms)" in err
    if same:
        assert (out, err.splitlines()[0]) == (" + b\n", "the same answer")
    else:
        assert out == "nothing to insert: nothing-to-add\n"
        assert err.startswith("not the same: ' + b'\n")
    replay_request.run(parsed("replay", "bb22", "--json"))
    told = json.loads(capsys.readouterr().out)
    assert (told["same"], told["then"]["text"]) == (same, " + b")


@pytest.mark.model
def test_replay_by_the_model(file, capsys):
    """The real model answers a recorded request."""
    located()
    replay_request.run(parsed("replay", "bb22", "--json", "--model", MODEL))
    told = json.loads(capsys.readouterr().out)

    assert told["model"] == MODEL
    assert told["prompt_tokens"] > 5
    assert told["text"] or told["reason"]
