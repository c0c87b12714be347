"""What would be shown of the observed answers, and what a typist would make of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from codeassist.evaluate.replay.policy import VSCODE, Policy
from codeassist.evaluate.replay.typing_model import accept, right

from .observing import Observation, Passage

__all__ = ["Outcome", "Show", "try_out"]

Show = Callable[[Observation], str]
"""What is shown of an answer; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts, as a replay has them."""

    characters: int = 0
    saved: int = 0
    """Characters that were accepted."""

    asked: int = 0
    """Answers that there was something to show of."""

    shown: int = 0
    """Suggestions that came on screen."""

    wrong: int = 0
    """Those of them that were not right even for the next word."""

    whole: int = 0
    """Those that were right to their end."""

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.characters + other.characters,
            self.saved + other.saved,
            self.asked + other.asked,
            self.shown + other.shown,
            self.wrong + other.wrong,
            self.whole + other.whole,
        )

    @property
    def precision(self) -> float:
        """Share of what was shown that was right for the next word at least."""
        return 1 - self.wrong / self.shown if self.shown else 1.0


def try_out(
    passages: Iterable[Passage], show: Show, policy: Policy = VSCODE
) -> Outcome:
    """Type the passages, as `codeassist.evaluate.replay` does with a patient typist.

    Each answer is there before the next key; what is on screen stays there while it is
    typed, and is accepted when it is right, or those parts that the client offers.

    Args:
        passages: Observed without any gate.
        show: The gate.
        policy: The editor's client.
    """
    total = Outcome()
    for passage in passages:
        total += _typed(passage, show, policy)
    return total


def _typed(passage: Passage, show: Show, policy: Policy) -> Outcome:
    shown = wrong = whole = saved = asked = end = 0
    at = 0
    ghost = ""
    """What is left of what is on screen."""
    for each in passage.observations:
        if each.at < at:
            continue  # it was accepted
        rest = passage.text[each.at :]
        end = len(passage.text)
        typed = passage.text[at : each.at]
        ghost = ghost[len(typed) :] if ghost.startswith(typed) else ""
        at = each.at
        asked += bool(each.text)
        if not ghost.strip():
            ghost = show(each)
            if not ghost:
                continue
            shown += 1
            wrong += not right(ghost, rest)
            whole += rest.startswith(ghost)
        parts = accept(ghost, rest, policy)
        taken = sum(map(len, parts))
        saved += taken
        at += taken
        ghost = ghost[taken:]
    return Outcome(end, saved, asked, shown, wrong, whole)
