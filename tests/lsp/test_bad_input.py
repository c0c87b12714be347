"""Documents that are many, long, odd or gone, seen from an editor."""

import asyncio

import pytest
from lsprotocol import types

from tests.lsp.client import ECHO, connected

MANY = 100
LONG = "value = 12345  # some words\n" * 70_000
"""1.96 MB."""


async def test_many_documents_at_once(echo):
    """A hundred documents that are opened and asked for at once all get their answer."""
    uris = [f"file:///project/{n}.py" for n in range(MANY)]
    for n, uri in enumerate(uris):
        echo.open(f"{n % 10}\n", uri)
    answers = await asyncio.gather(*(echo.ask(0, 1, uri=uri) for uri in uris))

    texts = [answer.items[0].insert_text for answer in answers]
    assert texts == [f"<{n % 10}|\n>" for n in range(MANY)]
    assert echo.messages == []


async def test_long_document(echo):
    """Two megabytes are opened, edited in the middle, and asked for where they end."""
    echo.open(LONG)
    echo.edit((40_000, 0), (40_000, 5), "🙂\t")
    assert await echo.texts(40_000, 3) == ["<\t| >"]
    assert await echo.texts(70_000, 0) == ["<\n|>"]
    echo.edit((0, 0), (69_999, 0), "")

    assert await echo.texts(0, 27) == ["<s|\n>"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_odd_lines(encoding):
    """Tabs, emoji and line ends of two characters are counted as the client does."""
    text = "\tx = '🙂🙂'\r\n\t\ty = \r\nz"
    codec, size = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}.get(
        encoding, ("utf-32-le", 4)
    )
    end = len("\tx = '🙂🙂".encode(codec)) // size
    async with connected(ECHO, encoding=encoding) as client:
        client.open(text)
        assert await client.texts(0, end) == ["<🙂|'>"]
        client.edit((0, end), (0, end), "\t🙂é")
        more = len("\t🙂é".encode(codec)) // size

        assert await client.texts(0, end + more) == ["<é|'>"]
        assert await client.texts(1, 6) == ["< |\r>"]
        assert await client.texts(1, 99) == ["< |\r>"]
        assert await client.texts(2, 1) == ["<z|>"]


async def test_closed_in_the_middle_of_a_request(echo):
    """A document that is closed while its answer is made leaves the server as it was."""
    uri = "file:///project/gone.py"
    echo.open("slow\n", uri)
    asked = echo.ask(0, 4, uri=uri)
    gone = types.TextDocumentIdentifier(uri)
    echo.lsp.text_document_did_close(types.DidCloseTextDocumentParams(gone))
    echo.edit((0, 0), (0, 0), "x", uri)
    assert await echo.texts(0, 4, uri=uri) == []
    echo.open("b\n", uri)

    assert await echo.texts(0, 1, uri=uri) == ["<b|\n>"]
    asked.cancel()
    assert echo.messages == []


async def test_status_in_the_words_of_copilot(tmp_path):
    """Copilot's clients learn when the server works, and what is wrong."""
    gate = tmp_path / "gate"
    async with connected(ECHO, env={"ECHO_GATE": str(gate)}, wait=False) as client:
        await client.until(lambda: client.briefs)
        assert client.briefs[0].busy
        gate.touch()
        await client.until(lambda: not client.briefs[-1].busy)
        client.open("slow\nb\n")
        slow = client.ask(0, 4)
        await client.until(lambda: client.briefs[-1].busy)
        assert await client.texts(1, 1) == ["<b|\n>"]
        await client.until(lambda: not client.briefs[-1].busy)
        assert client.briefs[-1].kind == "Normal"
        await asyncio.wait([slow])
        slow.exception()
    async with connected(ECHO, env={"ECHO_NO_MODEL": "1"}, wait=False) as client:
        await client.until(lambda: client.briefs and client.briefs[-1].kind == "Error")
        assert "codeassist models pull" in client.briefs[-1].message
