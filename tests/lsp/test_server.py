"""The server's rules, seen from an editor."""

import asyncio

import psutil
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams, JsonRpcRequestCancelled

from tests.lsp.client import ECHO, URI, connected

POSITION = types.Position


async def test_capability_is_advertised(echo):
    """Clients ask only a server that says that it completes inline."""
    assert echo.result.capabilities.inline_completion_provider is not None


async def test_progress_of_loading(tmp_path):
    """Loading the model is told as work-done progress that begins and ends."""
    gate = tmp_path / "gate"
    async with connected(ECHO, env={"ECHO_GATE": str(gate)}, wait=False) as echo:
        await echo.until(
            lambda: any(p.value.get("percentage", 0) > 0 for p in echo.progress)
        )
        kinds = [p.value["kind"] for p in echo.progress]
        gate.touch()

        assert kinds[0] == "begin"
        assert set(kinds[1:]) <= {"report"}
        await echo.until(lambda: echo.progress[-1].value["kind"] == "end")
        assert echo.statuses[0].kind == "loading"


async def refuses(_params):
    """No bar for the server."""
    raise JsonRpcInvalidParams


async def test_refused_progress_bar():
    """A client that refuses the progress bar has its model all the same."""
    async with connected(ECHO, on_bar=refuses) as echo:
        echo.open("a\n")

        assert await echo.texts(0, 1) == ["<a|\n>"]
        assert echo.progress == []
    assert "Traceback" not in echo.stderr
    assert "never retrieved" not in echo.stderr


async def test_ignored_progress_bar():
    """A client without a word on the progress bar has its model; later is too late."""
    word = asyncio.Event()

    async def ignores(_params):
        await word.wait()

    async with connected(ECHO, on_bar=ignores) as echo:
        echo.open("a\n")

        assert await echo.texts(0, 1) == ["<a|\n>"]
        word.set()
        assert await echo.texts(0, 1) == ["<a|\n>"]
        assert echo.progress == []
        assert echo.messages == []
    assert "Traceback" not in echo.stderr


async def test_before_the_model_is_loaded(tmp_path):
    """Until the model is there the answer is an empty list with its reason."""
    gate = tmp_path / "gate"
    async with connected(ECHO, env={"ECHO_GATE": str(gate)}, wait=False) as echo:
        echo.open("a\n")

        assert await echo.texts(0, 1) == []
        assert echo.statuses[-1].reason == "model-loading"
        gate.touch()
        await echo.ready()
        assert await echo.texts(0, 1) == ["<a|\n>"]


@pytest.mark.parametrize("how", ["shutdown", "end of stdin"])
async def test_end_while_loading(how, tmp_path):
    """A session that ends gives up the model that is loading, without a complaint."""
    env = {"ECHO_GATE": str(tmp_path / "never")}
    async with connected(ECHO, env=env, wait=False) as echo:
        await echo.until(lambda: echo.progress)
        if how == "shutdown":
            await echo.lsp.shutdown_async(None)
            echo.lsp.exit(None)
        else:
            echo.process.stdin.close()

        assert await echo.ended() == 0
    assert "GIVEN UP" in echo.stderr
    assert "Traceback" not in echo.stderr
    assert echo.messages == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_position_encodings(encoding):
    """The cursor behind an emoji and a combining letter is found in each encoding."""
    line = 'x = "🙂e\u0301" + '
    async with connected(ECHO, encoding=encoding) as client:
        client.open(line + ")\n")
        column = {"utf-8": len(line.encode()), "utf-16": len(line) + 1}
        at = column.get(encoding, len(line))
        answer = await client.ask(0, at)

    assert client.result.capabilities.position_encoding == encoding
    assert answer.items[0].insert_text == "< |)>"
    assert answer.items[0].range == types.Range(POSITION(0, at), POSITION(0, at))


async def test_range_is_empty_at_the_cursor(echo):
    """Each item has a range that replaces nothing, and an acceptance command."""
    echo.open("a)")
    item = (await echo.ask(0, 1)).items[0]

    assert item.range == types.Range(POSITION(0, 1), POSITION(0, 1))


async def test_edits_are_seen(echo):
    """A request sees the text of the edit that came before it."""
    echo.open("a\n")
    echo.edit((0, 1), (0, 1), "🙂é")

    assert await echo.texts(0, 4) == ["<é|\n>"]


async def test_newer_request_supersedes(echo):
    """The older request of a document is cancelled, and its decode is stopped."""
    echo.open("slow\nb\n")
    old = echo.ask(0, 4)
    await asyncio.sleep(0)
    new = await echo.texts(1, 1)

    with pytest.raises(JsonRpcRequestCancelled):
        await old
    assert new == ["<b|\n>"]
    await echo.until(lambda: any(s.reason == "superseded" for s in echo.statuses))
    told = next(s for s in echo.statuses if s.reason == "superseded")
    assert (told.kind, told.prompt_tokens) == ("idle", None)


