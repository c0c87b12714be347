"""`codeassist stats`: what suggestions were worth, by language and by day."""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from codeassist.engine.gates.learning import LEAST_SHOWN, LEAST_TAKEN
from codeassist.errors import InputError
from codeassist.records import CHECKS, Figures, Records, records_file
from codeassist.settings_files import load

from .learned import learned
from .target import check_target

__all__ = ["run"]

DAY_S = 86_400
PICTURES = (".png", ".svg", ".pdf")
HEADER = ("", "shown", "accepted", "partly", "characters")


def run(args: argparse.Namespace) -> int:
    """Print the figures, and draw them where that is wanted."""
    _check(args)
    records, since = Records(records_file()), time.time() - args.days * DAY_S
    total = records.figures(since)
    languages, days = records.by_language(since), records.by_day(since)
    if args.json:
        groups = {"languages": languages, "days": days}
        told = {name: _as_json(group) for name, group in groups.items()}
        gate = _gate_as_json(records)
        print(json.dumps({"all": asdict(total), **told, "gate": gate}))
    else:
        print(_table({**languages, **days, "all": total}))
        print("\n".join(_gate(records)))
    if args.plot:
        if not days:
            msg = f"nothing was shown in {args.days} days, so there is nothing to draw"
            raise InputError(msg)
        from .stats_plot import draw_days

        draw_days(days, Path(args.plot))
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.days <= 0:
        msg = f"--days must be above 0, not {args.days}"
        raise InputError(msg)
    if args.plot and Path(args.plot).suffix.lower() not in PICTURES:
        msg = f"--plot draws {', '.join(PICTURES)}, not {args.plot}; name such a file"
        raise InputError(msg)
    if args.plot:
        check_target(Path(args.plot))


def _gate(records: Records) -> Iterator[str]:
    """What the gate has learned from these records."""
    newest = records.newest_model()
    if newest is None:
        return
    found, settings = learned(*newest), load()
    name = " with ".join(filter(None, newest))
    told = f"{name}: {found.taken} of {found.shown} taken of those with a known chance"
    bound = settings.completion.confidence
    if not settings.records.enabled:
        yield f"{told}; the gate does not learn while records.enabled is false"
    elif found.shift:
        yield (
            f"{told}; from them the gate learned a shift of {found.shift:+.2f}: "
            f"completion.confidence {bound:g} asks as {found.bound(bound):.2f} would"
        )
    else:
        yield (
            f"{told}; the gate learns from {LEAST_SHOWN} shown and {LEAST_TAKEN} taken"
        )


def _gate_as_json(records: Records) -> dict[str, object] | None:
    newest = records.newest_model()
    if newest is None:
        return None
    model, adapter = newest
    return {"model": model, "adapter": adapter, **asdict(learned(model, adapter))}


def _as_json(group: dict[str, Figures]) -> dict[str, object]:
    return {name: asdict(figures) for name, figures in group.items()}


def _table(rows: dict[str, Figures]) -> str:
    """Columns under their headers; names to the left, numbers to the right."""
    cells = [[*HEADER, *(f"{seconds} s" for seconds in CHECKS)]]
    cells += [[name or "other", *_cells(figures)] for name, figures in rows.items()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for name, *numbers in cells:
        aligned = [n.rjust(w) for n, w in zip(numbers, widths[1:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *aligned]))
    return "\n".join(lines)


def _cells(figures: Figures) -> list[str]:
    part = figures.accepted / figures.shown if figures.shown else 0.0
    return [
        str(figures.shown),
        f"{figures.accepted} ({part:.0%})",
        str(figures.partly),
        str(figures.characters),
        *(f"{n}/{of}" for n, of in figures.still.values()),
    ]
