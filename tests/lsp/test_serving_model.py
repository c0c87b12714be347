"""Adapters that change under the real server with the real default model."""

import asyncio
import sys

import psutil
import pytest

from codeassist.engine import adapters as store
from codeassist.engine.models.store import models_dir, resolve
from tests.lsp.client import DEADLINE, connected
from tests.lsp.test_serving import ASKS, changed

pytestmark = pytest.mark.model

BODY = "def total(prices):\n    return sum(prices)\n\n\n" * 6 + "x = total(\n"
ROW, COLUMN = BODY.count("\n") - 1, len("x = total(")
PATIENT = {"time_limit_ms": 600_000}
"""The machine may be busy."""

OPTIONS = {
    "model": {"threads": 1},
    "completion": {"context_tokens": 128, "max_tokens": 16, **PATIENT},
}
MEGABYTE = 1_000_000


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Data and cache of this test alone, with the user's models."""
    monkeypatch.setenv("CODEASSIST_MODELS", str(models_dir()))
    for name in ("DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return tmp_path


@pytest.fixture
def put(home, shared):
    """Puts the proof's adapter into the store, or its beginning alone."""
    proof = shared / "field" / "proof-fim-lora-0.5b.gguf"

    def put(name, size=None):
        file = home / "some.gguf"
        file.write_bytes(proof.read_bytes()[:size])
        base = store.base_of(resolve(""))
        about = store.About(name, base, "", 0, "2026-01-01T00:00:00")
        return store.add(about, file)

    return put


def session(home, **how):
    """A client of the real server in that home."""
    command = [sys.executable, "-m", "codeassist", "lsp", "--log", str(home / "log")]
    env = {f"XDG_{each}_HOME": str(home / each.lower()) for each in ("DATA", "CACHE")}
    how = {"options": OPTIONS, "root_uri": home.as_uri()} | how
    return connected(command, env=env, **how)


async def switched(client, uri, name):
    """Ask until that adapter answers; every request has an answer."""
    async with asyncio.timeout(2 * DEADLINE):
        while client.statuses[-1].adapter != name:
            await client.texts(ROW, COLUMN, uri=uri)


async def test_nothing_is_left_of_another_adapter(home, put):
    """What was computed under an adapter is computed anew under the next one."""
    uri = (home / "a.py").as_uri()
    put("mine")
    async with session(home) as client:
        client.open(BODY, uri)
        await client.texts(ROW, COLUMN, uri=uri)
        store.activate("mine")
        await client.until(lambda: client.statuses[-1].adapter == "mine")
        n = len(client.statuses)
        await client.texts(ROW, COLUMN, uri=uri)
        await client.until(lambda: len(client.statuses) > n)

        status = client.statuses[-1]
        assert status.prompt_tokens == status.evaluated_tokens > 10


async def test_adapters_change_while_somebody_types(home, put):
    """Adapters come and go without a failed request, and take their memory with them."""
    uri = (home / "a.py").as_uri()
    usual = resolve("").adapter
    usual = usual.name if usual else None
    put("mine")
    async with session(home) as client:
        client.open(BODY, uri)
        plain = await client.texts(ROW, COLUMN, uri=uri)
        process = psutil.Process(client.process.pid)
        sizes = []
        for _ in range(3):
            store.activate("mine")
            await switched(client, uri, "mine")
            store.rollback(store.base_of(resolve("")).sha256)
            await switched(client, uri, usual)
            info = process.memory_info()
            # the weights' own file is in memory as the system likes
            sizes.append(info.rss - info.shared)

        assert await client.texts(ROW, COLUMN, uri=uri) == plain
        assert client.messages == []
        assert sizes[-1] < sizes[0] + 150 * MEGABYTE
    assert client.stderr == ""


async def test_a_cut_adapter(home, put):
    """An adapter that is cut short is warned of once, and the one before goes on."""
    uri = (home / "a.py").as_uri()
    put("cut", size=2_000_000)
    async with session(home) as client:
        client.open(BODY, uri)
        plain = await client.texts(ROW, COLUMN, uri=uri)
        store.activate("cut")
        await client.until(lambda: client.messages)

        assert await client.texts(ROW, COLUMN, uri=uri) == plain
        (message,) = client.messages
    assert "cut short" in message.message
    assert "goes on as it was" in message.message


async def test_sizes_change_over_the_same_cache(home):
    """A setting of the completion counts at once, and what is computed stays."""
    uri = (home / "a.py").as_uri()
    sure = {"completion": {"confidence": 1.0, **PATIENT}}
    section = {"completion": {"confidence": 0.0, **PATIENT}}
    how = {"capabilities": ASKS, "section": section}
    async with session(home, options={"model": {"threads": 1}}, **how) as client:
        client.open(BODY, uri)
        assert await client.texts(ROW, COLUMN, uri=uri)
        client.section = sure
        changed(client)
        async with asyncio.timeout(DEADLINE):
            while await client.texts(ROW, COLUMN, uri=uri):
                pass

        await client.until(lambda: client.statuses[-1].reason == "unsure")
        assert client.statuses[-1].evaluated_tokens == 1
