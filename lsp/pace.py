"""How long a request should wait for the next keystroke, learned from this user's."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from statistics import median

__all__ = ["Pace"]

REMEMBERED = 64
"""Keystrokes of each kind, and answers, that are learned from."""

FEW = 12
"""Keystrokes that say too little."""

PAUSE_S = 2.0
"""A longer pause is as good as this one."""

STEP_S, MOST_S = 0.01, 0.2
"""Waits that are weighed."""

LOST_S = 0.5
"""Seconds of decoding that an answer in time is worth."""

LATER = 1.0
"""Seconds of decoding that an answer a second earlier is worth."""


class Pace:
    """Weighs work that a keystroke would make useless against text that comes later.

    A wait is a bet on the pauses of this user that were at least as long as the present
    one. Those that end within the wait cost nothing. Those that end within the answer
    cost what was decoded so far (not the prompt, which stays in the KV cache). Behind
    longer ones the text comes later by the wait, or too late. Where answers are quick
    or pauses long the best wait is none. The pauses behind letters, signs and line
    ends differ, so each kind is learned apart.

    Tabby's client learns from the same two times, by a formula
    (``codeCompletion/debouncer.ts``). What this one saves and costs stands in
    docs/experiments.md.

    All times are seconds of one clock.
    """

    def __init__(self) -> None:
        self._pauses: dict[str, deque[float]] = defaultdict(_remembered)
        self._answers = _remembered()
        self._kept = _remembered()
        self._where = ""
        self._kind = ""
        self._last = 0.0

    def typed(self, where: str, text: str, now: float) -> None:
        """A document was changed.

        Args:
            where: Which.
            text: What came into it.
            now: When.
        """
        if where == self._where and self._kind:
            self._pauses[self._kind].append(min(now - self._last, PAUSE_S))
        self._where, self._kind, self._last = where, _kind(text), now

    def answered(
        self, seconds: float, kept: float = 0.0, *, finished: bool = True
    ) -> None:
        """The model has answered, or was stopped.

        Args:
            seconds: That it took.
            kept: Those of them that serve the next request, too: the prompt's.
            finished: Whether it was not stopped. Where it was, it would have taken at
                least so long, so it counts if that is more than is known.
        """
        if finished or not self._answers or seconds > median(self._answers):
            self._answers.append(seconds)
            self._kept.append(min(kept, seconds))

    def wait(self, where: str, now: float) -> float:
        """Seconds that the model should not be asked yet; 0 where little is known."""
        pauses = self._pauses[self._kind]
        if where != self._where or len(pauses) < FEW or not self._answers:
            return 0.0
        gone = now - self._last
        left = [pause - gone for pause in pauses if pause > gone]
        if not left:
            return 0.0
        answer, kept = median(self._answers), median(self._kept)
        return min(_waits(), key=lambda wait: _cost(wait, left, answer, kept))


def _waits() -> Iterator[float]:
    return (n * STEP_S for n in range(round(MOST_S / STEP_S) + 1))


def _cost(wait: float, left: Sequence[float], answer: float, kept: float) -> float:
    """What a wait costs over some pauses, in seconds of decoding."""
    cost = 0.0
    for pause in left:
        if wait + kept < pause < wait + answer:
            cost += pause - wait - kept  # decoded for nothing
        if pause >= wait + answer:
            cost += LATER * wait
        elif pause >= answer:
            cost += LOST_S
    return cost


def _kind(text: str) -> str:
    last = text[-1:]
    if "\n" in text:
        return "line"
    return "letter" if last.isalnum() or last == "_" else "sign"


def _remembered() -> "deque[float]":
    return deque(maxlen=REMEMBERED)
