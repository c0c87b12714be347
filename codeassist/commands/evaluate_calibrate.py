"""`codeassist evaluate calibrate`: how sure a model has to be to show its answer."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from codeassist.config import Settings, data_dir
from codeassist.engine import open_runtime
from codeassist.engine.adapters import chosen, name_of
from codeassist.engine.gates.calibration import NAME, Calibration, read, written
from codeassist.engine.models.store import resolve
from codeassist.errors import InputError
from codeassist.evaluate.calibration.curve import (
    Point,
    check,
    curve,
    picture,
    recommended,
)
from codeassist.evaluate.calibration.fitting import examples, fit
from codeassist.evaluate.calibration.observing import (
    Passage,
    add_answers,
    observe,
    passages,
    read_answers,
    write_answers,
)
from codeassist.evaluate.holes.cutting import Cutting, cut
from codeassist.evaluate.holes.repository import open_repository
from codeassist.evaluate.report import write

from .evaluate_settings import project_settings

__all__ = ["run"]

KINDS = ("line", "block", "rest-of-line")
"""Of holes: what a typist writes at once."""

FOLDS = 5
"""Each passage is tried with a fit to the passages of the other folds."""

LEAST = 200
"""Answers that a fit needs; fewer say nothing of a chance of one in ten."""


def run(args: argparse.Namespace) -> int:
    """Type, fit, try on passages that the fit has not seen, and print a table.

    Raises:
        InputError: nothing to type, too few answers, or a file that is none.
    """
    others = read_answers(Path(args.held_out)) if args.held_out else None
    if args.picture:
        check(Path(args.picture))
    settings, _ = project_settings(args, Path(args.path))
    by = " with ".join(filter(None, _names(settings)))
    if others is not None:
        _check(others, args.held_out, model=by)
    known = _answers(args, settings, by)
    n = len(examples(known))
    if n < LEAST:
        msg = f"{n} answers are too few to calibrate with; raise --holes above {args.holes}"
        raise InputError(msg)
    model, adapter = _names(settings)
    found = replace(fit(examples(known)), model=model, adapter=adapter)
    folds = (_without(known, n) for n in range(FOLDS))
    points = curve([*folds] if others is None else [(found, others)])
    print(_table(points, found, n), end="")
    if args.json:
        told = {
            "calibration": asdict(found),
            "confidence": recommended(points).bound,
            "points": [asdict(each) for each in points],
        }
        write(Path(args.json), json.dumps(told, indent=1) + "\n")
    if args.picture:
        picture(points, Path(args.picture))
    if args.save:
        print(f"saved in {_save(found)}")
    return 0


def _without(
    known: Sequence[Passage], fold: int
) -> tuple[Calibration, Sequence[Passage]]:
    """A fit to all passages but every `FOLDS`-th, and these."""
    others = [each for n, each in enumerate(known) if n % FOLDS != fold]
    return fit(examples(others)), known[fold::FOLDS]


def _check(known: Sequence[Passage], file: str, **told: str) -> None:
    """Refuse answers of another model, or about other files."""
    for name, value in told.items():
        others = {getattr(each, name) for each in known} - {value}
        if others:
            msg = f"{file} has answers of {min(others)}, not of {value}; name another file"
            raise InputError(msg)


def _answers(args: argparse.Namespace, settings: Settings, by: str) -> list[Passage]:
    """As many as are wanted: those that were kept, then new ones."""
    kept = Path(args.answers) if args.answers else None
    known = read_answers(kept) if kept is not None and kept.exists() else []
    folder = str(Path(args.path).resolve())
    _check(known, args.answers, model=by, folder=folder)
    if len(known) >= args.holes:
        return known
    cutting = Cutting(args.holes, args.seed, KINDS)
    holes = passages(cut(open_repository(Path(args.path)), cutting))
    there = {each.id for each in known}
    left = [hole for hole in holes if hole.id not in there]
    observed = observe(open_runtime(settings), left[: args.holes - len(known)])
    typed: Iterator[Passage] = (
        replace(each, model=by, folder=folder) for each in observed
    )
    if kept is not None:
        write_answers(known, kept)  # without a line that was cut short
        typed = add_answers(typed, kept)
    return [*known, *typed]


def _names(settings: Settings) -> tuple[str, str]:
    """What the calibration is kept under."""
    located = resolve(settings.model.id)
    adapter = chosen(settings.model.adapter, located)
    name = located.entry.id if located.entry else located.path.name
    return name, name_of(str(adapter)) if adapter else ""


def _save(found: Calibration) -> Path:
    """Put it among the user's own, in the place of an older one."""
    path = data_dir() / NAME
    others = read(path) if path.is_file() else []
    names = found.model, found.adapter
    kept = [each for each in others if (each.model, each.adapter) != names]
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, written([found, *kept]))
    return path


def _table(points: Sequence[Point], found: Calibration, n: int) -> str:
    over = f" with {found.adapter}" if found.adapter else ""
    lines = [
        f"{found.model}{over}: {n} answers, tried on passages that the fit has not seen",
        "confidence  shown  right for the next word  wrong  right to the end  saved",
    ]
    lines += [
        f"{each.bound:10.2f}  {each.shown:5d}  {each.precision:22.1%}  "
        f"{each.wrong:5d}  {each.whole:16d}  {each.saved:5.1%}"
        for each in points
    ]
    chosen = recommended(points)
    lines.append(
        f"completion.confidence = {chosen.bound:g} shows half of the wrong ones at the "
        f"most, and saves {chosen.saved:.1%} instead of {points[0].saved:.1%}"
    )
    return "\n".join(lines) + "\n"
