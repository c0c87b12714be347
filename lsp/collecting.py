"""Python's threads and garbage collector, so that neither holds the loop for long."""

import gc
import sys

__all__ = ["hold", "is_held", "resume", "settle", "share"]

TURN_SECONDS = 0.0005
"""That a thread may keep the interpreter's lock while others wait for it. The loop waits
for all that are before it: an index has several, with Python's 5 ms each."""

YOUNG, MIDDLE, OLD = 700, 10, 2000
"""Python's own are 700, 10, 10. A look at all objects keeps the lock for 80 ms on a
repository of 100,000 files; so it comes after 14 million new ones, not 70,000."""


def share() -> None:
    """Let the loop have its turn soon, whatever other threads do or import."""
    settle()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    sys.setswitchinterval(TURN_SECONDS)


def settle() -> None:
    """Take what there is as something that stays: nobody looks at it again."""
    gc.freeze()
    resume()


def hold() -> None:
    """Collect nothing while all files are looked at.

    Lists of all their paths are young; a look at them in a repository of 100,000 files
    keeps the lock for 40 ms on a slow machine.
    """
    gc.disable()


def is_held() -> bool:
    """Whether nothing is collected."""
    return not gc.isenabled()


def resume() -> None:
    """Collect again."""
    gc.enable()
