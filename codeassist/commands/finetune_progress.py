"""How far a fine-tuning is: bars for a person, JSON lines for an editor's server.

The lines go to stderr, each an object with a ``stage``: ``estimate`` (``seconds``,
``memory``, ``disk``, ``steps``, ``examples``, ``holes``), then ``unpacking``,
``examples``, ``training`` (with ``loss`` or ``held_out``) and ``judging``, each with
``done``, ``total`` and ``percent`` of the whole, ``note`` (``text``), and in the end
``done`` (``accepted``, ``adapter``, ``report``). A line that is no object is an error's.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any, NoReturn, Protocol, TextIO

from tqdm import tqdm

__all__ = ["Bars", "Lines", "Progress", "watching"]

STAGES = {"unpacking": 4, "examples": 8, "training": 50, "judging": 38}
"""Share of the whole that each takes, about, in per cent."""

PAUSE_S = 0.5
"""Between two lines of a stage, but for its last one."""


class Progress(Protocol):
    """Is told how far it is."""

    def estimate(self, text: str, figures: dict[str, Any]) -> None:
        """What it will take, in words and in figures."""

    def at(self, stage: str, done: int, total: int, **figures: float) -> None:
        """So much of a stage is done."""

    def note(self, text: str) -> None:
        """Something that the user should know."""

    def end(self, told: dict[str, Any]) -> None:
        """What came of it."""


class Bars:
    """For a person; who looks at a file sees no bars."""

    def __init__(self) -> None:
        self._bars: dict[str, tqdm[NoReturn]] = {}

    def estimate(self, text: str, figures: dict[str, Any]) -> None:
        """Some lines."""
        del figures
        sys.stderr.write(f"{text}\n")

    def at(self, stage: str, done: int, total: int, **figures: float) -> None:
        """A bar; the judging has its own."""
        if stage == "judging":
            return
        if stage not in self._bars:
            self._bars[stage] = tqdm(desc=stage, initial=done, delay=1, disable=None)
        bar = self._bars[stage]
        bar.total = total
        said = ", ".join(f"{name} {value:,.3f}" for name, value in figures.items())
        bar.set_postfix_str(said.replace("_", " "), refresh=False)
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    def note(self, text: str) -> None:
        """One line."""
        sys.stderr.write(f"codeassist: {text}\n")

    def end(self, told: dict[str, Any]) -> None:
        """Nothing: the command prints it."""


class Lines:
    """For a server.

    Args:
        to: Where the lines go.
    """

    def __init__(self, to: TextIO) -> None:
        self._to = to
        self._last, self._next = "", 0.0

    def estimate(self, text: str, figures: dict[str, Any]) -> None:
        """The figures."""
        self._say({"stage": "estimate", "text": text, **figures})

    def at(self, stage: str, done: int, total: int, **figures: float) -> None:
        """A line, twice a second at the most."""
        now = time.monotonic()
        if stage == self._last and done < total and now < self._next:
            return
        self._last, self._next = stage, now + PAUSE_S
        before = sum(list(STAGES.values())[: list(STAGES).index(stage)])
        percent = round(before + STAGES[stage] * min(done, total) / max(1, total), 1)
        told = {name: round(value, 4) for name, value in figures.items()}
        counts = {"done": done, "total": total, "percent": percent}
        self._say({"stage": stage, **counts, **told})

    def note(self, text: str) -> None:
        """A line."""
        self._say({"stage": "note", "text": text})

    def end(self, told: dict[str, Any]) -> None:
        """The last line."""
        self._say({"stage": "done", "percent": 100, **told})

    def _say(self, told: dict[str, Any]) -> None:
        self._to.write(json.dumps(told) + "\n")
        self._to.flush()


@contextmanager
def watching(form: str) -> Iterator[Progress]:
    """Bars, or for ``json`` lines on stderr and nothing else there."""
    if form != "json":
        yield Bars()
        return
    with Path(os.devnull).open("w") as nowhere:
        lines = Lines(sys.stderr)
        with redirect_stderr(nowhere):
            yield lines
