"""Prompts ahead of their requests, and from one session to the next, with real models."""

import dataclasses
from pathlib import Path

import pytest

from codeassist.config import CompletionSettings
from codeassist.engine import Cancel, Request
from codeassist.engine import completer as completing
from codeassist.engine.completer import Completer
from codeassist.engine.decode import Session, ThreadPolicy
from codeassist.engine.keeping import KeptPrompt
from codeassist.fim import detect
from codeassist.languages import of_path

pytestmark = pytest.mark.model

ABOVE = "".join(f"def add_{n}(a, b):\n    return a + b + {n}\n\n\n" for n in range(12))


def request(line, path="a.py"):
    """The cursor behind a line, in the middle of a file."""
    after = "\n\n\nprint(add_3(1, 2))\n"
    return Request(ABOVE + line, after, path, of_path(path), time_limit_ms=60_000)


ASKED = request("def add_12(a, b):\n    return a ")


@pytest.fixture
def fresh(qwen, monkeypatch):
    """Makes completers with empty caches, on a machine with power to spare."""
    monkeypatch.setattr(completing, "spare_power", lambda _threads: True)

    def make():
        session = Session(qwen, n_ctx=1024, threads=ThreadPolicy(1))
        return Completer(session, detect(qwen.vocab), CompletionSettings())

    return make


def test_the_request_finds_its_prompt(fresh):
    """It evaluates one token, and says what it says without a warm-up."""
    completer = fresh()
    evaluated = completer.warm(ASKED, Cancel())
    answer = completer.complete(ASKED)

    assert evaluated > 200
    assert answer.timings.evaluated == 1
    assert answer.text == fresh().complete(ASKED).text
    assert answer.text.startswith("+ b")


def test_a_request_in_the_middle_of_a_warm_up(fresh):
    """No step is begun any more; what is there is used; the text is the same."""
    completer, cancel, steps = fresh(), Cancel(), []
    decode = completer.session._decode

    def counted(part, *, last):
        steps.append(len(part))
        done = decode(part, last=last)
        if len(steps) == 2:
            cancel.set()
        return done

    completer.session._decode = counted
    evaluated = completer.warm(ASKED, cancel)
    assert evaluated == sum(steps)
    assert len(steps) == 2
    answer = completer.complete(ASKED)

    assert answer.timings.reused == evaluated
    assert answer.text == fresh().complete(ASKED).text


def test_a_step_under_way_is_given_up(fresh):
    """A request does not even wait for the end of a step; the steps before it stay."""
    completer, cancel, steps = fresh(), Cancel(), []
    decode = completer.session._decode

    def stopped(part, *, last):
        steps.append(len(part))
        if len(steps) == 3:
            cancel.set()  # as by a thread, once llama.cpp has begun
        return decode(part, last=last)

    completer.session._decode = stopped

    assert completer.warm(ASKED, cancel) == sum(steps[:2])
    assert len(steps) == 3


def test_the_answer_stays_in_the_cache(fresh):
    """A warm-up behind an answer costs nothing and does not take it out."""
    completer = fresh()
    completer.complete(ASKED)
    cached = list(completer.session.cached)

    assert completer.warm(ASKED, Cancel()) == 0
    assert completer.session.cached == cached


def test_too_late(fresh):
    """Where a request is there already, cache and its owner stay as they are."""
    completer, late = fresh(), Cancel()
    completer.warm(ASKED, Cancel())
    cached = list(completer.session.cached)
    late.set()

    assert completer.warm(request("def add_12(", path="b.py"), late) == 0
    assert (completer.session.cached, completer.session.latest) == (cached, "a.py")


def test_secret_files_are_not_read(fresh):
    """The text of a secret file does not even reach the cache."""
    completer = fresh()

    assert completer.warm(dataclasses.replace(ASKED, path="/p/.env"), Cancel()) == 0
    assert not completer.session.cached
    assert completer.session.latest == ""


def test_the_next_session_goes_on(fresh, tmp_path):
    """After a restart the same request evaluates one token and says the same."""
    first, second = fresh(), fresh()
    said = first.complete(ASKED).text
    kept = KeptPrompt(tmp_path / "prompts", "/project", lambda _path: True)
    assert kept.save(first.session) > 0
    assert kept.save(first.session) == 0  # it is there already

    again = KeptPrompt(tmp_path / "prompts", "/project", lambda _path: True)
    assert again.restore(second.session) > 200
    answer = second.complete(ASKED)

    assert answer.timings.evaluated == 1
    assert answer.text == said


def test_another_model_or_project(fresh, smollm, tmp_path):
    """The prompt of another model is refused, also under the name of its own."""
    completer = fresh()
    completer.complete(ASKED)
    folder = tmp_path / "prompts"
    kept = KeptPrompt(folder, "/project", lambda _path: True)
    kept.save(completer.session)
    other = Session(smollm, n_ctx=1024, threads=ThreadPolicy(1))

    assert KeptPrompt(folder, "/other", lambda _: True).restore(fresh().session) == 0
    assert kept.restore(other) == 0
    (saved,) = folder.iterdir()
    saved.rename(Path(kept._file(other)))
    assert kept.restore(other) == 0
    assert not other.cached


def test_what_was_foreseen_needs_no_model(fresh):
    """The request behind an acceptance finds its answer, the one the model would give."""
    foreseen = request("def add_12(a, b):\n    return")
    completer = fresh()

    assert completer.foresee(foreseen, Cancel())
    assert completer.recall(foreseen).text == fresh().complete(foreseen).text
    assert not completer.foresee(foreseen, Cancel())


def test_what_is_foreseen_is_given_up_at_once(fresh):
    """A request does not wait for a step of what nobody has asked for."""
    completer, cancel, steps = fresh(), Cancel(), []
    decode = completer.session._decode

    def stopped(part, *, last):
        steps.append(len(part))
        cancel.set()  # as by a thread, once llama.cpp has begun
        return decode(part, last=last)

    completer.session._decode = stopped
    assert completer.foresee(request("def add_12(a, b):\n    return"), cancel)

    assert len(steps) == 1
    assert not completer.session.cached


def test_the_line_below_is_foreseen(fresh):
    """Where the accepted line is complete, what follows it on a new line is there."""
    completer = fresh()
    line = "def add_12(a, b):\n    total = a + b + 12"
    completer.foresee(request(line), Cancel())

    assert completer.recall(request(line)) is None
    assert "total" in completer.recall(request(line + "\n    ")).text


def test_a_busy_machine_foresees_nothing(fresh, monkeypatch):
    """Where others need the cores, nothing is guessed."""
    monkeypatch.setattr(completing, "spare_power", lambda _threads: False)

    assert not fresh().foresee(ASKED, Cancel())
