"""What is done in a pause, and what is left alone."""

import asyncio
from types import SimpleNamespace

import pytest
from lsprotocol import types
from pygls.workspace import PositionCodec

from codeassist.engine import Request
from codeassist.languages import of_path
from codeassist.lsp import idle as idling
from codeassist.lsp.documents import Document, Edit
from codeassist.lsp.idle import FOCUS, SILENT, Idle, add_idle
from tests.engine.test_keeping import Session

URI = "file:///project/a.py"
TEXT = "def add(a, b):\n    return a\n"


class Worker:
    """Notes what it is told to do; `kept` is set at the end of a long rest."""

    def __init__(self):
        self.warmed = []
        self.whole = []
        self.foreseen = []
        self.busy = self.stopped = False
        self.looks = self.stops = 0
        self.kept, self.looked = asyncio.Event(), asyncio.Event()
        self.made = asyncio.Event()

    def warm(self, request, _by, *, hurried):
        place = (request.before, request.after)
        (self.warmed if hurried else self.whole).append(place)
        self.made.set()

    def stop_ahead(self):
        self.stops += 1

    def foresee(self, request, _by):
        self.foreseen.append((request.before, request.after, request.automatic))
        self.looked.set()

    def keep(self):
        self.kept.set()


@pytest.fixture
async def worker():
    return Worker()


@pytest.fixture
async def idle(worker, monkeypatch):
    """It takes a moment for a pause and the next one for a long rest."""
    monkeypatch.setattr(idling, "PAUSE", 0.001)
    monkeypatch.setattr(idling, "SOON", 0.001)
    monkeypatch.setattr(idling, "REST", 0.005)
    monkeypatch.setattr(idling, "LONG", 0.01)
    document = Document(URI, source=TEXT, version=1, position_codec=PositionCodec())
    return Idle(worker, {URI: document}.get)


async def long_rest(worker):
    async with asyncio.timeout(10):
        await worker.kept.wait()
    worker.kept.clear()


async def test_where_the_cursor_rests(idle, worker):
    """After a jump what the next key gets at once is made, then the last one is kept."""
    idle.focused(URI, types.Position(1, 12))
    await long_rest(worker)

    assert worker.warmed == [("def add(a, b):\n    return a", "\n")]
    assert worker.whole == []


async def test_other_files_come_in_where_somebody_writes(idle, worker):
    """In a document that was asked for the whole prompt of a new place follows."""
    idle.asked(URI, types.Position(0, 14))
    idle.focused(URI, types.Position(1, 12))
    await long_rest(worker)

    assert worker.warmed == worker.whole == [("def add(a, b):\n    return a", "\n")]


async def test_another_place_is_wanted_now(idle, worker):
    """What is made for a place that the cursor has left is given up, not that of here."""
    for line, stops in ((1, 1), (1, 1), (0, 2)):
        idle.focused(URI, types.Position(line, 4))
        assert worker.stops == stops


async def test_once_for_a_place(idle, worker):
    """Who comes back to the same place of the same text costs nothing more."""
    for _ in range(2):
        idle.focused("file:///gone.py", types.Position(1, 0))
        idle.focused(URI, types.Position(1, 12))
        await long_rest(worker)

    assert len(worker.warmed) == 1


async def test_back_before_it_was_made(idle, worker):
    """What was given up for another place is made, if the cursor comes back soon."""
    idle.focused(URI, types.Position(1, 12))
    async with asyncio.timeout(10):
        await worker.made.wait()
    idle.focused(URI, types.Position(1, 4))
    idle.focused(URI, types.Position(1, 12))
    await long_rest(worker)

    assert worker.stops == 3
    assert len(worker.warmed) == 2


