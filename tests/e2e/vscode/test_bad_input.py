"""Bad input in a real VS Code: documents that may not be changed."""

import pytest

from .serving import Served

pytestmark = [pytest.mark.editor]


def test_nothing_is_inserted_into_what_may_not_be_changed(vscode: Served) -> None:
    """A file that VS Code keeps from being edited stays as it is, and nothing is shown."""
    vscode.settings(**{"files.readonlyInclude": {"**/a.py": True}})
    window = vscode.open("foo(\n")
    window.ready()
    window.focus()
    window.press("End", "Tab")
    window.wait(lambda: not window.ghost(), "no ghost text")
    assert window.lines()[0] == "foo("
    assert [each for each in window.messages() if "codeassist" in each] == []
