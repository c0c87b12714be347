"""Whose text is quoted in other files' prompts, and until when."""

import asyncio

import pytest
from lsprotocol import types

from codeassist.lsp.following import path_of
from tests.lsp.client import DEADLINE, ECHO, connected
from tests.lsp.test_context import repository

GHOST = "def ghost(x):\n    return x\n"
LINE = "ghost(1), far_away(1) # known"


@pytest.fixture
async def main(tmp_path):
    """A client with ``main.py`` of a repository open; the paths that a prompt quotes."""
    root = repository(tmp_path / "project")
    env, uri = {"XDG_CACHE_HOME": str(tmp_path / "cache")}, (root / "main.py").as_uri()
    async with connected(ECHO, env=env, root_uri=root.as_uri()) as client:
        client.open(LINE, uri)
        yield root, client, lambda: quoted(client, uri)


async def quoted(client, uri):
    """The paths of the files that the prompt of a document quotes."""
    (answer,) = await client.texts(0, len(LINE), uri=uri)
    return answer.split()


async def has(quotes, name):
    return name in await quotes()


async def lacks(quotes, name):
    return name not in await quotes()


async def until(condition):
    """Wait for what another thread has to do."""
    async with asyncio.timeout(DEADLINE):
        while not await condition():
            pass


def close(client, uri):
    """Close a document."""
    gone = types.TextDocumentIdentifier(uri)
    client.lsp.text_document_did_close(types.DidCloseTextDocumentParams(gone))


async def test_a_buffer_that_was_never_saved(main):
    """What was typed under the name of a new file is forgotten with its buffer."""
    root, client, quotes = main
    ghost = f"untitled:{root}/ghost.py"
    client.open(GHOST, ghost)

    await until(lambda: has(quotes, "ghost.py"))
    close(client, ghost)
    await until(lambda: lacks(quotes, "ghost.py"))


async def test_an_older_version_beside_the_file(main):
    """A document of another scheme, as of a diff, does not stand for the file."""
    root, client, quotes = main
    file, older = (root / "ghost.py").as_uri(), f"git:{root}/ghost.py?%7B%7D"
    client.open(GHOST, file)
    await until(lambda: has(quotes, "ghost.py"))
    client.open("# not yet\n", older)
    client.open("def far_away(x, y): ...\n", f"git:{root}/older.py")
    client.edit((0, 0), (0, 0), "#", older)
    close(client, older)
    client.open("def far_away(y, z): ...\n", (root / "last.py").as_uri())
    await until(lambda: has(quotes, "last.py"))

    assert await has(quotes, "ghost.py")
    assert await lacks(quotes, "older.py")


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b/c.py", "/a b/c.py"),
        ("untitled:/a%20b/c.py", "/a b/c.py"),
        ("untitled:Untitled-1", None),
        ("git:/a/c.py?ref", None),
        ("vscode-notebook-cell:/a/c.ipynb#W1", None),
    ],
)
def test_who_speaks_for_a_path(uri, path):
    """A file and a new one's buffer speak for a path; nothing else does."""
    assert path_of(uri) == path
