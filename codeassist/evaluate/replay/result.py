"""What a replay has measured: counts while it runs, and the result."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from .assistant import Suggestion

__all__ = ["Milliseconds", "Result", "Tally"]

PARTS = (0.5, 0.95, 0.99)
TINY = 1e-9
"""For products of fractions that are not quite what they should be."""


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """Quantiles of a latency; None where there was none, or too few to tell."""

    n: int
    """Of those that came to their end."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None

    @classmethod
    def of(
        cls, values: Sequence[float], unfinished: Sequence[float] = ()
    ) -> "Milliseconds":
        """Quantiles of some milliseconds.

        Who drops what is late would else have the better quantiles: of a wait that was
        broken off it is known that it would have been longer (Kaplan and Meier, 1958).

        Args:
            values: Waits that came to their end.
            unfinished: Waits until somebody broke them off.
        """
        ends, counts = np.unique(np.asarray(values, dtype=float), return_counts=True)
        everything = np.sort([*values, *unfinished])
        at_risk = everything.size - np.searchsorted(everything, ends)
        left = np.cumprod(1 - counts / at_risk)
        reached = (np.flatnonzero(left <= 1 - part + TINY) for part in PARTS)
        quantiles = (
            round(float(ends[at[0]]), 1) if at.size else None for at in reached
        )
        return cls(len(values), *quantiles)


@dataclass(slots=True)
class Tally:
    """Counts of a replay that is under way."""

    keystrokes: int = 0
    characters: int = 0
    saved: int = 0
    accepts: int = 0
    partial: int = 0
    shown: int = 0
    wrong: int = 0
    requests: int = 0
    answered: int = 0
    superseded: int = 0
    without_model: int = 0
    prompt_tokens: int = 0
    evaluated_tokens: int = 0
    generated_tokens: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    answer_ms: list[float] = field(default_factory=list)
    dropped_ms: list[float] = field(default_factory=list)
    """From a keystroke until nobody waited for its answer any more."""

    text_ms: list[float] = field(default_factory=list)

    def answer(self, suggestion: Suggestion, ms: float) -> None:
        """An answer came in time."""
        self.answered += 1
        self.answer_ms.append(ms)
        self.cost(suggestion)
        if not suggestion.text:
            self.reasons[suggestion.reason or "unsaid"] += 1
            return
        self.text_ms.append(ms)
        if suggestion.evaluated_tokens == suggestion.generated_tokens == 0:
            self.without_model += 1

    def cost(self, suggestion: Suggestion) -> None:
        """What an answer has cost, in time or not."""
        self.prompt_tokens += suggestion.prompt_tokens or 0
        self.evaluated_tokens += suggestion.evaluated_tokens or 0
        self.generated_tokens += suggestion.generated_tokens or 0


@dataclass(frozen=True, slots=True)
class Result:
    """What one assistant was worth to one user."""

    script: str
    """What was typed."""

    assistant: str
    policy: str
    seed: int
    speed: float
    """How much faster than a person; debounce and pauses are shortened alike, the
    assistant is not."""

    patient: bool
    stops: float
    """As of `Typist`."""

    characters: int
    """That came into being: typed by hand or accepted."""

    characters_saved: int
    """Of them accepted."""

    keystrokes: int
    """That were pressed; accepting counts one, each part of a partial accept too."""

    keystrokes_saved: int
    """Those fewer than without any help."""

    accepts: int
    """Suggestions that were accepted whole."""

    partial_accepts: int
    """Suggestions of which a part was accepted."""

    shown: int
    """Different texts that came on screen; typed through, one stays the same."""

    shown_wrong: int
    """Of them not right even for the next token."""

    requests: int
    answered: int
    superseded: int
    """Requests whose answer was not waited for, or that a newer one has replaced."""

    without_model: int
    """Answers with a text for which the model computed nothing."""

    prompt_tokens: int
    """Of all answers; what superseded requests have cost only the CPU time tells."""

    evaluated_tokens: int
    generated_tokens: int
    reasons: dict[str, int]
    """Why answers were empty."""

    answer_ms: Milliseconds
    """From a keystroke to its answer, debounce included; of one whose answer was not
    waited for it counts that it would have taken longer."""

    text_ms: Milliseconds
    """The same of answers that had a text."""

    cpu_seconds: float
    """Of the assistant's processes while the user typed."""

    cpu_seconds_per_1000: float
    """The same for 1,000 keystrokes that were pressed."""

    seconds: float
    """That it took."""

    seconds_unaided: float
    """That the same hands need without any help, at the same speed, without stops."""

    def to_json(self) -> str:
        """Everything, on one line."""
        return json.dumps(asdict(self), ensure_ascii=False)
