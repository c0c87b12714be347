"""An evaluation as it is kept: what was asked, what each system answered, how well."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from codeassist.errors import InputError
from codeassist.evaluate.hole import Hole, Row
from codeassist.evaluate.rows import Ran, row_from, row_to
from codeassist.whole import write_text

__all__ = ["Evaluation", "Place", "load", "place_of", "save", "write"]

BEFORE_LINES, AFTER_LINES = 12, 6
LINE_CHARACTERS = 400
"""Of the text around a hole that is kept to look at."""


@dataclass(frozen=True, slots=True)
class Place:
    """A hole without the bulk of its file."""

    id: str
    path: str
    language: str
    kind: str
    before: str
    """Some lines."""

    after: str
    middle: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Systems on the same holes."""

    title: str
    places: tuple[Place, ...]
    runs: tuple[Ran, ...]
    notes: tuple[str, ...] = ()
    """What a reader must know, such as published figures and what differs."""

    replays: tuple[Mapping[str, Any], ...] = ()
    """What typing with each system was like, as `replay_metrics.Result` has it."""

    def metrics(self) -> tuple[str, ...]:
        """Names of all metrics, in the order in which they first occur."""
        scores = (row.scores for run in self.runs for row in run.rows)
        return tuple(dict.fromkeys(name for each in scores for name in each))

    def scores(self, run: Ran, metric: str) -> dict[str, float]:
        """Hole to value, where the metric applies."""
        return {
            row.hole: row.scores[metric] for row in run.rows if metric in row.scores
        }


def place_of(hole: Hole) -> Place:
    """What is kept of a hole."""
    before, after = hole.prefix.split("\n"), hole.suffix.split("\n")
    return Place(
        id=hole.id,
        path=hole.path,
        language=hole.language,
        kind=hole.kind,
        before=_lines(before[-BEFORE_LINES:], end=True),
        after=_lines(after[:AFTER_LINES]),
        middle=hole.middle,
        tags=dict(hole.tags),
    )


def _lines(lines: Sequence[str], *, end: bool = False) -> str:
    part = slice(-LINE_CHARACTERS, None) if end else slice(LINE_CHARACTERS)
    return "\n".join(line[part] for line in lines)


def save(evaluation: Evaluation, path: Path) -> None:
    """Write the evaluation as JSON; a reader never sees half of it.

    Raises:
        InputError: the file cannot be written.
    """
    told = {
        "evaluation": 1,
        "title": evaluation.title,
        "notes": evaluation.notes,
        "holes": [asdict(place) for place in evaluation.places],
        "runs": [_run_to(run) for run in evaluation.runs],
        "replays": [dict(each) for each in evaluation.replays],
    }
    write(path, json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def write(path: Path, text: str) -> None:
    """Write a file in one step.

    Raises:
        InputError: the folder is missing, read-only or full.
    """
    try:
        write_text(path, text)
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}); name another file"
        raise InputError(msg) from error


def load(path: Path) -> Evaluation:
    """Read what `save` wrote.

    Raises:
        InputError: missing, or not an evaluation.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["evaluation"] != 1:
            raise ValueError(f"version {told['evaluation']}")
        return Evaluation(
            title=str(told["title"]),
            notes=tuple(told["notes"]),
            places=tuple(Place(**each) for each in told["holes"]),
            runs=tuple(_run_from(each, path) for each in told["runs"]),
            replays=tuple(told["replays"]),
        )
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror})"
        raise InputError(msg) from error
    except (ValueError, LookupError, TypeError) as error:
        msg = f"{path} is no evaluation; write one with `codeassist evaluate … --json`"
        raise InputError(msg) from error


def _run_to(run: Ran) -> dict[str, Any]:
    return {
        "name": run.name,
        "settings": dict(run.settings),
        "wall_s": run.wall_s,
        "busy_s": run.busy_s,
        "rows": [row_to(row) for row in run.rows],
    }


def _run_from(told: Mapping[str, Any], path: Path) -> Ran:
    rows: Iterable[Row] = (row_from(each, str(path)) for each in told["rows"])
    return Ran(**{**told, "rows": tuple(rows)})
