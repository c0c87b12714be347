"""Lines of a real repository, typed in VS Code with the real server and model."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from codeassist.engine.models.store import models_dir
from tests.bench.nvim_e2e import Line, rebuilt
from tests.bench.vscode_running import chromium
from tests.e2e.vscode.serving import Served, serving
from tests.e2e.vscode.window import Window

__all__ = ["Repository", "answers", "opened"]


METHOD = "textDocument/inlineCompletion"
CONTEXT_TOKENS = 512
PATIENT = "completion.time_limit_ms = 60000\n"
"""Other programs may be busy."""

INDEXED = 200.0
"""Seconds that the model and the index may take."""


class Repository:
    """A window on it, and its lines.

    Args:
        served: The code-server with the real program.
        window: On the folder.
        lines: To be typed.
    """

    def __init__(self, served: Served, window: Window, lines: list[Line]) -> None:
        self.served = served
        self.window = window
        self.lines = lines

    def file(self, line: Line) -> Path:
        return self.served.file(line.path)

    def begin(self, line: Line) -> None:
        """Open the line's file without the line, the cursor in its place."""
        text = line.before + line.after
        self.file(line).write_text(text, encoding="utf-8", newline="")
        self.window.open_file(line.path, line.before.count("\n") + 1)

    def drop(self) -> None:
        """Forget what was typed."""
        self.window.press("Escape")
        self.window.command("File: Revert File")
        self.window.command("View: Close Editor")

    def inserted(self, line: Line) -> str:
        """What the saved file has more than what was typed."""
        saved = self.window.saved(self.file(line))
        typed = line.before + line.typed
        if not (saved.startswith(typed) and saved.endswith(line.after)):
            msg = f"{line.path} has more changes than one insertion"
            raise AssertionError(msg)
        return saved[len(typed) : len(saved) - len(line.after)]


def answers(served: Served, line: Line) -> list[tuple[int, str]]:
    """What the server has offered on a line: column in UTF-16 units, text."""
    row = line.before.count("\n")
    asked: dict[Any, dict[str, Any]] = {
        each["id"]: each["params"]
        for each in served.messages(method=METHOD)
        if each["params"]["textDocument"]["uri"].endswith(line.path)
        and each["params"]["position"]["line"] == row
    }
    return [
        (asked[each["id"]]["position"]["character"], item["insertText"])
        for each in served.messages("server")
        if each.get("id") in asked and each.get("result")
        for item in each["result"]["items"]
    ]


def answered(served: Served, line: Line) -> bool:
    """Whether the request behind the typed line has its answer."""
    asked = served.messages(method=METHOD)
    at = {
        "line": line.before.count("\n"),
        "character": len(line.typed.encode("utf-16-le")) // 2,
    }
    if not asked or asked[-1]["params"]["position"] != at:
        return False
    return any(each.get("id") == asked[-1]["id"] for each in served.messages("server"))


@contextmanager
def opened(folder: Path, **settings: Any) -> Iterator[Repository]:
    """The repository in a window whose server has its model and index."""
    with serving(folder / "code", chromium()) as code:
        served = Served(code, folder)
        lines = rebuilt(folder / "project")
        (folder / "project" / ".codeassist.toml").write_text(PATIENT)
        served.be("real", env={"CODEASSIST_MODELS": str(models_dir())})
        own = {"codeassist.completion.context_tokens": CONTEXT_TOKENS, **settings}
        served.settings(**own)
        window = served.window(folder / "project")
        window.wait(lambda: "Ready" in window.status(), "model", INDEXED)
        yield Repository(served, window, lines)
        served.close()
