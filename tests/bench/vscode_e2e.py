"""VS Code's part of editors-e2e: a line typed in a repository of fresh-fim."""

import re
from pathlib import Path

from tests.bench.editors import Part
from tests.bench.nvim_e2e import Line, Steps
from tests.bench.vscode_typing import Repository, answered, opened
from tests.e2e.vscode.window import Window

__all__ = ["run"]

PICTURES = Path(__file__).parents[2] / "docs" / "images"
PARTS = re.compile(r"\w+|[^\w\s]+")
"""What VS Code accepts as a word, about."""

ANSWER = 120.0
"""Seconds that a ghost text may take on a busy machine."""

ALL = {"codeassist.completion.confidence": 0, "codeassist.completion.lines": "one"}


def run(folder: Path) -> Part:
    """Type lines until a ghost text has a name of another file; accept it, undo it."""
    steps = Steps()
    tried = 0
    with opened(folder, **ALL) as repository:
        _draw(repository.window)
        for line in repository.lines:
            tried += 1
            ghost = _ghost(repository, line)
            name = next((name for name in line.names if name in ghost), "")
            if name and len(PARTS.findall(ghost)) > 1:
                _accept(repository, line, ghost, name, steps)
                break
            steps.notes.append(f"{line.path}: {line.typed.strip()!r} shows {ghost!r}")
            repository.drop()
        steps.check("no message was shown", holds=not repository.window.messages())
    figures = {"right": steps.right, "steps": steps.all, "lines_tried": tried}
    whole = steps.all > 1 and steps.right == steps.all
    return Part("VS Code", whole, figures, steps.notes)


def _draw(window: Window) -> None:
    """Pictures of what stands around the ghost text."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    window.command("codeassist: Health Check")
    window.wait(lambda: any(line.startswith("+") for line in window.lines()), "health")
    _picture(window, "vscode-health")
    window.command("codeassist: Menu")
    window.wait(lambda: "Fine-tune" in "".join(window.choices()), "menu")
    _picture(window, "vscode-menu")
    window.press("Escape")


def _picture(window: Window, name: str) -> None:
    """What is on screen once all that moves stands still."""
    window.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def _ghost(repository: Repository, line: Line) -> str:
    """The ghost text behind the typed line; empty: the server keeps silent."""
    window = repository.window
    repository.begin(line)
    window.type(line.typed, delay=30)
    window.wait(
        lambda: window.ghost() or answered(repository.served, line), "answer", ANSWER
    )
    return window.ghost()


def _accept(
    repository: Repository, line: Line, ghost: str, name: str, steps: Steps
) -> None:
    window = repository.window
    what = f"{line.typed.strip()!r} shows {ghost!r} with {name}, which others define"
    steps.check(f"in {line.path} {what}", holds=True)
    _picture(window, "vscode-ghost")

    window.press("Control+ArrowRight")
    window.wait(lambda: window.ghost() != ghost, "accepted word")
    word = repository.inserted(line)
    steps.check(f"the word {word!r} is accepted", holds=0 < len(word) < len(ghost))
    steps.check("it is the beginning of the ghost text", holds=ghost.startswith(word))

    rest = window.wait_ghost(ANSWER)
    steps.check("the rest still stands there", holds=ghost == word + rest)
    window.press("Tab")
    window.wait(lambda: window.ghost() != rest, "accepted rest")
    window.press("Escape")
    whole = repository.inserted(line)
    steps.check(f"the file has {whole!r}", holds=whole == word + rest)

    window.press("Control+z", "Escape")
    left = repository.inserted(line)
    kept = f"one undo leaves {line.typed + left!r}"
    steps.check(kept, holds=left in ("", word))
