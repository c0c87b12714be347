"""`log.jsonl`: one line a step, without doubles however often a run was resumed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from codeassist.whole import write_text

from .loop import Step

__all__ = ["LOG_FILE", "Log", "read_log"]

LOG_FILE = "log.jsonl"


class Log:
    """Appends steps to the log of a folder.

    Steps that were logged after the last saved state come again, so the first step
    that is added drops what stands in the log from there on.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOG_FILE
        self._begun = False

    def add(self, step: Step, more: Mapping[str, Any] | None = None) -> None:
        """Write a step, and what else is known of it."""
        if not self._begun:
            self._cut(step.step)
            self._begun = True
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**asdict(step), **(more or {})}) + "\n")

    def _cut(self, step: int) -> None:
        kept = [each for each in read_log(self._path.parent) if each["step"] < step]
        write_text(self._path, "".join(json.dumps(each) + "\n" for each in kept))


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The steps of a folder's log; a last line that a kill cut short is left out."""
    return [*_whole(folder / LOG_FILE)]


def _whole(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                return
