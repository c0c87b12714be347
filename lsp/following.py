"""Handlers that tell the others what the user opens, changes and closes."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument, Workspace

from .collecting import settle
from .documents import opened, too_large
from .indexing import IndexingBar
from .loading import LoadingBar

if TYPE_CHECKING:
    from .context import Repositories

__all__ = ["add_following", "follow_all", "open_repositories", "path_of"]

NEW = "untitled:"
"""Scheme of a buffer that was never saved, perhaps with the path that it will have."""

S = TypeVar("S", bound=LanguageServer)


def path_of(uri: str) -> str | None:
    """The file whose text a document is; None: it is none's, as an older version is."""
    path = to_fs_path(uri.replace(NEW, "file:", 1) if uri.startswith(NEW) else uri)
    return path if path and Path(path).is_absolute() else None


async def open_repositories(
    show: Callable[[str], LoadingBar | None], shows: Callable[[str], bool]
) -> "Repositories":
    """Repositories of which none is open yet.

    Args:
        show: Makes a bar of a title, where the client shows any.
        shows: Whether prompts of a file or folder show others, by its path.
    """
    bar = IndexingBar(show, asyncio.get_running_loop())
    # note: what an index needs is imported when there is one, and not by the loop
    repositories = await asyncio.to_thread(_made, bar, shows)
    settle()
    return repositories


def _made(bar: IndexingBar, shows: Callable[[str], bool]) -> "Repositories":
    from .context import Repositories

    return Repositories(bar.told, shows=shows)


def follow_all(
    server: LanguageServer, repositories: "Repositories", roots: Sequence[Path]
) -> None:
    """Index what is open, as far as it is to be shown.

    Args:
        server: Has the documents.
        repositories: Of the server.
        roots: The folders.
    """
    repositories.open(roots)
    workspace = server.workspace
    for document in workspace.text_documents.values():
        _tell(workspace, repositories, document)


def _tell(
    workspace: Workspace,
    repositories: "Repositories",
    document: TextDocument,
    row: int | None = None,
) -> None:
    """Have a document's text taken in, which was changed in a row, or was opened."""
    path = path_of(document.uri)
    if path is None or workspace.get_notebook_document(cell_uri=document.uri):
        repositories.meet(str(document.path))
    elif not too_large(document):
        repositories.changed(path, document.source, row)


def add_following(
    server: S,
    repositories: Callable[[S], "Repositories | None"],
    *,
    changed: Callable[[S, str], None],
    closed: Callable[[S, str], None],
    moved: Callable[[S], None],
) -> None:
    """Add the handlers.

    Args:
        server: Gets them.
        repositories: Of the server; None as long as there are none.
        changed: Called with the URI of a document after it was changed.
        closed: Called with the URI of a document after it was closed.
        moved: Called when folders were opened or closed; has those that are open
            followed.
    """

    def follow(ls: S, uri: str, row: int | None = None) -> None:
        known, document = repositories(ls), opened(ls.workspace, uri)
        if known is not None and document is not None:
            _tell(ls.workspace, known, document, row)

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
        known, path = repositories(ls), path_of(params.text_document.uri)
        if known is not None and path:
            known.closed(path)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(
        ls: S, params: types.DidChangeWorkspaceFoldersParams
    ) -> None:
        for folder in params.event.added:  # else what is told anew would be closed
            ls.workspace.add_folder(folder)
        known = repositories(ls)
        if known is not None:
            gone = (to_fs_path(each.uri) for each in params.event.removed)
            known.leave([Path(path) for path in gone if path])
        moved(ls)
