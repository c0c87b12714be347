"""The server with the real default model."""

import asyncio
import sys

import psutil
import pytest
from pygls.exceptions import JsonRpcRequestCancelled

from tests.lsp.client import connected

pytestmark = pytest.mark.model

SERVER = [sys.executable, "-m", "codeassist", "lsp"]
ADD = "def add(a, b):\n    return a \n\n\nprint(add(1, 2))\n"


async def test_no_socket_is_open(tmp_path):
    """The whole product on stdio opens no network socket, and says nothing."""
    async with connected([*SERVER, "--log", str(tmp_path / "log")]) as client:
        client.open(ADD)

        assert await client.texts(1, 13) == ["+ b"]
        process = psutil.Process(client.process.pid)
        assert process.net_connections(kind="inet") == []
    assert client.stderr == ""


async def test_end_while_loading(tmp_path):
    """A session that ends while the model loads ends without a complaint."""
    command = [*SERVER, "--log", str(tmp_path / "log")]
    async with connected(command, wait=False) as client:
        await client.until(lambda: client.statuses)
        client.process.stdin.close()

        assert await client.ended() == 0
    assert client.stderr == ""


async def test_storm(tmp_path):
    """A storm of superseding requests leaves one answer, the right one."""
    async with connected([*SERVER, "--log", str(tmp_path / "log")]) as client:
        client.open(ADD)
        storm = []
        for _ in range(30):
            storm.append(client.ask(1, 13))
            await asyncio.sleep(0)
        answers = await asyncio.gather(*storm, return_exceptions=True)

    assert [item.insert_text for item in answers[-1].items] == ["+ b"]
    assert all(isinstance(a, JsonRpcRequestCancelled) or a.items for a in answers[:-1])


async def test_log_holds_no_code(tmp_path):
    """The log tells reasons and times, never what the user writes."""
    log = tmp_path / "log"
    async with connected([*SERVER, "--log", str(log)]) as client:
        client.open("password = 'hunter2'\n" + ADD)
        await client.texts(2, 13)
    text = log.read_text()

    assert "3 characters in" in text
    assert "hunter2" not in text