async def test_a_refused_request_supersedes(echo):
    """A request that is refused at once ends the older one of its document, too."""
    echo.open("slow\nword\n")
    old = echo.ask(0, 4)
    await asyncio.sleep(0)

    assert await echo.texts(1, 2) == []
    with pytest.raises(JsonRpcRequestCancelled):
        await old


async def test_closing_ends_a_request(echo):
    """Nobody waits for what was asked of a document that is closed."""
    echo.open("slow\n")
    old = echo.ask(0, 4)
    await asyncio.sleep(0)
    document = types.TextDocumentIdentifier(URI)
    echo.lsp.text_document_did_close(types.DidCloseTextDocumentParams(document))

    with pytest.raises(JsonRpcRequestCancelled):
        await old


@pytest.fixture
async def flying(tmp_path):
    """A request whose decode has said ``abc``; the gate lets it say the rest."""
    gate = tmp_path / "gate"
    async with connected(ECHO, env={"ECHO_FLIGHT": str(gate)}) as client:
        client.open("flight\nb\n")
        old = client.ask(0, 6)
        while not gate.with_suffix(".said").exists():  # noqa: ASYNC110 - a process says so
            await asyncio.sleep(0)
        yield client, old, gate


async def test_typing_what_is_being_generated(flying):
    """A decode that agrees with what is typed meanwhile answers the new request."""
    client, old, gate = flying
    client.edit((0, 6), (0, 6), "ab")
    new = client.ask(0, 8)
    with pytest.raises(JsonRpcRequestCancelled):
        await old
    gate.touch()

    assert [item.insert_text for item in (await new).items] == ["cdef"]
    await client.until(lambda: client.statuses[-1].prompt_tokens == 0)


async def test_typing_something_else(flying):
    """A decode that disagrees with what is typed is stopped at once."""
    client, _, _ = flying
    client.edit((0, 6), (0, 6), "x")

    assert await client.texts(0, 7) == ["<x|\n>"]


async def test_typing_through_an_answer(flying):
    """The rest of an answer is there while it is typed, without a decode."""
    client, old, gate = flying
    gate.touch()
    assert (await old).items
    client.edit((0, 6), (0, 6), "abcd")

    assert await client.texts(0, 10) == ["ef"]
    assert client.statuses[-1].shown == 1
    client.edit((0, 10), (0, 10), "z")
    assert await client.texts(0, 11) == ["<z|\n>"]
    await client.until(lambda: client.statuses[-1].shown == 2)


async def test_other_documents_are_not_superseded(echo):
    """Requests of two documents do not cancel each other."""
    other = "file:///project/b.py"
    echo.open("a")
    echo.open("b", uri=other)
    first, second = echo.ask(0, 1), echo.ask(0, 1, uri=other)

    assert (await first).items
    assert (await second).items


async def test_cancel_reaches_the_decode(echo):
    """After a cancel the decode's thread is free for the next request at once."""
    echo.open("slow\nb\n")
    protocol = echo.lsp.protocol
    future = protocol.send_request_async(
        types.TEXT_DOCUMENT_INLINE_COMPLETION, echo.params(0, 4), msg_id="77"
    )
    pending = asyncio.ensure_future(future)
    await asyncio.sleep(0)
    echo.lsp.cancel_request(types.CancelParams("77"))
    with pytest.raises(JsonRpcRequestCancelled):
        await pending

    assert echo.statuses[-1].reason == "cancelled"
    assert await echo.texts(1, 1) == ["<b|\n>"]


async def test_crash_is_an_empty_list(echo):
    """A completion that crashes answers with an empty list; the server lives on."""
    echo.open("crash\nb\n")

    assert await echo.texts(0, 5) == []
    assert echo.statuses[-1].reason == "error"
    assert await echo.texts(1, 1) == ["<b|\n>"]


async def test_small_context_is_said_once(echo):
    """A context that is too small is a reason, and a warning that is shown once."""
    echo.open("small\n")

    assert await echo.texts(0, 5) == []
    assert echo.statuses[-1].reason == "context-too-small"
    assert await echo.texts(0, 5) == []
    assert ["raise model.n_ctx" in m.message for m in echo.messages] == [True]


@pytest.mark.parametrize(
    "wrong",
    [
        {"position": {"line": -1, "character": 0}},
        {"position": None},
        {"context": None},
        {"textDocument": {}},
    ],
)
async def test_bad_parameters_have_an_answer(echo, wrong):
    """A request that cannot be read has an empty answer; the server lives on."""
    echo.open("a\n")
    params = {
        "textDocument": {"uri": URI},
        "position": {"line": 0, "character": 1},
        "context": {"triggerKind": 2},
        **wrong,
    }
    params = {key: value for key, value in params.items() if value is not None}
    answer = await echo.raw(types.TEXT_DOCUMENT_INLINE_COMPLETION, params)

    assert list(answer.items) == []
    assert echo.statuses[-1].reason == "error"
    assert echo.messages == []
    assert await echo.texts(0, 1) == ["<a|\n>"]


