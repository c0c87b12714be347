"""[editors-soak] Replayed typing in each editor for 15 minutes, in both at once.

`CODEASSIST_SOAK_MINUTES`: another length, to try it.
"""

import sys

from tests.bench.editors import Part, together


def figure(part: Part) -> str:
    """What the bar is about."""
    figures = part.figures
    return (
        f"{figures['stale']:.0f} stale of {figures['accepted']:.0f} accepted, "
        f"{figures['errors']:.0f} errors, memory {100 * figures['growth']:+.1f} %"
    )


if __name__ == "__main__":
    bar = "no stale text, no error in any log, memory growth below 5 % after warm-up"
    sys.exit(together("editors-soak", bar, figure, at_once=True))
