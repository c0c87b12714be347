"""`codeassist train` that goes on: interrupted, killed, prolonged, its sources changed."""

import shlex
import shutil
import signal

import pytest

from codeassist.commands import train
from codeassist.errors import TrainingError
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


def test_rows_are_made_once(go, made, tmp_path):
    """Equal sources and data keep their rows; a changed file makes new ones."""
    index = tmp_path / "out" / "rows" / "learned" / "rows.json"
    go(RECIPE)
    first = index.stat().st_ino
    go(RECIPE, "--steps", "5")
    assert index.stat().st_ino == first

    extra = made / "code" / "extra.py"
    extra.write_text("x = 1\n")
    try:
        with pytest.raises(TrainingError, match="the rows changed"):
            go(RECIPE, "--steps", "6")
    finally:
        extra.unlink()
    assert index.stat().st_ino != first
