"""Pauses and restarts of the real server with the real default model."""

import asyncio
import sys

import pytest

from tests.lsp.client import DEADLINE, connected

pytestmark = pytest.mark.model

BODY = "def total(prices):\n    return sum(prices)\n\n\n" * 12 + "x = total(\n"
ROW, COLUMN = BODY.count("\n") - 1, len("x = total(")
OPTIONS = {
    "model": {"threads": 1},  # else it heeds what else runs here
    "completion": {"time_limit_ms": 600_000},  # and that may be much
}


@pytest.fixture
def session(tmp_path):
    """Makes clients of servers with a cache of their own."""
    command = [
        sys.executable,
        "-m",
        "codeassist",
        "lsp",
        "--log",
        str(tmp_path / "log"),
    ]
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    root = tmp_path.as_uri()
    return lambda: connected(command, env=env, options=OPTIONS, root_uri=root)


def prompts(tmp_path):
    """The files of kept prompts."""
    return list((tmp_path / "cache" / "codeassist").glob("prompts/*"))


async def evaluated(client, uri):
    """Tokens of the prompt that a request at the end of the document evaluates."""
    n = len(client.statuses)
    await client.texts(ROW, COLUMN, uri=uri)
    await client.until(lambda: len(client.statuses) > n)
    return client.statuses[-1].evaluated_tokens


async def test_after_a_jump(session, tmp_path):
    """Where the cursor came to rest, the first request finds its prompt."""
    uri, log = (tmp_path / "a.py").as_uri(), tmp_path / "log"
    async with session() as client:
        client.open(BODY, uri)
        client.focus(uri, (ROW, COLUMN))
        async with asyncio.timeout(DEADLINE):
            while "evaluated ahead" not in log.read_text():
                await client.texts(0, 0, uri="file:///nowhere.py")

        assert await evaluated(client, uri) == 1


async def test_after_a_restart(session, tmp_path):
    """The next session finds the last prompt of the one before."""
    uri = (tmp_path / "a.py").as_uri()
    costs = []
    for _ in range(2):
        async with session() as client:
            client.open(BODY, uri)
            costs.append(await evaluated(client, uri))

    assert costs[0] > 100
    assert costs[1] == 1
    (kept,) = prompts(tmp_path)
    assert kept.stat().st_mode & 0o077 == 0


async def test_ignored_text_is_not_kept(session, tmp_path):
    """The prompt of an ignored file stays in memory."""
    (tmp_path / ".gitignore").write_text("private/\n")
    uri = (tmp_path / "private" / "a.py").as_uri()
    async with session() as client:
        client.open(BODY, uri)
        assert await evaluated(client, uri) > 100

    assert prompts(tmp_path) == []