async def test_where_an_edit_has_left_the_cursor(idle, worker):
    """Word of the place that an edit or a request came from changes nothing."""
    idle.edited(URI, Edit(26, 26, "a"))
    idle.focused(URI, types.Position(1, 12))
    assert worker.stops == 0
    idle.asked(URI, types.Position(1, 11))
    idle.shown(asked(), "a + b")
    idle.focused(URI, types.Position(1, 11))
    await long_rest(worker)

    assert worker.stops == 0
    assert len(worker.foreseen) == 1


async def test_the_top_of_a_file_that_was_opened(idle, worker):
    """There the cursor stands by itself, so it says nothing: the last place counts."""
    idle.focused(URI, types.Position(0, 14))
    idle.focused(URI, types.Position(0, 0))
    await long_rest(worker)
    assert worker.warmed == [(TEXT[:14], TEXT[14:])]


async def test_a_request_needs_no_guess(idle, worker):
    """Where a request has come from, nothing is made ahead."""
    idle.focused(URI, types.Position(1, 12))
    idle.asked(URI, types.Position(1, 11))
    await long_rest(worker)

    assert worker.warmed == []


async def test_the_last_place_of_a_document(idle, worker):
    """Without a position, it is where the document was edited or asked last."""
    idle.asked(URI, types.Position(0, 14))
    idle.focused(URI)
    await long_rest(worker)

    assert worker.warmed == [(TEXT[:14], TEXT[14:])]


async def test_nobody_knows_where(idle, worker):
    """A document whose cursor nobody knows is left alone."""
    idle.focused(URI)
    idle.focused("file:///gone.py", types.Position(3, 0))
    await long_rest(worker)

    assert worker.warmed == []


async def test_behind_an_edit(idle, worker):
    """Edits that no request follows are worth a prompt, too: behind the last one."""
    idle.edited(URI, Edit(0, 3, "def add(a, b):"))
    await long_rest(worker)

    assert worker.warmed == [(TEXT[:14], TEXT[14:])]


async def test_where_nobody_asks(idle, worker):
    """A document that is never asked for costs nothing, until it is asked for."""
    for _ in range(SILENT):
        idle.edited(URI, Edit(0, 3, "def add(a, b):"))
    idle.focused(URI, types.Position(1, 12))
    await long_rest(worker)
    assert worker.warmed == []

    idle.asked(URI, types.Position(0, 14))
    idle.edited(URI, Edit(0, 3, "def add(a, b):"))
    await long_rest(worker)
    assert len(worker.warmed) == 1


async def test_within_a_word(idle, worker):
    """Where a keystroke would not be answered, nothing is made ahead."""
    idle.focused(URI, types.Position(0, 5))
    await long_rest(worker)

    assert worker.warmed == []


async def test_never_beside_a_request(idle, worker):
    """While the model works, only the clock is looked at."""
    worker.busy = True
    idle.focused(URI, types.Position(1, 12))
    for _ in range(3):
        await asyncio.sleep(0)
    assert worker.warmed == []
    worker.busy = False
    await long_rest(worker)

    assert len(worker.warmed) == 1


def asked(before="def add(a, b):\n    return ", after="\n"):
    """A request that somebody made by a key."""
    return Request(before, after, "a.py", of_path("a.py"), alternatives=3)


async def test_what_follows_an_acceptance(idle, worker):
    """While the user reads a suggestion, the request behind its acceptance is answered."""
    idle.asked(URI, types.Position(1, 11))
    idle.shown(asked(), "a + b")
    await long_rest(worker)

    assert worker.foreseen == [("def add(a, b):\n    return a + b", "\n", True)]


async def test_other_files_come_in_behind_a_request(idle, worker):
    """Where they were not waited for, the whole prompt is evaluated in the next pause."""
    idle.asked(URI, types.Position(1, 12))
    idle.alone(URI)
    idle.shown(asked(), "a + b")
    await long_rest(worker)

    assert len(worker.foreseen) == 1
    assert worker.whole == [("def add(a, b):\n    return a", "\n")]


