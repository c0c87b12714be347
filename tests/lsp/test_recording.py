"""What a session leaves in the records, and how it learns what was accepted."""

from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from lsprotocol import types
from pygls.workspace import PositionCodec

from codeassist.errors import InputError
from codeassist.lsp.acceptance import PARTLY, SHOWN
from codeassist.lsp.documents import Document
from codeassist.lsp.recording import Recording
from codeassist.lsp.screen import Screen, Suggestion
from codeassist.records import CHECKS, Checked, Records, Taken
from tests.lsp.client import ECHO, URI, connected
from tests.lsp.test_serving import Store

TEXT = "<=|\n>"
"""What the echo says behind ``=`` at the end of a line."""


class Session:
    """A session with the echo, and what is recorded of it."""

    def __init__(self, path):
        self.path = path

    @asynccontextmanager
    async def open(self, text="a=\n", uri=URI, **env):
        env = {"ECHO_RECORDS": str(self.path), **env}
        async with connected(ECHO, env=env, root_uri="file:///project") as echo:
            echo.open(text, uri)
            yield echo

    @property
    def records(self):
        return Records(self.path)

    @property
    def figures(self):
        all_of_them = self.records.figures(0)
        return (
            all_of_them.shown,
            all_of_them.accepted,
            all_of_them.partly,
            all_of_them.characters,
        )


@pytest.fixture
def session(tmp_path):
    return Session(tmp_path / "records.sqlite3")


async def test_requests(session):
    """Each request is recorded, with its place, outcome and text."""
    async with session.open("a=\nb") as echo:
        await echo.texts(0, 2)
        await echo.texts(5, 0)
        await echo.texts(1, 0)

    shown, outside, word = (each.asked for each in session.records.last(9))
    assert (shown.root, shown.path, shown.language) == ("/project", "a.py", "python")
    assert (shown.line, shown.column, shown.reason) == (1, 3, None)
    assert (shown.characters, shown.model) == (len(TEXT), "echo")
    assert shown.total_ms >= shown.queue_ms > 0
    assert (outside.reason, word.reason) == ("outside-document", "mid-word")
    texts = session.records.one(shown.id).texts
    assert (texts.before, texts.after, texts.answer) == ("a=", "\nb", TEXT)
    with pytest.raises(InputError):
        session.records.one(outside.id)


async def test_the_adapter_that_answers(session, tmp_path):
    """A request names the adapter that is active, not the one that the settings name."""
    store = Store(tmp_path / "data")
    store.put("mine", "trained")
    store.activate("mine")
    async with session.open(**store.env) as echo:
        await echo.texts(0, 2)

    (request,) = (each.asked for each in session.records.last(9))
    assert request.adapter == "mine"


async def test_superseded_and_cancelled(session):
    """A request without an answer is recorded with its reason."""
    async with session.open("slow\nb=\n") as echo:
        older = echo.ask(0, 4)
        await echo.texts(1, 2)
        with pytest.raises(Exception, match="ancel"):
            await older

    reasons = {each.asked.reason for each in session.records.last(9)}
    assert reasons == {"superseded", None}


async def test_secret_file(session):
    """The text of a secret file never comes into the records."""
    async with session.open("a=\n", uri="file:///project/.env") as echo:
        await echo.texts(0, 2, uri="file:///project/.env")

    (kept,) = session.records.last(9)
    with pytest.raises(InputError):
        session.records.one(kept.asked.id)


async def test_command(session):
    """A client that runs the item's command has accepted it."""
    async with session.open() as echo:
        (item,) = (await echo.ask(0, 2)).items
        await echo.execute(item.command)

    assert session.figures == (1, 1, 0, len(TEXT))


async def test_client_that_tells_nothing(session):
    """A client that only changes the text has accepted, and the status says so."""
    async with session.open() as echo:
        (item,) = (await echo.ask(0, 2)).items
        echo.edit((0, 2), (0, 2), item.insert_text)
        await echo.until(lambda: echo.statuses[-1].accepted == 1)
        await echo.execute(item.command)  # it counts once
        await echo.texts(0, 2)

        assert echo.statuses[-1].accepted == 1
    assert session.figures == (2, 1, 0, len(TEXT))


async def test_typed_by_hand(session):
    """A suggestion that is typed letter by letter was shown once and not accepted."""
    async with session.open("a=") as echo:
        (item,) = (await echo.ask(0, 2)).items
        for n, letter in enumerate(item.insert_text, 2):
            echo.edit((0, n), (0, n), letter)
        await echo.texts(0, 2 + len(item.insert_text))

        assert echo.statuses[-1].accepted == 0


