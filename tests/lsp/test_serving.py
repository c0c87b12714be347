"""Other adapters and settings come while the session runs, and no request is lost."""

import asyncio

import pytest
from lsprotocol import types

from codeassist.engine.adapters.store import ADAPTER
from tests.lsp.client import DEADLINE, ECHO, connected

ASKS = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(configuration=True)
)


class Store:
    """The folder of adapters, with one line of text for each."""

    def __init__(self, data):
        self.env = {"XDG_DATA_HOME": str(data)}
        self._folder = data / "codeassist" / "adapters"

    def put(self, name, text):
        (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / name / ADAPTER).write_text(text)

    def activate(self, name):
        part = self._folder / "active.part"
        self._folder.mkdir(parents=True, exist_ok=True)
        part.write_text(name)
        part.replace(self._folder / "active.json")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


async def test_another_adapter(store):
    """What is activated elsewhere completes soon, and what is taken back no more."""
    store.put("mine", "trained")
    async with connected(ECHO, env=store.env) as client:
        client.open("settings\n")
        assert await client.texts(0, 8) == ["64 plain"]
        store.activate("mine")
        await client.until(lambda: client.statuses[-1].adapter == "mine")
        assert await client.texts(0, 8) == ["64 trained"]
        store.activate("")
        await client.until(lambda: client.statuses[-1].adapter is None)

        assert await client.texts(0, 8) == ["64 plain"]
        assert client.messages == []


async def test_another_file_of_the_same_name(store):
    """An adapter that was removed and trained anew is loaded anew."""
    store.put("mine", "first")
    store.activate("mine")
    async with connected(ECHO, env=store.env) as client:
        client.open("settings\n")
        assert await client.texts(0, 8) == ["64 first"]
        store.put("mine", "second")
        store.activate("mine")

        await answers(client, "64 second")


async def test_no_request_fails_meanwhile(store):
    """Requests that come while adapters change are answered as ever."""
    names = ["one", "two", "three"]
    for name in names:
        store.put(name, name)
    async with connected(ECHO, env=store.env) as client:
        client.open("settings\n")
        said = set()
        for name in names:
            store.activate(name)
            while client.statuses[-1].adapter != name:
                (text,) = await client.texts(0, 8)
                said.add(text)

        assert await client.texts(0, 8) == ["64 three"]
        assert said <= {"64 plain", *(f"64 {name}" for name in names)}
        assert client.messages == []


async def test_a_bad_adapter(store):
    """One that cannot be loaded is told of once; the one before goes on."""
    store.put("good", "good")
    store.put("bad", "cut")
    store.activate("good")
    async with connected(ECHO, env=store.env) as client:
        client.open("settings\n")
        store.activate("bad")
        await client.until(lambda: client.messages)
        assert await client.texts(0, 8) == ["64 good"]
        store.activate("good")
        store.activate("bad")
        assert await client.texts(0, 8) == ["64 good"]

        (message,) = client.messages
    assert message.type is types.MessageType.Warning
    assert "it is cut short; echo goes on as it was" in message.message


async def test_settings_that_need_no_model(store):
    """Changed sizes count at once; the model is not loaded again."""
    async with connected(ECHO, env=store.env, capabilities=ASKS) as client:
        client.open("settings\n")
        client.section = {"completion": {"max_tokens": 7}}
        changed(client)

        await answers(client, "7 plain")
    assert client.stderr.count("LOADED") == 1


async def test_settings_that_need_another_model(store):
    """Another model is loaded behind the one that answers, and takes its place."""
    async with connected(ECHO, env=store.env, capabilities=ASKS) as client:
        client.open("settings\n")
        client.section = {"model": {"id": "other"}}
        changed(client)
        await client.until(lambda: client.statuses[-1].model == "other")

        assert await client.texts(0, 8) == ["64 plain"]
    assert client.stderr.count("LOADED") == 2


def changed(client, settings=None):
    """The editor's settings have changed."""
    params = types.DidChangeConfigurationParams(settings)
    client.lsp.workspace_did_change_configuration(params)


async def answers(client, text, **how):
    """Ask until that is the answer."""
    async with asyncio.timeout(DEADLINE):
        while await client.texts(0, 8, **how) != [text]:
            pass


async def test_no_model_and_then_another(tmp_path):
    """Where the model is missing, settings that name another one bring it."""
    model = tmp_path / "model.gguf"
    how = {"env": {"ECHO_MODEL": str(model)}, "capabilities": ASKS, "wait": False}
    async with connected(ECHO, **how) as client:
        await client.until(lambda: client.messages)
        client.open("settings\n")
        assert await client.texts(0, 8) == []
        assert client.statuses[-1].reason == "no-model"
        model.touch()
        client.section = {"model": {"id": "other"}}
        changed(client)

        await answers(client, "64 plain")
        assert client.statuses[-1].model == "other"
