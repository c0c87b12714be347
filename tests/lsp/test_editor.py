"""A server ends with its editor, and with nobody else."""

import asyncio
import os

import psutil
import pytest

from codeassist.lsp.editor import end_with
from tests.lsp.client import DEADLINE, ECHO
from tests.lsp.test_command import message, read

EDITOR = ["sh", "-c", '"$@"; exit', "sh", *ECHO]
"""A program that starts the server, and waits for it."""


async def test_an_editor_that_crashes():
    """Though another process still holds its pipe, the server ends with the editor."""
    pipe = asyncio.subprocess.PIPE
    editor = await asyncio.create_subprocess_exec(*EDITOR, stdin=pipe, stdout=pipe)
    params = {"capabilities": {}, "processId": editor.pid}
    async with asyncio.timeout(DEADLINE):
        editor.stdin.write(message(id=1, method="initialize", params=params))
        assert (await read(editor.stdout))["id"] == 1
        editor.stdin.write(message(method="initialized", params={}))
        assert (await read(editor.stdout))["method"] == "codeassist/status"
        (server,) = psutil.Process(editor.pid).children()
        editor.kill()
        await editor.stdout.read()  # the server is the last one that could write

        await asyncio.to_thread(server.wait, DEADLINE)


@pytest.mark.parametrize("pid", [None, 2**22 + 1, os.getpid()])
async def test_a_process_that_has_not_started_us(pid):
    """A number that is nobody's, or a stranger's, ends nothing."""
    ended = []
    await end_with(pid, lambda: ended.append(pid))

    assert ended == []
