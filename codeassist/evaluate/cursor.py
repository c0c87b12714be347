"""A hole as an editor shows it: where whole lines are missing, an empty one is there."""

from dataclasses import replace

from .hole import Hole

__all__ = ["as_in_editor"]


def as_in_editor(hole: Hole) -> Hole:
    """The hole with the cursor on a line of its own.

    Sets cut whole lines out with their line end, so that the next line stands at the
    cursor. In an editor the cursor's line ends there: its line end goes from the
    reference to the suffix, and the program that is run stays the same.
    """
    if not hole.middle.endswith("\n") or hole.suffix.startswith("\n"):
        return hole
    if hole.prefix and not hole.prefix.endswith("\n"):
        return hole
    check = hole.check and replace(hole.check, after="\n" + hole.check.after)
    return replace(
        hole, middle=hole.middle[:-1], suffix="\n" + hole.suffix, check=check
    )
