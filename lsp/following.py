"""Handlers that tell the others what the user opens, changes and closes."""

import asyncio
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from .documents import opened
from .indexing import IndexingBar
from .loading import LoadingBar

if TYPE_CHECKING:
    from .context import Repositories

__all__ = ["add_following", "open_repositories"]

TURN_SECONDS = 0.0005
"""That a thread may keep the interpreter's lock while others wait for it. The loop waits
for all that are before it: an index and a watch have five, with Python's 5 ms each."""

S = TypeVar("S", bound=LanguageServer)


async def open_repositories(
    server: LanguageServer, show: Callable[[str], LoadingBar | None]
) -> "Repositories":
    """Index the folders and documents that are open.

    Args:
        server: Whose loop runs.
        show: Makes a bar of a title, where the client shows any.
    """
    bar = IndexingBar(show, asyncio.get_running_loop())
    # note: what an index needs is imported when there is one, and not by the loop
    repositories = await asyncio.to_thread(_made, bar)
    # note: what is there by now stays, and the garbage collector, which has the
    # interpreter's lock for as long as it takes, need not look at it again
    gc.freeze()
    sys.setswitchinterval(TURN_SECONDS)
    workspace = server.workspace
    roots = list(workspace.folders) or [workspace.root_uri or ""]
    paths = (to_fs_path(uri) for uri in roots)
    repositories.open([Path(path) for path in paths if path])
    for document in workspace.text_documents.values():
        repositories.changed(str(document.path), document.source)
    return repositories


def _made(bar: IndexingBar) -> "Repositories":
    from .context import Repositories

    return Repositories(bar.told)


def add_following(
    server: S,
    repositories: Callable[[S], "Repositories | None"],
    *,
    changed: Callable[[S, str], None],
    closed: Callable[[S, str], None],
) -> None:
    """Add the handlers.

    Args:
        server: Gets them.
        repositories: Of the server; None as long as there are none.
        changed: Called with the URI of a document after it was changed.
        closed: Called with the URI of a document after it was closed.
    """

    def follow(ls: S, uri: str, row: int | None = None) -> None:
        known, document = repositories(ls), opened(ls.workspace, uri)
        if known is not None and document is not None:
            known.changed(str(document.path), document.source, row)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(ls: S, params: types.DidOpenTextDocumentParams) -> None:
        follow(ls, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(ls: S, params: types.DidChangeTextDocumentParams) -> None:
        ranges = (getattr(each, "range", None) for each in params.content_changes)
        rows = [each.start.line for each in ranges if each]
        changed(ls, params.text_document.uri)
        follow(ls, params.text_document.uri, rows[-1] if rows else None)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(ls: S, params: types.DidCloseTextDocumentParams) -> None:
        closed(ls, params.text_document.uri)
        known, path = repositories(ls), to_fs_path(params.text_document.uri)
        if known is not None and path:
            known.closed(path)