async def test_bad_parameters_of_another_request(echo):
    """Any other request that cannot be read has an error for an answer."""
    with pytest.raises(JsonRpcInvalidParams):
        await echo.raw(types.WORKSPACE_EXECUTE_COMMAND, {"arguments": 3})


@pytest.mark.parametrize(
    ("line", "character", "reason"), [(7, 0, "outside-document"), (0, 1, "mid-word")]
)
async def test_silence_has_a_reason(echo, line, character, reason):
    """Each empty answer says why, once, in the status."""
    echo.open("word\n")

    assert await echo.texts(line, character) == []
    await echo.until(lambda: echo.statuses[-1].reason == reason)


async def test_mid_word_on_request(echo):
    """Inside a word the user is answered when it was he who asked."""
    echo.open("word\n")

    assert (await echo.texts(0, 1, invoked=True))[0] == "<w|o>"


async def test_several_items_on_request_only(echo):
    """One item while typing, several when they were asked for."""
    echo.open("a\n")

    assert len(await echo.texts(0, 1)) == 1
    assert len(await echo.texts(0, 1, invoked=True)) == 3


async def test_selected_entry_of_the_popup(echo):
    """An item extends the selected entry over the entry's own range."""
    echo.open("x.fo\n")
    span = types.Range(POSITION(0, 2), POSITION(0, 4))
    selected = types.SelectedCompletionInfo(span, "format")
    answer = await echo.ask(0, 4, selected=selected)

    assert answer.items[0].insert_text == "format<t|\n>"
    assert answer.items[0].range == span


async def test_selected_entry_of_several_lines(echo):
    """A selection that an item cannot extend gives no item, and says so."""
    echo.open("a\nb\n")
    span = types.Range(POSITION(0, 0), POSITION(1, 1))

    assert (
        await echo.texts(1, 1, selected=types.SelectedCompletionInfo(span, "q")) == []
    )
    assert echo.statuses[-1].reason == "selection-mismatch"


async def test_acceptance_counts_once(echo):
    """Running an item's command counts it as accepted, but not twice."""
    echo.open("a\n")
    command = (await echo.ask(0, 1)).items[0].command
    run = types.ExecuteCommandParams(command.command, command.arguments)
    await echo.lsp.workspace_execute_command_async(run)
    await echo.lsp.workspace_execute_command_async(run)
    await echo.texts(0, 1)

    assert (echo.statuses[-1].shown, echo.statuses[-1].accepted) == (1, 1)


async def test_unopened_document(echo):
    """A document that was never opened and does not exist is no error to the client."""
    assert await echo.texts(0, 0, uri="file:///nowhere/at/all.py") == []
    assert await echo.texts(0, 0, uri="untitled:Untitled-1") == []
    assert echo.statuses[-1].reason == "not-open"


async def test_documents_come_from_the_client_alone(echo, tmp_path):
    """A file that is not open, or not any more, is not read from the disk."""
    file = tmp_path / "a b.py"
    file.write_text("a\n")
    uri = file.as_uri()

    assert await echo.texts(0, 1, uri=uri) == []
    assert echo.statuses[-1].reason == "not-open"
    echo.edit((0, 0), (0, 0), "edited", uri=uri)
    echo.open("b\n", uri=uri)
    assert await echo.texts(0, 1, uri=uri) == ["<b|\n>"]
    closed = types.TextDocumentIdentifier(uri)
    echo.lsp.text_document_did_close(types.DidCloseTextDocumentParams(closed))
    assert await echo.texts(0, 1, uri=uri) == []
    assert echo.statuses[-1].reason == "not-open"
    assert echo.messages == []


async def test_line_ends_are_the_editors(echo):
    """Whatever the document's line ends are, an item has plain ones."""
    echo.open("crlf\r\nb\r\n")

    assert await echo.texts(0, 4) == ["one\ntwo"]


async def test_missing_model_is_said_once():
    """Without a model every answer is empty, and the user is told what to do."""
    async with connected(ECHO, env={"ECHO_NO_MODEL": "1"}, wait=False) as client:
        await client.until(lambda: client.statuses[-1:] and client.messages)
        client.open("a\n")

        assert await client.texts(0, 1) == []
        assert client.statuses[-1].reason == "no-model"
        assert "codeassist models pull" in client.statuses[-1].message
        assert "codeassist models pull" in client.messages[0].message
        assert len(client.messages) == 1


async def test_a_note_is_no_trouble():
    """What there is to know of a model is told in the status, not as a warning."""
    async with connected(ECHO, env={"ECHO_NOTE": "an instruct model"}) as client:
        assert client.statuses[-1].message == "an instruct model"
        assert client.messages == []
    assert "INFO:codeassist.lsp.serving:an instruct model" in client.stderr


async def test_no_socket_is_open(echo):
    """A server on stdio opens no network socket."""
    echo.open("a\n")
    await echo.texts(0, 1)
    process = psutil.Process(echo.lsp._server.pid)

    assert process.net_connections(kind="inet") == []
