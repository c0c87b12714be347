"""Whole completions with the real default model."""

import dataclasses

import pytest

from codeassist.config import CompletionSettings, Settings
from codeassist.engine import Lines, Request, Silence, Stop
from codeassist.engine.brackets import scan
from codeassist.engine.completer import Completer
from codeassist.engine.decode import Cancel, Session
from codeassist.engine.finish import BlockEnd, LineEnd, SpanEnd
from codeassist.engine.gates import Confidence, Gates, calibration_of
from codeassist.fim import Fim, LeftToRight, detect
from codeassist.languages import of_path

pytestmark = pytest.mark.model

ADD = "def add(a, b):\n    return a "


def ask(text, path="a.py", **how):
    """A request with the cursor at the ┃."""
    before, _, after = text.partition("┃")
    return Request(before, after, path, of_path(path), time_limit_ms=60_000, **how)


@pytest.fixture(scope="module")
def completer(qwen):
    """The default model, ready."""
    session = Session(qwen, n_ctx=2048)
    return Completer(session, detect(qwen.vocab), CompletionSettings())


def test_one_line(completer):
    """The obvious end of a line is found, and is one line."""
    answer = completer.complete(ask(ADD + "┃\n\n\nprint(add(1, 2))\n"))

    assert answer.text == "+ b"
    assert answer.silence is None
    assert answer.timings.generated == len(answer.completions[0].logprobs)


def test_inside_an_expression(completer):
    """With text behind the cursor the completion fits in between."""
    text = "total = sum(x.price for x in ┃)\nitems = []\nprint(items, total)\n"
    answer = completer.complete(ask(text))

    assert "\n" not in answer.text
    line = text.partition("\n")[0].replace("┃", answer.text)
    assert answer.text
    assert (scan(line).open, scan(line).loose) == ([], [])


def test_a_body(completer):
    """An empty body is filled with a block that parses where it stands."""
    text = "def largest(numbers):\n    ┃\n\n\nprint(largest([1, 3, 2]))\n"
    answer = completer.complete(ask(text))
    before, _, after = text.partition("┃")

    assert answer.block
    compile(before + answer.text + after, "a.py", "exec")


@pytest.mark.parametrize(
    ("how", "end", "tokens"),
    [
        ({}, SpanEnd, 192),
        ({"automatic": True}, SpanEnd, 64),
        ({"lines": Lines.ONE}, LineEnd, 64),
        ({"lines": Lines.BLOCK}, BlockEnd, 192),
    ],
)
def test_how_long_an_answer_may_be(completer, how, end, tokens):
    """Before a rest of the line it may join that later; who types waits for less."""
    plan = completer.plan(ask("fo┃   return s\n", **how))

    assert isinstance(plan.end, end)
    assert plan.max_tokens == tokens


def test_typing_on_costs_only_what_was_typed(completer):
    """A typed character evaluates the end of the prompt, not the text before it."""
    above = "".join(f"def f{n}(x):\n    return x + {n}\n\n\n" for n in range(20))
    completer.complete(ask(above + "x = f1┃\n"))
    answer = completer.complete(ask(above + "x = f1(┃\n"))

    assert answer.timings.evaluated < 10
    assert answer.timings.reused > 200


def test_sentinels_in_the_text_are_text(completer):
    """A file that spells a sentinel is completed, and no sentinel id is made of it."""
    text = 'MIDDLE = "<|fim_middle|>"\nPREFIX = "<|fim_prefix|>"\nx = MIDDLE +┃\n'
    request = ask(text)
    ids = completer.plan(request).prompt.tokens
    sentinels = [
        completer.session.model.vocab.special(f"<|fim_{part}|>")
        for part in ("prefix", "suffix", "middle")
    ]

    assert [ids.count(s) for s in sentinels] == [1, 1, 1]
    assert completer.complete(request).silence in (None, Silence.NOTHING_TO_ADD)


def test_crlf_stays_crlf(completer):
    """A file with CRLF line ends gets CRLF back."""
    text = "def largest(numbers):┃\r\n\r\n\r\nprint(largest([1, 3, 2]))\r\n"
    answer = completer.complete(ask(text, lines=Lines.BLOCK))

    assert "\r\n" in answer.text
    assert "\n" not in answer.text.replace("\r\n", "")


def test_time_limit_gives_what_there_is(completer):
    """A limit that is too short for an answer is a reason, not an error."""
    request = dataclasses.replace(ask("x = 1\n" * 300 + "y = ┃\n"), time_limit_ms=1)

    assert completer.complete(request).silence is Silence.TIME_LIMIT


