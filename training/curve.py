"""`loss.png`: how a training went, in one picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from codeassist.whole import replacing

__all__ = ["draw_curve", "smoothed"]

STYLE = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
RAW, SMOOTH, HELD_OUT = "#b8c4d6", "#1f4e8c", "#c8502a"


def draw_curve(steps: Sequence[Mapping[str, Any]], path: Path, title: str) -> None:
    """Draw the loss, raw and smoothed, that of held-out rows, and the learning rate.

    Args:
        steps: Lines of the log, at least one.
        path: The picture; it is there whole or not at all.
        title: What was trained.
    """
    at = [each["step"] for each in steps]
    loss = np.array([each["loss"] for each in steps], np.float64)
    seen = [(s["step"], s["held_out"]) for s in steps if s["held_out"] is not None]
    with rc_context(STYLE):
        figure = Figure(figsize=(8, 5), layout="constrained")
        FigureCanvasAgg(figure)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
        above.plot(at, loss, color=RAW, lw=0.8, label="training")
        above.plot(at, smoothed(loss), color=SMOOTH, lw=1.6, label="smoothed")
        if seen:
            style = {"color": HELD_OUT, "marker": "o", "ms": 4, "lw": 1}
            above.plot(*zip(*seen, strict=True), label="held out", **style)
        above.set_ylabel("loss (nats per learned token)")
        above.set_title(title, loc="left")
        above.legend(frameon=False)
        below.plot(at, [each["lr"] for each in steps], color=SMOOTH, lw=1)
        below.set_ylabel("learning rate")
        below.set_ylim(bottom=0)
        below.set_xlabel("step")
        below.xaxis.set_major_locator(MaxNLocator(integer=True))
        with replacing(path) as part:
            figure.savefig(part, dpi=150)


def smoothed(loss: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """An exponential moving average over about a twentieth of the run, unbiased.

    *Shape:* ``(steps,)``, the same for the result.
    """
    keep = 1 - 1 / max(2.0, len(loss) / 20)
    found, total, weight = np.empty_like(loss), 0.0, 0.0
    for n, each in enumerate(loss):
        total, weight = keep * total + each, keep * weight + 1
        found[n] = total / weight
    return found