async def test_client_that_tells_all(session):
    """A client that tells what it draws and what part is accepted is believed."""
    async with session.open("🙂=\nb=\n") as echo:
        (item,) = (await echo.ask(0, 3)).items
        echo.lsp.protocol.notify(SHOWN, {"item": told(item)})
        await echo.ask(1, 2)  # this one is not drawn
        part = {"item": told(item), "acceptedLength": 3}
        echo.lsp.protocol.notify(PARTLY, part)
        await echo.texts(1, 2)

    assert session.figures == (1, 0, 1, 3)


@pytest.mark.parametrize(
    "params",
    [{}, {"item": None}, {"item": {"command": {"arguments": "x"}}}, {"item": 7}],
)
async def test_foreign_notifications(session, params):
    """A notification that tells of nothing we know harms nobody."""
    async with session.open() as echo:
        for method in (SHOWN, PARTLY):
            echo.lsp.protocol.notify(method, params)

        assert await echo.texts(0, 2) == [TEXT]
    assert "Traceback" not in echo.stderr


async def test_no_records():
    """Without a file the session works as ever."""
    async with connected(ECHO) as echo:
        echo.open("a=\n")
        (item,) = (await echo.ask(0, 2)).items
        await echo.execute(item.command)

        assert echo.statuses[-1].accepted == 1


async def test_file_that_cannot_be(session, tmp_path):
    """A records file that cannot be opened does not disturb completion."""
    session.path.mkdir()
    async with session.open() as echo:
        assert await echo.texts(0, 2) == [TEXT]
    assert "Traceback" not in echo.stderr


def told(item):
    """An item as JSON."""
    return {
        "insertText": item.insert_text,
        "command": {
            "command": "codeassist.accepted",
            "arguments": item.command.arguments,
        },
    }


class Clock:
    """Time that passes when it is told to."""

    def __init__(self):
        self.waiting = []

    def later(self, seconds, call):
        self.waiting.append((seconds, call))

    def pass_all(self):
        waiting, self.waiting = self.waiting, []
        for _, call in sorted(waiting, key=lambda each: each[0]):
            call()


@pytest.fixture
def kept():
    """An accepted text in an open document, with the clock of its checks."""
    codec = PositionCodec(types.PositionEncodingKind.Utf32)
    document = Document(URI, "x = one + two\n" + "\n" * 999, position_codec=codec)
    screen, entries, clock = Screen(), [], Clock()
    documents = {URI: document}
    recorder = SimpleNamespace(add=entries.append, close=lambda: None)
    recording = Recording(documents.get, clock.later)
    recording.start(recorder)
    suggestion = Suggestion("a1")
    suggestion.take("one + two", screen.place(URI, 4, 13), whole=True)

    def edit(start, end, text):
        document._replace(start, end, text)
        screen.edited(document, document.take_edits())

    return SimpleNamespace(**locals())


def test_checks_follow_the_place(kept):
    """At 30, 90, 180 and 360 s the place is looked at, wherever it has moved."""
    kept.recording.taken(kept.suggestion, URI, "command")
    kept.edit(0, 0, "import this\n" * 100)
    kept.edit(1204, 1207, "1")
    kept.clock.pass_all()

    taken, *checks = kept.entries
    assert (taken.id, taken.characters, taken.whole) == ("a1", 9, True)
    assert [each.seconds for each in checks] == list(CHECKS)
    assert all(each.text == "one + two" for each in checks)
    assert all("x = 1 + two\n" in each.place for each in checks)
    assert all(len(each.place) < 500 for each in checks)


def test_more_was_accepted(kept):
    """Of parts of one suggestion the last acceptance is the one that is followed."""
    kept.recording.taken(kept.suggestion, URI, "part")
    kept.suggestion.take(" + three", kept.screen.place(URI, 13, 13), whole=True)
    kept.recording.taken(kept.suggestion, URI, "command")
    kept.clock.pass_all()

    checks = [each for each in kept.entries if isinstance(each, Checked)]
    assert len([each for each in kept.entries if isinstance(each, Taken)]) == 2
    assert [each.text for each in checks] == ["one + two + three"] * len(CHECKS)


def test_closed_document_is_not_looked_at(kept):
    """Of a document that is closed nothing is known, so nothing is said."""
    kept.recording.taken(kept.suggestion, URI, "command")
    kept.documents.clear()
    kept.clock.pass_all()

    assert len(kept.entries) == 1


def test_end_of_the_session(kept):
    """After the session nobody is told anything any more."""
    kept.recording.taken(kept.suggestion, URI, "command")
    kept.recording.close()
    kept.clock.pass_all()

    assert len(kept.entries) == 1
