"""What may be said when, from `initialize` to `exit`, and what is no trouble at all."""

import asyncio

import pytest

from codeassist.lsp.acceptance import PARTLY, SHOWN
from codeassist.lsp.idle import FOCUS
from tests.lsp.client import URI
from tests.lsp.session import Session

DOCUMENT = {"uri": URI, "languageId": "python", "version": 1, "text": "a\n"}
ASKED = {
    "textDocument": {"uri": URI},
    "position": {"line": 0, "character": 1},
    "context": {"triggerKind": 1},
}


@pytest.fixture
def session():
    return Session()


def code(answers):
    """The code of the one error that was answered."""
    (answer,) = answers
    return answer["id"], answer["error"]["code"]


@pytest.mark.parametrize("method", ["textDocument/inlineCompletion", "foo/bar"])
def test_before_the_beginning(session, method, caplog):
    """Before `initialize` requests are refused as specified, and the rest is dropped."""
    assert code(session.say(method, id=7, params=ASKED)) == (7, -32002)
    params = {"textDocument": DOCUMENT}
    assert session.say("textDocument/didOpen", params=params) == []
    (answer,) = session.begin()
    assert "inlineCompletionProvider" in answer["result"]["capabilities"]
    assert caplog.messages == []


def test_the_beginning_comes_once(session):
    """A second `initialize` is refused, and every document stays open."""
    session.begin()
    session.say("textDocument/didOpen", params={"textDocument": DOCUMENT})
    again = session.begin()

    assert code(again) == (0, -32600)
    assert session.server.document(URI).source == "a\n"


@pytest.mark.parametrize("method", ["textDocument/inlineCompletion", "foo/bar"])
def test_after_the_end(session, method):
    """After `shutdown` a request is refused, so that nobody waits for it."""
    session.begin()
    assert session.say("shutdown", id=1)[0]["result"] is None

    assert code(session.say(method, id=2, params=ASKED)) == (2, -32600)
    params = {"textDocument": DOCUMENT}
    assert session.say("textDocument/didOpen", params=params) == []
    assert session.server.document(URI) is None


def test_behind_the_last_word(session, caplog):
    """What ends with the session tells so to nobody, and that is no trouble."""
    session.begin()
    session.say("shutdown", id=1)
    with pytest.raises(SystemExit) as over:
        session.say("exit")
    session.server.status("idle")

    assert over.value.code == 0
    assert session.sent == []
    assert caplog.messages == []


QUIET = {
    "$/cancelRequest": {"id": 7},
    "$/other": {},
    "foo/bar": {},
    "textDocument/didSave": {"textDocument": {"uri": URI}},
    "workspace/didChangeWatchedFiles": {"changes": []},
}


@pytest.mark.parametrize("method", QUIET)
def test_what_is_no_trouble(session, method, caplog):
    """What every client sends by the way is neither logged as trouble nor shown."""
    session.begin()

    assert session.say(method, params=QUIET[method]) == []
    assert caplog.messages == []


@pytest.mark.parametrize("method", ["foo/bar", "$/other", SHOWN, PARTLY, FOCUS])
def test_nothing_is_said_beside(session, method, caplog):
    """A notification may come without parameters."""
    session.begin()

    assert session.say(method) == []
    assert caplog.messages == []


async def test_a_model_without_parameters(session, monkeypatch):
    """A client that says `initialized`, and no more, gets its model, too."""
    monkeypatch.setattr("codeassist.lsp.server.share", lambda: None)  # of all tests
    session.begin()
    session.say("initialized")
    await asyncio.gather(*session.server._tasks)

    assert session.server.serving.begun
    session.server.stop()


@pytest.mark.parametrize("given", [{}, {"arguments": []}, {"arguments": ["x", [1]]}])
def test_an_acceptance_of_nothing(session, given, caplog):
    """Who accepts no item at all is answered, and no error is logged."""
    session.begin()
    params = {"command": "codeassist.accepted", **given}
    (answer,) = session.say("workspace/executeCommand", id=3, params=params)

    assert answer == {"id": 3, "jsonrpc": "2.0", "result": None}
    assert caplog.messages == []
