"""Notebooks: what the other cells say around the one with the cursor."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import Workspace

if TYPE_CHECKING:
    from .context import Repositories

__all__ = ["SYNC", "Neighbours", "add_notebooks", "neighbours"]

SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="*")]
)
"""Cells of all notebooks."""

BETWEEN = "\n\n"

Neighbours = tuple[str, str]
"""Texts before and behind a cell."""

S = TypeVar("S", bound=LanguageServer)


def neighbours(workspace: Workspace, uri: str) -> Neighbours:
    """The code of the other cells in a cell's language, in the notebook's order.

    Args:
        workspace: Has the notebooks.
        uri: Of the cell; any other document stands alone.
    """
    notebook = workspace.get_notebook_document(cell_uri=uri)
    documents = workspace.text_documents
    own = documents.get(unquote(uri))
    if notebook is None or own is None:
        return "", ""
    before: list[str] = []
    behind: list[str] = []
    texts = before
    for cell in notebook.cells:
        document = documents.get(unquote(cell.document))
        if document is own:
            texts = behind
        elif (
            document is not None
            and cell.kind == types.NotebookCellKind.Code
            and document.language_id == own.language_id
        ):
            texts.append(document.source)
    head = "".join(text + BETWEEN for text in before)
    return head, "".join(BETWEEN + text for text in behind)


def add_notebooks(
    server: S,
    repositories: Callable[[S], "Repositories | None"],
    *,
    changed: Callable[[S, str], None],
    closed: Callable[[S, str], None],
) -> None:
    """Add the handlers; pygls itself keeps the cells.

    Args:
        server: Gets them.
        repositories: Of the server; None as long as there are none.
        changed: Called with the URI of a cell after its text was changed.
        closed: Called with the URI of a cell after it was closed.
    """

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def did_open(ls: S, params: types.DidOpenNotebookDocumentParams) -> None:
        known = repositories(ls)
        for cell in params.cell_text_documents[:1]:
            document = ls.workspace.text_documents.get(unquote(cell.uri))
            if known is not None and document is not None:
                known.meet(str(document.path))

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def did_change(ls: S, params: types.DidChangeNotebookDocumentParams) -> None:
        cells = params.change.cells
        for text in (cells.text_content or ()) if cells else ():
            changed(ls, text.document.uri)
        structure = cells.structure if cells else None
        for gone in (structure.did_close or ()) if structure else ():
            closed(ls, gone.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def did_close(ls: S, params: types.DidCloseNotebookDocumentParams) -> None:
        for cell in params.cell_text_documents:
            closed(ls, cell.uri)
