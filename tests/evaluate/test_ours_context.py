"""Our engine in a repository: the answer is nowhere but in the hole."""

import pytest

from codeassist.config import Settings, merge
from codeassist.engine.models import store
from codeassist.errors import ModelMissingError
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.systems import Ours
from codeassist.evaluate.systems.ours import request_of
from tests.conftest import absent

pytestmark = pytest.mark.model

MODEL = "smollm2-135m"
"""It has no FIM, but a prompt: the smallest will do."""

ANSWER = "zebra_crossing(42)"
FILE = f"from lib import paint\n\n\ndef walk(paint):\n    return {ANSWER}\n"
LIB = "def paint(colour):\n    return colour\n"


@pytest.fixture
def ours():
    """The engine with a context of 256 tokens."""
    try:
        store.resolve(MODEL)
    except ModelMissingError as error:
        absent(str(error))
    told = {"model": {"id": MODEL}, "completion": {"context_tokens": 256}}
    system = Ours(merge(Settings(), told, "test"))
    yield system
    system.close()


def cut(root):
    before, _, after = FILE.partition(ANSWER)
    given = {"id": "1", "language": "python", "kind": "line", "lines": "one"}
    return Hole(
        path="a.py", prefix=before, suffix=after, middle=ANSWER, root=root, **given
    )


def prompt_of(ours, hole):
    completer = ours.runtime.completer
    tokens = completer.plan(request_of(hole)).prompt.tokens
    return completer.session.model.vocab.detokenize(tokens, special=True)


def test_the_answer_is_nowhere(ours, tmp_path):
    """The file on disk holds the answer; the prompt shows other files, and not it."""
    (tmp_path / "a.py").write_text(FILE)
    (tmp_path / "lib.py").write_text(LIB)
    hole = cut(str(tmp_path))
    with ours._in_repository(hole):
        prompt = prompt_of(ours, hole)

    assert "def paint(colour)" in prompt
    assert "zebra" not in prompt
    assert ours.complete(hole).prompt_tokens > len(FILE) // 8


def test_without_a_root_there_is_only_the_file(ours, tmp_path):
    """A hole that has no repository is filled from its file alone."""
    (tmp_path / "lib.py").write_text(LIB)
    hole = cut("")
    with ours._in_repository(hole):
        prompt = prompt_of(ours, hole)

    assert "def paint(colour)" not in prompt
