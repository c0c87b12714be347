"""`codeassist evaluate compare`: two evaluations that are kept as JSON, hole by hole."""

import argparse
from dataclasses import replace
from pathlib import Path

from codeassist.errors import InputError
from codeassist.evaluate.report import Evaluation, load

__all__ = ["compare"]


def compare(args: argparse.Namespace) -> Evaluation:
    """Both in one, on the holes that both have.

    Raises:
        InputError: a file is missing or no evaluation, or they share no hole.
    """
    first, second = (load(Path(name)) for name in (args.first, args.second))
    shared = {place.id for place in first.places} & {p.id for p in second.places}
    if not shared:
        msg = f"{args.first} and {args.second} share no hole; evaluate one manifest"
        raise InputError(msg)
    names = {run.name for run in first.runs}
    theirs = [
        replace(run, name=_other(run.name, names, Path(args.second)))
        for run in second.runs
    ]
    runs = tuple(
        replace(run, rows=tuple(row for row in run.rows if row.hole in shared))
        for run in (*first.runs, *theirs)
    )
    return Evaluation(
        title=f"{first.title}: {Path(args.first).stem} and {Path(args.second).stem}",
        places=tuple(place for place in first.places if place.id in shared),
        runs=runs,
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
    )


def _other(name: str, names: set[str], path: Path) -> str:
    """The same system in the second file goes by the file's name, too."""
    return f"{name} ({path.stem})" if name in names else name
