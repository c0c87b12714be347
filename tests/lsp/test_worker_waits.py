"""What waits for the next keystroke, and what never does."""

import asyncio
from types import SimpleNamespace

import pytest

from codeassist.engine import Answer, Completion, Request, Stop
from codeassist.languages import by_id
from codeassist.lsp.worker import Superseded, Worker

LONG = 3600.0


class Completer:
    """Answers with what it is asked; recalls what it was told to."""

    def __init__(self):
        self.asked = []
        self.recalled = {}

    def recall(self, request):
        return self.recalled.get(request.before)

    def complete(self, request, _cancel, *, tell):
        self.asked.append(request.before)
        tell("x")
        return answer(request.before)


def answer(text):
    return Answer((Completion(text, Stop.RULE),))


def request(before, **more):
    return Request(before, "", "a.py", by_id("python", "a.py"), **more)


@pytest.fixture
async def worker():
    """A worker whose model is loaded, and which would wait for an hour."""
    completer = Completer()
    worker = Worker(lambda _tell: SimpleNamespace(completer=completer))
    await worker.load(lambda _part: None)
    worker.completer = completer
    worker.pace.wait = lambda _where, _now: LONG
    yield worker
    worker.stop()


async def test_superseded_while_it_waits(worker):
    """A request that a keystroke overtakes while it waits costs no decoding."""
    begun = asyncio.Event()

    def wait(_where, _now):
        begun.set()
        return LONG

    worker.pace.wait = wait
    waiting = asyncio.create_task(worker.complete("d", request("a")))
    await begun.wait()
    worker.pace.wait = lambda _where, _now: 0.0

    assert (await worker.complete("d", request("ab"))).text == "ab"
    with pytest.raises(Superseded):
        await waiting
    assert worker.completer.asked == ["ab"]


async def test_recalled_at_once(worker):
    """An answer that is known already is never held back."""
    worker.completer.recalled["a"] = answer("known")

    assert (await worker.complete("d", request("a"))).text == "known"
    assert worker.completer.asked == []


async def test_asked_for(worker):
    """What the user asks for by a key is not held back."""
    asked = request("a", alternatives=3)

    assert (await worker.complete("d", asked)).text == "a"


async def test_learns_from_answers(worker):
    """The time of each answer is learned."""
    worker.pace.wait = lambda _where, _now: 0.0
    await worker.complete("d", request("a"))
    await asyncio.sleep(0)

    assert len(worker.pace._answers) == 1