async def test_a_prompt_that_was_not_made_to_its_end(idle, worker):
    """Where a request stopped it, and did not wait for other files, it is made anew."""
    idle.asked(URI, types.Position(0, 14))
    idle.focused(URI, types.Position(1, 12))
    await long_rest(worker)
    idle.asked(URI, types.Position(1, 12))
    idle.alone(URI)
    await long_rest(worker)

    assert len(worker.whole) == 2


async def test_other_files_wait_for_a_rest(idle, worker, monkeypatch):
    """A short pause is not enough for them: most of what it makes would be in vain."""
    monkeypatch.setattr(idling, "REST", 60.0)
    idle.asked(URI, types.Position(1, 12))
    idle.alone(URI)
    idle.shown(asked(), "a + b")
    async with asyncio.timeout(10):
        await worker.looked.wait()
    idle._look()  # as it would a moment later

    assert worker.whole == []
    monkeypatch.setattr(idling, "REST", 0.0)
    idle._look()
    assert len(worker.whole) == 1


@pytest.mark.parametrize(
    "stir",
    [
        lambda idle: idle.asked(URI, types.Position(1, 12)),
        lambda idle: idle.edited(URI, Edit(26, 26, " + b")),
        lambda idle: idle.focused(URI, types.Position(0, 4)),
    ],
    ids=["asked", "edited", "focused"],
)
async def test_a_suggestion_that_is_gone(idle, worker, stir):
    """Who types on, or looks elsewhere, will not accept it: nothing is foreseen."""
    idle.asked(URI, types.Position(1, 11))
    idle.shown(asked(), "a + b")
    stir(idle)
    await long_rest(worker)

    assert worker.foreseen == []


async def test_a_suggestion_that_came_too_late(idle, worker):
    """Behind an edit that it does not know, a suggestion is not followed."""
    idle.edited(URI, Edit(26, 26, " + b"))
    idle.shown(asked(), "a + b")
    await long_rest(worker)

    assert worker.foreseen == []


async def test_what_was_only_read_is_not_kept(idle, worker, tmp_path):
    """The text of a file reaches the disk only once the user has written in it."""
    file = tmp_path / "a.py"
    file.write_text(TEXT)
    uri, session = file.as_uri(), Session(latest=str(file))
    idle.folder = tmp_path / "prompts"
    idle.keep_prompts(str(tmp_path))
    idle.focused(uri, types.Position(1, 12))
    assert worker.kept.save(session) == 0

    idle.edited(uri, Edit(26, 26, "a"))
    assert worker.kept.save(session) == session.size


@pytest.mark.parametrize(
    ("params", "places"),
    [
        ({"position": {"line": 1, "character": 12}}, [types.Position(1, 12)]),
        ({"position": {"line": 1, "character": 0}}, [types.Position(1, 0)]),
        ({}, [None]),
        ({"position": {"line": "1", "character": 2}}, [None]),
        ({"position": {"line": -1, "character": 2}}, [None]),
        ({"position": 3}, [None]),
        ({"textDocument": None}, []),
        ({"textDocument": {"uri": 7}}, []),
    ],
)
def test_what_clients_say(params, places):
    """A notification that is not well formed is taken for what it has, or not at all."""
    handlers, seen, viewed = {}, [], []
    watcher = SimpleNamespace(focused=lambda uri, where: seen.append((uri, where)))
    server = SimpleNamespace(feature=lambda name: lambda f: handlers.update({name: f}))
    add_idle(server, lambda _server: watcher, lambda _server, *at: viewed.append(at))

    handlers[FOCUS](server, _object({"textDocument": {"uri": URI}} | params))

    assert seen == [(URI, place) for place in places]
    assert viewed == [(URI, place.line) for place in places if place]


def _object(value):
    """Parameters of a method that is not in LSP, as pygls hands them over."""
    if isinstance(value, dict):
        return SimpleNamespace(**{key: _object(each) for key, each in value.items()})
    return value
