"""Typing with other files in the prompt, in a real repository with the real model."""

from dataclasses import replace
from pathlib import Path

import pytest

from codeassist.config import CompletionSettings
from codeassist.engine import Cancel, Request
from codeassist.engine import completer as completing
from codeassist.engine.completer import Completer
from codeassist.engine.context.select import RepositoryContext
from codeassist.engine.decode import Session
from codeassist.fim import detect
from codeassist.languages import of_path

pytestmark = pytest.mark.model

ENGINE = Path(__file__).parents[2] / "engine"
"""Our own: some hundred files that import each other."""

FILE = "context/select/packing.py"
LINE = "    left = budget\n"
TYPED = "    dropped = len(ranked)"
TAIL = 12
"""Tokens: of the line that is typed, from its last whole word on."""

SECONDS = 60
HOURS_MS = 10_000_000


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    """Our engine's sources, indexed."""
    cache = tmp_path_factory.mktemp("cache")
    context = RepositoryContext(ENGINE, cache=cache, watched=False, deadline=SECONDS)
    context.index.start()
    assert context.index.wait(SECONDS)
    yield context
    context.close()


@pytest.fixture
def completer(qwen, context, monkeypatch):
    """The default model with a small window, on a machine with power to spare."""
    monkeypatch.setattr(completing, "spare_power", lambda _threads: True)
    settings = CompletionSettings(
        context_tokens=256,
        prefix_tokens=128,
        suffix_tokens=64,
        max_tokens=1,
        block_max_tokens=1,
    )
    session = Session(qwen, n_ctx=1024)
    return Completer(session, detect(qwen.vocab), settings, context)


def request(typed):
    """The end of some typed text, in the middle of our file."""
    before, _, after = (ENGINE / FILE).read_text("utf-8").partition(LINE)
    text, path = before + LINE + typed, str(ENGINE / FILE)
    return Request(text, "\n" + after, path, of_path(path), time_limit_ms=HOURS_MS)


@pytest.fixture
def ask(completer):
    """Asks at the end of some typed text; gives the answer."""
    return lambda typed: completer.complete(request(typed))


def test_a_typed_line_costs_its_tail(ask):
    """Each of twenty characters evaluates the end of the line, nothing before it."""
    first = ask(TYPED[:4])
    assert first.timings.evaluated > 256
    assert first.shown
    for end in range(5, len(TYPED) + 1):
        answer = ask(TYPED[:end])

        assert answer.timings.evaluated <= TAIL
        assert answer.shown == first.shown


def test_more_lines_cost_no_other_file(ask):
    """Lines typed below each other leave what stands before the file in the cache."""
    first = ask(TYPED)
    shown = sum(each.tokens for each in first.shown)
    text = TYPED
    for n in range(10):
        text += f"\n    dropped_{n} = dropped + {n}"
        answer = ask(text)

        assert answer.shown == first.shown
        assert answer.timings.reused > shown * 0.8


def test_a_pause_brings_other_files_into_the_cache(completer):
    """A prompt that was evaluated ahead has them; the request evaluates one token."""
    evaluated = completer.warm(request(TYPED), Cancel())
    answer = completer.complete(request(TYPED))

    assert evaluated > 256
    assert answer.shown
    assert answer.timings.evaluated == 1


def test_a_new_place_is_ready_for_a_key_first(completer):
    """In a hurry what is evaluated ahead is what a key would get at once."""
    asked = replace(request(TYPED), automatic=True)

    evaluated = completer.warm(asked, Cancel(), hurried=True)
    answer = completer.complete(asked)

    assert 64 < evaluated < 256
    assert answer.alone
    assert answer.timings.evaluated == 1


def test_who_types_on_does_not_wait_for_other_files(completer):
    """In a new place an answer comes without them; after a pause they are there."""
    asked = replace(request(TYPED), automatic=True)

    first = completer.complete(asked)
    completer.warm(asked, Cancel())
    second = completer.complete(asked)

    assert first.alone
    assert first.shown == ()
    assert second.shown
    assert not second.alone
    assert not any(each.alone for each in second.completions)
    assert second.timings.evaluated <= TAIL
    assert completer.complete(asked).shown == second.shown


def test_who_asks_waits_for_other_files(completer):
    """A request by a key has them, however much there is to evaluate."""
    assert completer.complete(request(TYPED)).shown
