"""What the server can do is registered when it is so, where the client lets it."""

import asyncio

import pytest
from lsprotocol import types

from tests.lsp.client import ECHO, connected
from tests.lsp.test_serving import changed

INLINE = types.TEXT_DOCUMENT_INLINE_COMPLETION
ITEMS = types.TEXT_DOCUMENT_COMPLETION
CHANGED = types.WORKSPACE_DID_CHANGE_CONFIGURATION
DYNAMIC = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        configuration=True,
        did_change_configuration=types.DidChangeConfigurationClientCapabilities(True),
    ),
    text_document=types.TextDocumentClientCapabilities(
        completion=types.CompletionClientCapabilities(dynamic_registration=True),
        inline_completion=types.InlineCompletionClientCapabilities(True),
    ),
)


def methods(client):
    """What is registered."""
    return set(client.registered.values())


async def test_with_the_model(tmp_path):
    """Ghost text is registered when there is a model, and not promised before."""
    gate = tmp_path / "gate"
    how = {"env": {"ECHO_GATE": str(gate)}, "capabilities": DYNAMIC, "wait": False}
    async with connected(ECHO, **how) as client:
        told = client.result.capabilities
        assert told.inline_completion_provider is None
        assert told.completion_provider is None
        await client.until(lambda: CHANGED in methods(client))
        assert INLINE not in methods(client)
        gate.touch()
        await client.until(lambda: INLINE in methods(client))

        client.open("a\n")
        assert await client.texts(0, 1) == ["<a|\n>"]
        assert ITEMS not in methods(client)


async def test_no_model():
    """Without a model nothing is registered."""
    how = {"env": {"ECHO_NO_MODEL": "1"}, "capabilities": DYNAMIC, "wait": False}
    async with connected(ECHO, **how) as client:
        await client.until(lambda: client.messages)
        client.open("a\n")

        assert await client.texts(0, 1) == []
        assert methods(client) == {CHANGED}


async def test_entries_come_and_go():
    """Entries of the popup menu are registered and withdrawn as the setting says."""
    section = {"completion": {"as_items": True}}
    async with connected(ECHO, capabilities=DYNAMIC, section=section) as client:
        await client.until(lambda: ITEMS in methods(client))
        client.section = {}
        changed(client)
        await client.until(lambda: ITEMS not in methods(client))

        assert methods(client) == {CHANGED, INLINE}


async def test_ready_is_said_behind_the_registration():
    """Who is told that the server is ready has been told that it may be asked."""
    asked, gate = asyncio.Event(), asyncio.Event()

    async def registers(params):
        if any(each.method == INLINE for each in params.registrations):
            asked.set()
        await gate.wait()

    features = {types.CLIENT_REGISTER_CAPABILITY: registers}
    how = {"capabilities": DYNAMIC, "features": features, "wait": False}
    async with connected(ECHO, **how) as client:
        await asked.wait()
        assert {each.kind for each in client.statuses} == {"loading"}
        gate.set()
        await client.until(lambda: client.statuses[-1].kind == "idle")


async def refuses(_params):
    """No registration for the server."""
    msg = "unsupported"
    raise ValueError(msg)


async def test_refused():
    """A client that refuses a registration costs a line in the log, and no more."""
    features = {types.CLIENT_REGISTER_CAPABILITY: refuses}
    async with connected(ECHO, capabilities=DYNAMIC, features=features) as client:
        client.open("a\n")

        assert await client.texts(0, 1) == ["<a|\n>"]
        assert client.messages == []
    assert "the client refused to register" in client.stderr
    assert "Traceback" not in client.stderr


@pytest.mark.parametrize("wanted", [False, True])
async def test_promised_at_once(wanted):
    """Where nothing can be registered later, the first answer says all."""
    options = {"completion": {"as_items": wanted}}
    async with connected(ECHO, options=options) as client:
        told = client.result.capabilities

        assert told.inline_completion_provider is not None
        assert (told.completion_provider is not None) is wanted
