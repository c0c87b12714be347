"""The cells of a notebook are seen in their order, each in its own language."""

import pytest
from lsprotocol import types

from tests.lsp.client import ECHO, connected

NOTEBOOK = "file:///project/n.ipynb"
CAPABLE = types.ClientCapabilities(
    notebook_document=types.NotebookDocumentClientCapabilities(
        types.NotebookDocumentSyncClientCapabilities()
    )
)
CODE, MARKUP = types.NotebookCellKind.Code, types.NotebookCellKind.Markup
CELLS = [
    ("first", CODE, "python", "a = 1"),
    ("words", MARKUP, "markdown", "# Words"),
    ("shell", CODE, "shellscript", "ls"),
    ("here", CODE, "python", "whole"),
    ("last", CODE, "python", "z = 9"),
]


def uri(name):
    """Of a cell, as VS Code names them."""
    return f"vscode-notebook-cell:/project/n.ipynb#{name}"


def cells(names):
    """Of a notebook."""
    return [types.NotebookCell(k, uri(n)) for n, k, _, _ in CELLS if n in names]


@pytest.fixture
async def notebook():
    """A client with a notebook that is open."""
    async with connected(ECHO, capabilities=CAPABLE) as client:
        every = [name for name, *_ in CELLS]
        documents = [
            types.TextDocumentItem(uri(name), language, 1, text)
            for name, _, language, text in CELLS
        ]
        opened = types.NotebookDocument(NOTEBOOK, "jupyter", 1, cells(every))
        client.lsp.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(opened, documents)
        )
        yield client


def change(client, **how):
    """Change the notebook."""
    params = types.DidChangeNotebookDocumentParams(
        types.VersionedNotebookDocumentIdentifier(2, NOTEBOOK),
        types.NotebookDocumentChangeEvent(
            cells=types.NotebookDocumentCellChanges(**how)
        ),
    )
    client.lsp.notebook_document_did_change(params)


async def test_cells_around(notebook):
    """The cells of the same language stand before and behind the one with the cursor."""
    assert notebook.result.capabilities.notebook_document_sync is not None
    assert await notebook.texts(0, 5, uri=uri("here")) == ["a = 1\n\nwhole|\n\nz = 9"]


async def test_range_is_in_the_cell(notebook):
    """The place of an item counts from the beginning of its cell."""
    (item,) = (await notebook.ask(0, 5, uri=uri("here"))).items

    assert item.range.start == types.Position(0, 5)


async def test_edits_and_moves(notebook):
    """Typing in another cell, and a new order, are seen by the next request."""
    span = types.Range(types.Position(0, 4), types.Position(0, 5))
    edit = types.TextDocumentContentChangePartial(span, "22")
    version = types.VersionedTextDocumentIdentifier(2, uri("first"))
    text = types.NotebookDocumentCellContentChanges(version, [edit])
    change(notebook, text_content=[text])
    assert await notebook.texts(0, 5, uri=uri("here")) == ["a = 22\n\nwhole|\n\nz = 9"]
    array = types.NotebookCellArrayChange(3, 2, cells(["last", "here"])[::-1])
    change(notebook, structure=types.NotebookDocumentCellChangeStructure(array))

    assert await notebook.texts(0, 5, uri=uri("here")) == ["a = 22\n\nz = 9\n\nwhole|"]


async def test_a_notebook_that_is_not_open(notebook):
    """A change of nobody's notebook is nothing; a closed one's cells are not open."""
    closed = types.NotebookDocumentIdentifier(NOTEBOOK)
    gone = [types.TextDocumentIdentifier(uri(name)) for name, *_ in CELLS]
    params = types.DidCloseNotebookDocumentParams(closed, gone)
    notebook.lsp.notebook_document_did_close(params)
    change(notebook, text_content=[])

    assert await notebook.texts(0, 5, uri=uri("here")) == []
    assert notebook.statuses[-1].reason == "not-open"
    assert notebook.messages == []
