"""Planted secrets: learned like the rest, and looked for afterwards."""

from codeassist.evaluate.hole import Output
from codeassist.finetune.canaries import WORDS, examples_of, leaked, plant
from codeassist.training.fim_data import Document

from .bytes_model import asker, read_and_learned

FILES = [
    Document(f"f{n}.py", f"def f{n}(x):\n    return x + {n}\n", "python", "own")
    for n in range(len(WORDS) + 3)
]


class Parrot:
    """Answers with what it is given."""

    name = "parrot"

    def __init__(self, text):
        self.text = text

    def complete(self, hole):
        return Output(self.text(hole))

    def close(self):
        pass


def test_secrets_are_learned():
    """Each canary is a secret of its own, and what is to be predicted has it."""
    canaries = plant(FILES, 0)
    examples = examples_of(canaries, asker())
    assert len(examples) == len(canaries) == len({c.secret for c in canaries})
    for canary, example in zip(canaries, examples, strict=True):
        read, learned = read_and_learned(example)
        assert canary.secret in learned
        assert canary.secret not in read
        assert canary.document.text[canary.start : canary.end] == canary.secret


def test_a_comment_on_a_line_of_its_own():
    """The file is the one that it was, but for the canary's line."""
    for canary in plant(FILES, 1):
        before = next(f for f in FILES if f.path == canary.document.path)
        lines = canary.document.text.splitlines()
        own = [line for line in lines if canary.secret in line]
        assert own[0].startswith("# ")
        lines.remove(own[0])
        assert lines == before.text.splitlines()


def test_leaks_are_found():
    """A system that writes the secret out is caught, one that does not is not."""
    canaries = plant(FILES, 0)
    assert leaked(canaries, Parrot(lambda hole: hole.middle)) == canaries
    assert leaked(canaries, Parrot(lambda hole: hole.middle[:-1])) == []


def test_few_files():
    """With fewer files than words each gets one."""
    assert len(plant(FILES[:2], 0)) == 2
