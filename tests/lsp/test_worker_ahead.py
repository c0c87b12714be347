"""What the thread does while nobody waits, and how fast it lets go of it."""

import asyncio
import logging
import time
from types import SimpleNamespace

import pytest

from codeassist.engine import Answer, Completion, Request, Stop
from codeassist.errors import ModelMissingError
from codeassist.languages import by_id
from codeassist.lsp.worker import Worker


class Completer:
    """Warms up until it is stopped; notes what is done, in order."""

    def __init__(self):
        self.done = []
        self.session = SimpleNamespace(latest="")

    def recall(self, _request):
        return None

    def warm(self, request, cancel, *, hurried):
        assert not hurried
        self.done.append(f"warm {request.before}")
        if request.before == "crash":
            msg = "this warm-up crashes"
            raise RuntimeError(msg)
        while not cancel.is_set():
            time.sleep(0.001)
        self.done.append("stopped")

    def foresee(self, request, cancel):
        self.done.append(f"foresee {request.before}")
        while not cancel.is_set():
            time.sleep(0.001)
        self.done.append("stopped")
        return True

    def complete(self, request, _cancel, *, tell):
        tell("x")
        self.session.latest = request.path
        self.done.append(f"complete {request.before}")
        return Answer((Completion(request.before, Stop.RULE),))


class Kept:
    """Notes what is restored and saved."""

    def __init__(self, done):
        self._done = done

    def restore(self, _session):
        self._done.append("restore")
        return 3

    def save(self, session):
        self._done.append(f"save {session.latest}")
        return 100


def request(before):
    return Request(before, "", "a.py", by_id("python", "a.py"))


@pytest.fixture
async def worker():
    """A worker whose model is loaded, with the prompt of an earlier session."""
    completer = Completer()
    worker = Worker(lambda _tell: SimpleNamespace(completer=completer))
    worker.kept = Kept(completer.done)
    await worker.load(lambda _part: None)
    worker.done = completer.done
    yield worker
    worker.stop()


async def test_restored_before_the_first_request(worker):
    """The kept prompt is in the cache before anybody can ask."""
    await worker.complete("d", request("a"))

    assert worker.done == ["restore", "complete a"]


async def test_a_request_stops_it(worker):
    """A request stops what is done ahead, and gets its answer."""
    worker.warm(request("w"))
    assert worker.busy

    assert (await worker.complete("d", request("a"))).text == "a"
    assert worker.done[1:] == ["warm w", "stopped", "complete a"]
    assert not worker.busy


async def test_an_answer_ahead_is_stopped_too(worker):
    """A request does not wait for the answer to one that only may come."""
    worker.foresee(request("f"))
    assert worker.busy

    assert (await worker.complete("d", request("a"))).text == "a"
    assert worker.done[1:] == ["foresee f", "stopped", "complete a"]


async def test_one_at_a_time(worker):
    """Nothing is begun ahead while something else is under way."""
    worker.warm(request("w"))
    worker.warm(request("v"))
    await worker.complete("d", request("a"))

    assert "warm v" not in worker.done


async def test_a_crash_is_logged(worker, caplog):
    """An error of a warm-up stays in the log; requests go on."""
    with caplog.at_level(logging.INFO, "codeassist"):
        worker.warm(request("crash"))
        answer = await worker.complete("d", request("a"))

    assert answer.text == "a"
    assert "this warm-up crashes" in caplog.text


async def test_no_model():
    """Nobody waits for a model that could not be loaded, and nothing is done ahead."""

    def missing(_tell):
        msg = "the model is missing"
        raise ModelMissingError(msg)

    worker = Worker(missing)
    assert worker.busy
    with pytest.raises(ModelMissingError):
        await worker.load(lambda _part: None)

    assert not worker.busy
    worker.warm(request("w"))
    worker.keep()
    worker.stop()


async def test_kept_at_the_end(worker):
    """The end of a session stops what runs, then writes the last prompt, once."""
    await worker.complete("d", request("a"))
    worker.warm(request("w"))
    worker.stop()
    worker.stop()
    await asyncio.to_thread(worker._pool.shutdown)

    assert worker.done[-2:] == ["stopped", "save a.py"]
    assert worker.done.count("save a.py") == 1


async def test_kept_under_the_name_of_its_file(worker):
    """Whose prompt is in the cache is not changed by another folder's model that fails."""
    other = Completer()
    other.session = worker.runtime.completer.session
    await worker.complete("d", request("a"))
    worker.warm(request("crash"), SimpleNamespace(completer=other))
    worker.keep()
    await asyncio.to_thread(worker._pool.shutdown)

    assert (other.done, worker.done[-1]) == (["warm crash"], "save a.py")
