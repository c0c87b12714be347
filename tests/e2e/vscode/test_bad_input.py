"""Bad input in a real VS Code: many documents, two versions, what may not be changed."""

import pytest

from .serving import Served
from .window import EDITOR, Window

pytestmark = [pytest.mark.editor]

MANY = 100


def complaints(window: Window) -> list[str]:
    """What codeassist has said unasked."""
    return [each for each in window.messages() if "codeassist" in each]


def test_nothing_is_inserted_into_what_may_not_be_changed(vscode: Served) -> None:
    """A file that VS Code keeps from being edited stays as it is, and nothing is shown."""
    vscode.settings(**{"files.readonlyInclude": {"**/a.py": True}})
    window = vscode.open("foo(\n")
    window.ready()
    window.focus()
    window.press("End", "Tab")
    window.wait(lambda: not window.ghost(), "no ghost text")
    assert window.lines()[0] == "foo("
    assert complaints(window) == []


def test_a_hundred_documents_opened_at_once(vscode: Served) -> None:
    """All of them are told to one server, and the last one has ghost text."""
    files = [vscode.file(f"file_{number}.py") for number in range(MANY)]
    files[0].parent.mkdir()
    for file in files:
        file.write_text("")
    window = vscode.window(files[0].parent, files[0])
    window.ready()
    vscode.code.open(*files)
    window.wait(lambda: window.page.locator(".tab").count() == MANY, "tabs")

    def told() -> set[str]:
        opened = vscode.messages(method="textDocument/didOpen")
        uris = (each["params"]["textDocument"]["uri"] for each in opened)
        return {uri.rpartition("/")[2] for uri in uris}

    def active() -> str:
        return (window.page.locator(".tab.active").first.text_content() or "").strip()

    def look_at_the_next() -> None:
        # a tab behind others has no document before it has been looked at for a moment
        name = active()
        window.wait(lambda: name in told(), f"{name} among {sorted(told())}")
        window.page.locator(EDITOR).first.click(position={"x": 5, "y": 5})
        window.press("Control+PageDown")
        window.wait(lambda: active() not in ("", name), f"tab behind {name}")

    for _ in files:
        look_at_the_next()
    assert not {file.name for file in files} - told()
    window.focus()
    window.type("foo(")
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")
    assert len(vscode.messages(method="initialize")) == 1
    assert complaints(window) == []


def test_two_files_in_a_diff(vscode: Served) -> None:
    """Beside another version of the file ghost text comes and is accepted, and the
    other version stays as it is."""
    old, new = vscode.file("old.py"), vscode.file("new.py")
    old.parent.mkdir()
    old.write_text("x\ny\n")
    new.write_text("")
    vscode.settings(**{"diffEditor.useInlineViewWhenSpaceIsLimited": False})
    window = vscode.window(new.parent, old, new, diff=True)
    window.ready()
    changed = window.page.locator(".editor.modified .view-lines")
    changed.click(position={"x": 5, "y": 5})
    window.asks()
    window.type("foo(")
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")
    window.press("Tab")
    window.wait(lambda: not window.ghost(), "accepted text")
    window.press("Control+s")
    window.wait(lambda: new.read_text().strip() == "foo(<(|>", "saved file")
    original = window.page.locator(".editor.original .view-lines")
    assert "foo" not in (original.text_content() or "")
    assert old.read_text() == "x\ny\n"
    assert complaints(window) == []
