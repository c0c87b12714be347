"""`codeassist train` that goes on: interrupted, killed, prolonged, its sources changed."""

import json
import shlex
import shutil
import signal
from types import SimpleNamespace

import pytest

from codeassist.commands import train, train_plan
from codeassist.errors import DiskSpaceError, TrainingError
from codeassist.training.log import read_log
from tests.codeassist.train.conftest import LORA, RECIPE


@pytest.fixture
def stopped(go, monkeypatch):
    """Runs a recipe that Ctrl-C ends in a step, the third if no other is named."""

    def run(text, *words, at=3):
        said = train._said

        def interrupting(step, speed):
            if step.step == at:
                signal.raise_signal(signal.SIGINT)
            return said(step, speed)

        with monkeypatch.context() as patch:
            patch.setattr(train, "_said", interrupting)
            assert go(text, *words) == 130

    return run


def test_interrupted(go, stopped, tmp_path, capsys):
    """Ctrl-C saves and says how to go on; the curve is that of one run, no doubles."""
    assert go(LORA, out="whole") == 0
    stopped(LORA)
    assert f"--out {tmp_path / 'out'}" in capsys.readouterr().err
    assert len(read_log(tmp_path / "out")) == 3

    assert go(LORA) == 0
    curves = [
        [(step["step"], step["loss"]) for step in read_log(tmp_path / name)]
        for name in ("whole", "out")
    ]
    assert curves[0] == curves[1]


def test_the_way_on_is_the_whole_command(stopped, made, tmp_path, capsys, monkeypatch):
    """What is printed makes the same products by the same processes."""
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    stopped(RECIPE, "--gguf", "F16", "--json", "--set", "loop.keep=1")
    said = capsys.readouterr().err.partition("go on with: ")[2].splitlines()[0]

    assert shlex.split(said) == [
        *("torchrun", "--nproc-per-node", "2", "-m", "codeassist"),
        *("train", str(made / "recipe.toml"), "--out", str(tmp_path / "out")),
        *("--set", "loop.keep=1", "--gguf", "F16", "--json"),
    ]


def test_log_after_a_kill(go, tmp_path):
    """Steps that were logged but not saved come once in the log, not twice."""
    assert go(RECIPE) == 0
    out = tmp_path / "out"
    log = out / "log.jsonl"
    shutil.rmtree(out / "state" / "step-00000004")
    log.write_text(log.read_text() + '{"step": 5, "lo')

    assert go(RECIPE) == 0
    assert [step["step"] for step in read_log(out)] == [1, 2, 3, 4]


@pytest.fixture
def edited(made):
    """The code has another file for a while."""
    extra = made / "code" / "extra.py"
    yield lambda: extra.write_text("x = 1\n" * 50)
    extra.unlink()


def test_rows_are_made_once(go, edited, tmp_path):
    """Equal sources keep the rows of a run that has saved nothing; others make new ones."""
    index = tmp_path / "out" / "rows" / "learned" / "rows.json"
    numbers = set()
    for change in (None, None, edited):
        if change:
            change()
        go(RECIPE)
        numbers.add(index.stat().st_ino)
        shutil.rmtree(tmp_path / "out" / "state")
        assert len(numbers) == 1 + (change is not None)


def test_sources_that_change_stop_no_run(go, edited, tmp_path, capsys):
    """A run goes on with the rows that it began with, and its result is the same."""
    go(LORA, "--steps", "6", out="whole")
    go(LORA)
    edited()
    capsys.readouterr()
    assert go(LORA, "--steps", "6") == 0

    assert "going on with the rows of step 1" in capsys.readouterr().err
    losses = [
        [step["loss"] for step in read_log(tmp_path / name)]
        for name in ("whole", "out")
    ]
    assert losses[0] == losses[1]
    assert "steps = 6" in (tmp_path / "out" / "recipe.toml").read_text()


def test_a_finished_run_is_exported_without_its_sources(go, edited, tmp_path):
    """A GGUF can be asked for later, whatever has become of the code."""
    go(RECIPE)
    edited()
    assert go(RECIPE, "--gguf", "F16") == 0
    assert (tmp_path / "out" / "model.gguf").is_file()


def test_a_nearly_full_disk(go, made, tmp_path, monkeypatch):
    """What a run has written needs no room again: it goes on, and is exported."""
    go(RECIPE, "--set", "loop.keep=3", "--set", "loop.save_every=1")
    weights = (made / "base" / "model.safetensors").stat().st_size
    for steps, times in (
        ("5", 4.5),
        ("5", 1.5),
    ):  # a state and the product; the product
        free = SimpleNamespace(free=times * weights)
        monkeypatch.setattr(train_plan.shutil, "disk_usage", lambda _, free=free: free)
        assert go(RECIPE, "--set", "loop.keep=3", "--steps", steps) == 0
    with pytest.raises(DiskSpaceError, match="MB are free"):
        go(RECIPE, out="another")


def test_rows_of_another_recipe_are_kept(go, tmp_path):
    """A recipe that would make others is refused before the run's own are lost."""
    go(RECIPE)
    with pytest.raises(
        TrainingError, match="data, length changed; put the recipe back"
    ):
        go(RECIPE, "--set", "data.length=64")
    assert go(RECIPE, "--steps", "5") == 0
    assert "length = 128" in (tmp_path / "out" / "recipe.toml").read_text()


def test_killed_while_the_recipe_is_written(go, tmp_path):
    """What is left of a recipe is no reason to refuse the folder."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".recipe.toml.a1b2.toml").touch()
    assert go(RECIPE) == 0


def test_runs_beside_their_code_learn_no_output(go, made, tmp_path):
    """With the default sources neither the recipe nor an earlier run is learned."""
    beside = RECIPE.replace('sources = ["code"]\n', "").replace("0.2", "0")
    digests = set()
    for name in ("one", "two"):
        assert go(beside, out=made / "runs" / name) == 0
        rows = json.loads((made / "runs" / name / "rows/learned/rows.json").read_text())
        digests.add(rows["about"]["key"])
    assert len(digests) == 1
