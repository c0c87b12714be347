"""What a journal is tied to: the code that answers, and the bytes of the weights."""

import os
import shutil
from pathlib import Path

import pytest

import codeassist
from codeassist.errors import ModelFileError
from codeassist.evaluate.fingerprint import of_code, of_weights

PACKAGE = Path(codeassist.__file__).parent


@pytest.fixture
def copy(tmp_path):
    """A copy of the package, links followed."""
    ignored = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(PACKAGE, tmp_path / "codeassist", ignore=ignored)


def test_a_copy_is_the_same_code(copy):
    """Where the package lies, and what Python has compiled, does not matter."""
    (copy / "engine" / "__pycache__").mkdir()
    (copy / "engine" / "__pycache__" / "a.pyc").write_bytes(b"compiled")
    assert of_code(copy) == of_code()


@pytest.mark.parametrize(
    "name",
    [
        "engine/completer.py",
        "engine/decode/sampling.py",
        "fim/prompt.py",
        "evaluate/scores/metrics.py",
        "evaluate/holes/queries/python.scm",
        "languages.py",
    ],
)
def test_another_answer_is_other_code(copy, name):
    """A changed line, and a file that goes, in a room that answers or scores."""
    source = copy / name
    source.write_text(source.read_text() + "\n")
    changed = of_code(copy)
    source.unlink()
    assert len({of_code(), changed, of_code(copy)}) == 3


@pytest.mark.parametrize(
    "name",
    ["training/presets.py", "evaluate/report/table.py", "lsp/server.py", "cli.py"],
)
def test_what_answers_nothing_does_not_count(copy, name):
    """A journal outlives work on what neither fills holes nor scores."""
    (copy / name).write_text("")
    assert of_code(copy) == of_code()


def test_a_peers_answers_outlive_work_on_our_engine(copy):
    """What is named does not count, all else does."""
    named = {"engine", "fim"}
    (copy / "engine" / "completer.py").write_text("")
    assert of_code(copy, without=named) == of_code(without=named)
    (copy / "evaluate" / "systems" / "llama_vim.py").write_text("")
    assert of_code(copy, without=named) != of_code(without=named)


def test_what_a_training_has_made_does_not_outlive_the_trainer(copy):
    """What is named in addition counts as well as what always does."""
    named = {"training", "finetune"}
    before = of_code(copy, also=named)
    assert before != of_code(copy)
    changed = {before}
    for name in (
        "training/checkpoint.py",
        "finetune/judging.py",
        "engine/completer.py",
    ):
        with (copy / name).open("a") as source:
            source.write("\n")
        changed.add(of_code(copy, also=named))
    assert len(changed) == 4
    (copy / "lsp" / "server.py").write_text("")
    assert of_code(copy, also=named) in changed


def test_weights_are_known_by_size_and_time(tmp_path):
    """A file that was written again is another one, even of the same size."""
    path = tmp_path / "adapter.gguf"
    path.write_bytes(b"one")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    first = of_weights(path)
    assert first == "adapter.gguf, 3 bytes, written 2001-09-09T01:46:40+00:00"
    path.write_bytes(b"two")
    assert of_weights(path) != first
    with pytest.raises(ModelFileError, match="check the name"):
        of_weights(tmp_path / "absent.gguf")
