"""How long an answer takes, from what was measured of a model on this machine."""

import math
from bisect import bisect_left
from dataclasses import dataclass

__all__ = ["JUMP_DECODED", "TYPING", "Case", "Speed", "jump"]


@dataclass(frozen=True, slots=True)
class Case:
    """What an answer has to compute."""

    evaluated: int
    """Tokens of the prompt that are not in the KV cache."""

    decoded: int
    """Tokens of the answer."""


TYPING = Case(evaluated=3, decoded=8)
"""Somebody types on within a line: the prompt is cached up to the last word."""

JUMP_DECODED = 12
FRAME = 16
"""Tokens of a prompt that are no text: sentinels, names of files."""


def jump(window: int) -> Case:
    """Somebody goes to another place, where nothing of the prompt is cached.

    Args:
        window: Tokens of the file, and of others, that the prompt shows.
    """
    return Case(evaluated=window + FRAME, decoded=JUMP_DECODED)


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured of one model, in seconds of wall clock."""

    prompt: tuple[tuple[int, float], ...]
    """Tokens, and how long evaluating so many at once takes; by tokens, from 1. As a
    line through two points says too little (few tokens cost about as much as one step
    of 16, and late ones more than early ones) there are several."""

    token_s: float
    """Of each token that is decoded."""

    overhead_s: float
    """Of a request beside the model: cutting the window, tokenising, the gates."""

    others: float = 0.0
    """Cores that other programs kept busy meanwhile: with many it says little."""

    def prompt_s(self, n: int) -> float:
        """Seconds that `n` tokens take; infinite for more than were measured."""
        at = bisect_left(self.prompt, (n, -math.inf))
        if at == len(self.prompt):
            return math.inf
        (right, right_s) = self.prompt[at]
        (left, left_s) = self.prompt[at - 1] if at else (0, 0.0)
        return left_s + (right_s - left_s) * (n - left) / (right - left)

    def answer_s(self, case: Case) -> float:
        """Seconds until all of an answer is there."""
        # the prompt's last step gives the first token
        steps = max(0, case.decoded - 1)
        return self.overhead_s + self.prompt_s(case.evaluated) + steps * self.token_s

    def decodes(self, seconds: float, evaluated: int) -> int:
        """Tokens that an answer may have to be there within `seconds`.

        Args:
            seconds: From the request on.
            evaluated: Tokens of the prompt that are not cached.
        """
        left = seconds - self.overhead_s - self.prompt_s(evaluated)
        return 1 + math.floor(left / self.token_s) if left > 0 else 0
