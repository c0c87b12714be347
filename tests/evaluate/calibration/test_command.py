"""`codeassist evaluate calibrate` on answers that were kept."""

import argparse
import json
import random

import pytest

from codeassist.arguments.calibrating import add_calibrate
from codeassist.commands import evaluate, evaluate_calibrate
from codeassist.engine.gates import calibration
from codeassist.engine.gates.calibration import NAME, read
from codeassist.errors import ConfigError, InputError
from codeassist.evaluate.calibration.observing import (
    Observation,
    Passage,
    add_answers,
    read_answers,
    write_answers,
)

TEXT = "value = compute(first, second)"


def kept(path, n=40, seed=0, model="own.gguf"):
    """Answers of a model that knows what it knows: the likelier, the more often right."""
    dice = random.Random(seed)
    passages = []
    for number in range(n):
        observations = []
        for at in range(0, len(TEXT), 3):
            logprob = -3 * dice.random()
            right = dice.random() < (0.98 if logprob > -1 else 0.1)
            text = TEXT[at:] if right else "?!"
            observations.append(
                Observation(at, TEXT[:at], text, (logprob, -0.1), (2, len(text)))
            )
        passages.append(
            Passage(
                *(str(number), "python", TEXT, tuple(observations)),
                model=model,
                folder=str(path.parent),
            )
        )
    write_answers(passages, path)
    return path


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command over kept answers, with a model file of the user's own."""
    monkeypatch.setattr(calibration, "data_dir", lambda: tmp_path / "data")
    monkeypatch.setattr(evaluate_calibrate, "data_dir", lambda: tmp_path / "data")
    (tmp_path / "own.gguf").write_bytes(b"GGUF")

    parser = argparse.ArgumentParser()
    add_calibrate(parser.add_subparsers(dest="action", required=True))

    def call(*options, answers=None):
        answers = answers or kept(tmp_path / "answers.jsonl")
        own = ["--model", str(tmp_path / "own.gguf"), "--answers", str(answers)]
        own += ["--holes", "2"]  # there are more: the model need not be asked
        told = ["calibrate", str(tmp_path), *own, *map(str, options)]
        return evaluate.run(parser.parse_args(told))

    return call


def test_answers_are_kept(tmp_path):
    """Answers that were written are read as they were."""
    path = kept(tmp_path / "a.jsonl", 3)
    passages = read_answers(path)
    write_answers(passages, tmp_path / "b.jsonl")

    assert (tmp_path / "b.jsonl").read_bytes() == path.read_bytes()
    assert passages[0].observations[1].at == 3


def test_answers_that_were_cut_short_go_on(tmp_path):
    """What was written before an end by force counts, but for the line it ended in."""
    path = kept(tmp_path / "a.jsonl", 3)
    whole = path.read_text()
    path.write_text(whole[:-20])
    known = read_answers(path)
    write_answers(known, path)
    added = list(add_answers(read_answers(kept(tmp_path / "b.jsonl", 3))[2:], path))

    assert (len(known), len(added)) == (2, 1)
    assert path.read_text() == whole


def test_a_bound_makes_what_is_shown_better(run, tmp_path, capsys):
    """With a bound fewer suggestions are shown, and more of them are right."""
    assert run("--json", tmp_path / "table.json") == 0
    told = json.loads((tmp_path / "table.json").read_text())
    points = {each["bound"]: each for each in told["points"]}

    assert points[0.5]["shown"] < points[0.0]["shown"]
    assert points[0.0]["precision"] < 0.8 < points[0.5]["precision"]
    assert points[told["confidence"]]["wrong"] <= points[0.0]["wrong"] / 2
    assert f"completion.confidence = {told['confidence']:g}" in capsys.readouterr().out


def test_saved_for_this_model(run, tmp_path):
    """Saved calibrations are the user's own, one for each model and adapter."""
    adapted = kept(tmp_path / "adapted", model="own.gguf with x.gguf")
    run("--save")
    run("--save", "--adapter", tmp_path / "x.gguf", answers=adapted)
    run("--save")

    found = [(each.model, each.adapter) for each in read(tmp_path / "data" / NAME)]
    assert found == [("own.gguf", ""), ("own.gguf", "x.gguf")]


def test_answers_of_another_model_or_folder(run, tmp_path):
    """They are refused, as what is fitted to them would be kept under this one's name."""
    theirs = kept(tmp_path / "theirs", model="other.gguf")
    with pytest.raises(InputError, match=r"of other\.gguf, not of own\.gguf"):
        run(answers=theirs)
    with pytest.raises(InputError, match=r"of other\.gguf, not of own\.gguf"):
        run("--held-out", theirs)
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(InputError, match=r"answers of .*elsewhere, not of"):
        run(answers=kept(tmp_path / "elsewhere" / "answers"))


def test_a_picture(run, tmp_path):
    """The curve is drawn into a file of the kind that its name says."""
    others = kept(tmp_path / "others.jsonl", 20, 1)
    run("--picture", tmp_path / "curve.svg", "--held-out", others)

    assert "<svg" in (tmp_path / "curve.svg").read_text()


@pytest.mark.parametrize(
    ("option", "file", "said"),
    [
        ("--picture", "curve.nothing", "name a .png or .svg file"),
        ("--held-out", "missing.jsonl", "holds no answers"),
        ("--json", "no/such/folder/x.json", "is no folder"),
        ("--picture", "no/such/folder/x.svg", "is no folder"),
        ("--answers", "", "is a folder; name a file in it"),
    ],
)
def test_bad_files_are_one_line(run, tmp_path, monkeypatch, option, file, said):
    """What cannot be read or written is said in one line, before a model is asked."""
    monkeypatch.delattr(evaluate_calibrate, "_answers")
    with pytest.raises(InputError, match=said):
        run(option, tmp_path / file)


def test_what_is_not_installed_is_named_first(run, monkeypatch):
    """Without what measuring needs the extra that brings it is named, and nothing asked."""
    monkeypatch.delattr(evaluate_calibrate, "_answers")
    monkeypatch.setattr(evaluate, "EXTRA", ("matplotlib", "not_installed"))
    with pytest.raises(ConfigError, match=r"not_installed; .*\.\[evaluate\]"):
        run()


def test_too_few_answers(run, tmp_path):
    """A handful of answers is refused, with the option that brings more."""
    with pytest.raises(InputError, match="raise --holes"):
        run(answers=kept(tmp_path / "few", 2))


@pytest.mark.parametrize("text", ["no json\n", "{}\n", "[1]\n", '{"id": 1}\n'])
def test_damaged_answers(run, tmp_path, text):
    """A file that holds something else is named."""
    path = tmp_path / "damaged"
    path.write_text(text)

    with pytest.raises(InputError, match="holds no answers"):
        run(answers=path)
