"""The picture of `codeassist stats`: suggestions and saved characters, day by day."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from codeassist.errors import InputError
from codeassist.records import Figures
from codeassist.whole import replacing

__all__ = ["draw_days"]

STYLE = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
FEW = 14
"""Days that there is room for at the least."""

SHOWN, ACCEPTED = "#b8c4d6", "#1f4e8c"


def draw_days(days: Mapping[str, Figures], path: Path) -> None:
    """Draw what was shown and accepted above, and the characters saved below.

    Args:
        days: Figures by ISO date, the oldest first; at least one.
        path: The picture; it is there whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    shown = [each.shown for each in days.values()]
    accepted = [each.accepted + each.partly for each in days.values()]
    saved = [each.characters for each in days.values()]
    with rc_context(STYLE):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        FigureCanvasAgg(figure)
        above, below = figure.subplots(2, 1, sharex=True)
        at = [date.fromisoformat(day).toordinal() for day in days]
        above.bar(at, shown, color=SHOWN, label="shown")
        above.bar(at, accepted, color=ACCEPTED, label="accepted, also in part")
        above.set_ylabel("suggestions")
        above.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
        below.bar(at, saved, color=ACCEPTED)
        below.set_ylabel("characters saved")
        below.set_xlim(min(at[0], at[-1] - FEW) - 1, at[-1] + 1)
        below.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        below.xaxis.set_major_formatter(lambda x, _n: f"{_day(x):%b %d}")
        for axes in (above, below):
            axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        _save(figure, path)


def _day(x: float) -> date:
    return date.fromordinal(max(1, round(x)))


def _save(figure: Figure, path: Path) -> None:
    try:
        with replacing(path) as part:
            figure.savefig(part, dpi=150)
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}); name another file"
        raise InputError(msg) from error
