"""A client's messages over a stream, each in one turn of a thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from codeassist.lsp.long_strings import LongStrings
from codeassist.lsp.stdio import Messages

FIRST = b"Content-Length: 2\r\n\r\n{}"


class Counted(ThreadPoolExecutor):
    """A pool that counts what it is given."""

    turns = 0

    def submit(self, *args, **kwargs):
        self.turns += 1
        return super().submit(*args, **kwargs)


def read(said, sizes):
    """Lines until a blank one and then a body of a size, again and again; the turns."""

    async def talk(messages):
        found = []
        for size in sizes:
            while line := await messages.readline():
                found.append(line)
                if not line.strip() and size:
                    break
            if size and line:
                found.append(await messages.readexactly(size))
        return found

    with Counted(1) as pool:
        messages = Messages(LongStrings(BytesIO(said)), pool)
        return asyncio.run(talk(messages)), pool.turns


def test_a_message_takes_one_turn():
    """Header and body come together: each turn waits for the interpreter's lock."""
    body = b'{"a": 1}'
    second = b"content-type: json\r\ncontent-length:8\r\n\r\n" + body
    found, turns = read(FIRST + second, [2, 8])
    assert found == [
        b"Content-Length: 2\r\n",
        b"\r\n",
        b"{}",
        b"content-type: json\r\n",
        b"Content-Length: 8\r\n",
        b"\r\n",
        body,
    ]
    assert turns == 2


@pytest.mark.parametrize("said", [b"", b"no header", b"Content-Length: 2\r\n"])
def test_a_client_that_goes(said):
    """Who goes in the middle of a header is told by an empty line."""
    found, turns = read(said, [0])
    assert b"".join(found) == said
    assert turns == 1


def test_a_client_that_goes_in_a_body():
    """Of a body that was cut off there is what came."""
    assert read(FIRST[:-1], [2])[0][-1] == b"{"


def test_a_line_of_no_message():
    """What stands before a header is handed on, and hides nothing."""
    found, _ = read(b"hello\r\n\r\n" + FIRST, [0])
    assert found[:2] == [b"hello\r\n", b"\r\n"]
    assert found[2:4] == [b"Content-Length: 2\r\n", b"\r\n"]
