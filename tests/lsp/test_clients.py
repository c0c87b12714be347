"""Editors beside VS Code and Neovim: what they say of themselves, and what they need.

Their capabilities are what their sources say in 2026, as far as a completion goes.
"""

import pytest
from lsprotocol import types
from pygls.protocol import default_converter

from tests.lsp.client import ECHO, connected

NOT_DYNAMIC = {"dynamicRegistration": False}
CLIENTS = {
    "helix": {
        "general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]},
        "window": {"workDoneProgress": True},
        "workspace": {
            "configuration": True,
            "didChangeConfiguration": NOT_DYNAMIC,
            "workspaceFolders": True,
            "executeCommand": NOT_DYNAMIC,
        },
        "textDocument": {
            "completion": {
                "completionItem": {
                    "snippetSupport": True,
                    "insertReplaceSupport": True,
                    "deprecatedSupport": True,
                },
                "completionItemKind": {},
            }
        },
    },
    "zed": {
        "general": {"positionEncodings": ["utf-16"]},
        "window": {"workDoneProgress": True},
        "workspace": {
            "configuration": True,
            "didChangeConfiguration": {"dynamicRegistration": True},
            "workspaceFolders": True,
            "executeCommand": NOT_DYNAMIC,
        },
        "textDocument": {
            "completion": {
                "completionItem": {
                    "snippetSupport": True,
                    "insertReplaceSupport": True,
                    "labelDetailsSupport": True,
                    "insertTextModeSupport": {"valueSet": [1, 2]},
                },
                "insertTextMode": 2,
                "contextSupport": True,
            }
        },
    },
    "eglot": {
        "general": {"positionEncodings": ["utf-32", "utf-8", "utf-16"]},
        "window": {"workDoneProgress": True},
        "workspace": {
            "configuration": True,
            "workspaceFolders": True,
            "executeCommand": NOT_DYNAMIC,
        },
        "textDocument": {
            "completion": {
                **NOT_DYNAMIC,
                "completionItem": {"snippetSupport": False},
                "contextSupport": True,
            }
        },
    },
    "vim": {
        "workspace": {"applyEdit": True, "configuration": True},
        "textDocument": {
            "completion": {
                "completionItem": {
                    "documentationFormat": ["plaintext"],
                    "snippetSupport": False,
                },
                "completionItemKind": {"valueSet": [1, 6, 7]},
            }
        },
    },
}
TEXT = 'x = "🙂é" + va'


def columns(encoding):
    """Where the last word begins and ends, in a client's units."""
    width = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}
    codec, size = width.get(encoding, ("utf-32-le", 4))
    start, end = (len(t.encode(codec)) // size for t in (TEXT[:-2], TEXT))
    return types.Position(0, start), types.Position(0, end)


async def entries(client, position):
    """The entries of the popup menu at a place."""
    document = types.TextDocumentIdentifier("file:///project/a.py")
    params = types.CompletionParams(document, position)
    answer = await client.lsp.text_document_completion_async(params)
    assert answer.is_incomplete
    return list(answer.items)


@pytest.mark.parametrize("name", CLIENTS)
async def test_entry_of_the_popup(name):
    """Each editor gets one entry that goes over the word, and tells of its acceptance."""
    capabilities = default_converter().structure(
        CLIENTS[name], types.ClientCapabilities
    )
    options = {"completion": {"as_items": True}}
    how = {"capabilities": capabilities, "options": options}
    async with connected(ECHO, root_uri="file:///project", **how) as client:
        told = client.result.capabilities
        client.open(TEXT + "\n")
        start, end = columns(told.position_encoding)
        (entry,) = await entries(client, end)

        assert "(" in told.completion_provider.trigger_characters
        assert entry.label == "va<a| …"
        assert entry.filter_text == "va<a|"
        assert entry.kind == types.CompletionItemKind.Text
        assert entry.text_edit == types.TextEdit(types.Range(start, end), "va<a|\n>")
        assert entry.documentation == "va<a|\n>"
        await client.execute(entry.command)
        await client.until(lambda: client.statuses[-1].accepted == 1)
        assert client.messages == []
        assert await entries(client, types.Position(7, 0)) == []
    assert "Traceback" not in client.stderr


async def test_settings_as_helix_sends_them():
    """The same table serves as the options and as the answer to a question."""
    capabilities = default_converter().structure(
        CLIENTS["helix"], types.ClientCapabilities
    )
    section = {"completion": {"max_tokens": 7}}
    how = {"capabilities": capabilities, "options": {"codeassist": section}}
    async with connected(ECHO, section=section, **how) as client:
        client.open("settings\n")

        assert await client.texts(0, 8) == ["7 plain"]
        assert client.messages == []
