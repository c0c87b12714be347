"""Precision against show rate: what each bound would have shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codeassist.engine.gates import Calibration, Confidence
from codeassist.errors import InputError, installs
from codeassist.whole import replacing

from .observing import Observation, Passage
from .trial import Outcome, Show, try_out

__all__ = ["BOUNDS", "Point", "check", "curve", "gate", "picture", "recommended"]

BOUNDS = tuple(n / 20 for n in range(19))


@dataclass(frozen=True, slots=True)
class Point:
    """What one bound does."""

    bound: float
    shown: int
    """Suggestions that came on screen."""

    wrong: int
    """Those of them that were wrong from the next word on."""

    whole: int
    """Those that were right to their end."""

    precision: float
    """Share of what was shown that was not wrong."""

    saved: float
    """Share of all characters that were accepted."""


def curve(tries: Sequence[tuple[Calibration, Sequence[Passage]]]) -> list[Point]:
    """All bounds, each over all passages, by calibrations that were fitted to others."""
    return [_point(bound, tries) for bound in BOUNDS]


def _point(
    bound: float, tries: Sequence[tuple[Calibration, Sequence[Passage]]]
) -> Point:
    total = Outcome()
    for calibration, passages in tries:
        total += try_out(passages, gate(Confidence(calibration, bound)))
    share = total.saved / total.characters if total.characters else 0.0
    return Point(bound, total.shown, total.wrong, total.whole, total.precision, share)


def recommended(points: Sequence[Point]) -> Point:
    """The lowest bound that shows half of the wrong ones at the most."""
    most = points[0].wrong / 2
    return next((each for each in points if each.wrong <= most), points[-1])


def gate(confidence: Confidence) -> Show:
    """What the gate leaves of an observed answer."""

    def show(each: Observation) -> str:
        if not each.text:
            return ""
        return each.text[: confidence.shown(each.completion, each.line)].rstrip(" \t")

    return show


def check(path: Path) -> None:
    """Refuse, before there is anything to draw, what `picture` could not write.

    Raises:
        InputError: the name says no kind of picture.
    """
    from matplotlib.backend_bases import FigureCanvasBase

    if path.suffix[1:].lower() not in FigureCanvasBase.get_supported_filetypes():
        msg = f"{path} is no picture's name; name a .png or .svg file"
        raise InputError(msg)


def picture(points: Sequence[Point], path: Path) -> None:
    """Draw precision against the share of suggestions that are shown.

    Raises:
        InputError: matplotlib is absent, or cannot write such a file.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        msg = f"--picture needs matplotlib; run {installs('evaluate')}"
        raise InputError(msg) from error
    drawn = Figure(figsize=(6, 4), layout="constrained")
    axes = drawn.subplots()
    most = max(each.shown for each in points) or 1
    shares = [100 * each.shown / most for each in points]
    axes.plot(
        shares,
        [100 * each.precision for each in points],
        marker="o",
        label="right for the next word",
    )
    axes.plot(
        shares,
        [100 * each.saved for each in points],
        marker="s",
        label="characters saved",
    )
    for share, each in list(zip(shares, points, strict=True))[::2]:
        axes.annotate(f"{each.bound:.2f}", (share, 100 * each.precision), fontsize=7)
    axes.set_xlabel("shown, per cent of what is shown without a bound")
    axes.set_ylabel("per cent")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    try:
        with replacing(path) as part:
            drawn.savefig(part)
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be written ({error}); name a .png or .svg file"
        raise InputError(msg) from error
