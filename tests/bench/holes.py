"""Fifty single-line holes of the shared evaluation sets, always the same ones."""

import gzip
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from codeassist.engine import Lines, Request
from codeassist.languages import of_path

__all__ = ["TIME_LIMIT_MS", "Hole", "exact", "pick", "request", "similarity"]

TIME_LIMIT_MS = 60_000

SEED = 2206_14255  # the FIM paper's number
FROM_HUMANEVAL = 26
FROM_EACH_REPOSITORY = 8
REPOSITORIES = ("py-mini-swe-agent", "py-nanochat", "ts-llama.vscode")


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in a file, and what once stood there."""

    path: str
    prefix: str
    suffix: str
    """From the end of the hole's line on: it begins with the line break."""

    middle: str
    """The rest of the line, without its line break."""

    @property
    def position(self) -> tuple[int, int]:
        """Line and column, both from 1."""
        lines = self.prefix.split("\n")
        return len(lines), len(lines[-1]) + 1


def pick() -> list[Hole]:
    """The fifty holes: by problem of HumanEval, and of three young repositories.

    Of the repositories only lines that occur once are taken.
    """
    choose = random.Random(SEED)
    holes = _humaneval(choose)
    for repository in REPOSITORIES:
        holes += _repository(repository, choose)
    return holes


def _humaneval(choose: random.Random) -> list[Hole]:
    problems: dict[str, list[dict[str, Any]]] = {}
    for row in _rows("humaneval-infilling/SingleLine"):
        problems.setdefault(row["task_id"].rpartition("/")[0], []).append(row)
    names = choose.sample(sorted(problems), FROM_HUMANEVAL)
    rows = [choose.choice(problems[name]) for name in names]
    return [
        Hole(
            path=f"{row['entry_point']}.py",
            prefix=row["prompt"],
            suffix="\n" + row["suffix"],
            middle=row["canonical_solution"].removesuffix("\n"),
        )
        for row in rows
    ]


def _repository(name: str, choose: random.Random) -> list[Hole]:
    rows = [
        row
        for row in _rows(f"fresh-fim/{name}")
        if row["kind"] == "line" and not row["dup"]
    ]
    return [
        Hole(row["path"], row["prefix"], row["suffix"], row["middle"])
        for row in choose.sample(rows, FROM_EACH_REPOSITORY)
    ]


def _rows(name: str) -> Iterator[dict[str, Any]]:
    root = Path(__file__).resolve().parents[2]
    shared = Path(os.environ.get("CODEASSIST_SHARED", root / ".." / "shared"))
    path = shared / "eval" / f"{name}.jsonl.gz"
    if not path.is_file():
        msg = f"{path} is missing; set CODEASSIST_SHARED to the shared folder"
        raise SystemExit(msg)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def request(hole: Hole) -> Request:
    """What `codeassist complete --lines one` asks of the engine."""
    return Request(
        before=hole.prefix,
        after=hole.suffix,
        path=hole.path,
        language=of_path(hole.path),
        lines=Lines.ONE,
        time_limit_ms=TIME_LIMIT_MS,
    )


def exact(completion: str, hole: Hole) -> bool:
    """Whether a completion is the rest of the line; blanks at its end are free."""
    return completion.rstrip() == hole.middle.rstrip()


def similarity(completion: str, hole: Hole) -> float:
    """How much of the line is there, from 0 to 1: difflib's ratio, no junk rule."""
    return SequenceMatcher(None, completion, hole.middle, autojunk=False).ratio()