class TestUnasked:
    """What is shown to somebody who only types."""

    LIKELY, UNLIKELY = ADD + "┃\n\n\nprint(add(1, 2))\n", "┃\n\n\nprint('x')\n"

    @pytest.fixture
    def gated(self, completer):
        """The same model, shown only where it is rather sure."""
        gates = Gates(Confidence(calibration_of("qwen2.5-coder-0.5b"), 0.7))
        settings = completer.settings
        return Completer(completer.session, completer.contract, settings, gates=gates)

    def test_a_likely_answer_is_shown(self, gated):
        """What everybody would write is shown as if it had been asked for."""
        assert gated.complete(ask(self.LIKELY, automatic=True)).text == "+ b"

    def test_an_unlikely_one_is_neither_shown_nor_written(self, gated):
        """Decoding ends with the first word; somebody who asks gets all of it."""
        asked = gated.complete(ask(self.UNLIKELY))
        answer = gated.complete(ask(self.UNLIKELY, automatic=True))

        assert asked.text
        assert answer.silence is Silence.UNSURE
        assert not answer.completions
        assert answer.timings.generated < asked.timings.generated

    def test_tokens_belong_to_the_text(self, completer):
        """The tokens' ends cover the text, also behind a word that was half typed."""
        answer = completer.complete(ask("import collections\n\nx = collec┃\n"))
        best = answer.completions[0]

        assert len(best.ends) == len(best.logprobs)
        assert list(best.ends) == sorted(best.ends)
        assert best.ends[-1] >= len(best.text)


def test_cancelled_before_it_began(completer):
    """A request that was cancelled while it waited is not begun."""
    cancel = Cancel()
    cancel.set()

    answer = completer.complete(ask(ADD + "┃\n"), cancel)

    assert answer.silence is Silence.CANCELLED
    assert answer.timings.evaluated == 0


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        ("KEY=┃", ".env", Silence.IGNORED_FILE),
        ("x" * 2_100_000 + "┃", "a.js", Silence.TOO_LARGE),
        ("\n\n┃\n", "a.py", Silence.NOTHING_TO_ADD),
    ],
)
def test_the_model_is_not_asked(completer, text, path, reason):
    """Secret, enormous and empty documents are answered without the model."""
    answer = completer.complete(ask(text, path))

    assert answer.silence is reason
    assert answer.timings.evaluated == 0


def test_alternatives_differ(completer):
    """Several completions on request are different ones, the greedy one first."""
    text = "import random\n\nnames = [┃\n"
    one = completer.complete(ask(text))
    several = completer.complete(ask(text, alternatives=3))

    assert several.text == one.text
    texts = [c.text for c in several.completions]
    assert len(texts) == len(set(texts)) > 1


def test_max_tokens(completer):
    """The token limit holds, and is said to be the reason."""
    answer = completer.complete(ask("text = '┃\n", max_tokens=2))

    (best,) = answer.completions
    assert (
        sum(end > 0 for end in best.ends) == 2
    )  # the quote is spelled again for nothing
    assert best.stop is Stop.MAX_TOKENS


def test_left_to_right_model_is_served(smollm):
    """A model without FIM continues the text, and trailing white space costs nothing."""
    contract = detect(smollm.vocab)
    assert isinstance(contract, LeftToRight)
    session = Session(smollm, n_ctx=1024)
    completer = Completer(session, contract, Settings().completion)
    text = "class Stack:\n    def pop(self):\n        return self.items.pop()\n\n"
    answer = completer.complete(ask(text + "    def push(self, item):\n        ┃"))

    assert answer.text.startswith("self.items.append(item)")


def test_default_model_is_fim(qwen):
    """The default model is recognised for what it is."""
    contract = detect(qwen.vocab)

    assert isinstance(contract, Fim)
    assert contract.family.name == "qwen2.5-coder"


def test_what_is_imported_is_meant_to_be_used(completer):
    """A class that is imported and not used yet goes before the usual one; once it is
    used, or while its import is written, it counts like any other."""
    imports = "from pydantic import BaseModel\nfrom agents import AgentConfig\n\n\n"
    used = "class Run(BaseModel):\n    steps: int = 3\n\n\n"
    asked = ask(f"{imports}{used}class Own(┃\n    mode: str = 'x'\n")

    assert completer.plan(asked).expected == {"AgentConfig"}
    assert completer.complete(asked).text == "AgentConfig):"
    again = ask(f"{imports}{used}{used.replace('BaseModel', 'AgentConfig')}class O(┃\n")
    assert not completer.plan(again).expected
    assert not completer.plan(ask(f"{imports}from a import ┃\n")).expected
    assert not completer.plan(ask(f"{imports}{used}# ┃\n")).expected


@pytest.mark.parametrize(
    ("text", "old", "changed"),
    [
        (
            "def save(self, rows):\n    self.table.┃\n",
            "self.table.upsert_rows(rows, batch=50)",
            "save(rows, batch=50)",
        ),
        (
            "async def main():\n    await server.┃\n",
            "await server.drain_queue(5)",
            "drain_queue(5)",
        ),
    ],
)
def test_what_was_deleted_comes_back_changed(completer, text, old, changed):
    """A line that is rewritten goes on as it did where the model is not sure; where
    nothing agrees with what was deleted, the answer is what it was."""
    said = []
    for removed in ((), (old,), ("x = [1, 2]\n",)):
        completer.forget()
        said.append(completer.complete(ask(text, removed=removed)).text)
    plain, rewritten, other = said

    assert rewritten.startswith(changed)
    assert other == plain
    assert not plain.startswith(changed)
