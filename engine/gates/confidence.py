"""How likely an answer is to be right, and how much of it is worth showing."""

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from codeassist.engine.request import Completion

from .calibration import Calibration
from .words import Words

__all__ = ["WORD", "Confidence", "is_behind_sign", "least_likely"]

Told = tuple[str, Sequence[float], Sequence[int]]
"""A text, the log-probabilities of its tokens, and where each of them ends in it."""

WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")
"""A word or sign with the white space before it: what a reader takes in at once."""

SIGN = re.compile(r"[^\w\s]\Z")

WITHIN = re.compile(r"\w\Z")

FORCED = -1e-3
"""Log-probability of a token, about, to which what is typed leaves no other: behind
``hist`` that of ``history`` is 0, whatever the model knows."""

HURRIED = 5.5
"""So many times the surprise counts in an answer that did not wait for other files: it
knows less than its probabilities say (docs/experiments.md)."""

AMBIGUOUS = 3.0
"""So many times the surprise counts at a word that begins others of the document: the
model hears ``history`` where ``history_store`` is meant (docs/experiments.md)."""

TAIL = 0.2
"""An answer is cut where the chance that all of it is right falls below this part of
the bound: who accepts it whole should not have to delete half of it."""


class Confidence:
    """Shows what is likely to be right.

    Args:
        calibration: Of the model.
        bound: Chance, from 0 to 1, that the next word must have to be right.
    """

    def __init__(self, calibration: Calibration, bound: float) -> None:
        self.calibration = calibration
        self.bound = bound

    def chance(
        self, said: Completion, line: str, words: Words | None = None
    ) -> float | None:
        """That the first word of an answer is right, but for the calibration's shift.

        The surprise of hurried answers and of words that begin others counts more.

        Args:
            said: All of it in ``text``, with its tokens; without them: None.
            line: The cursor's line before the cursor.
            words: Of the document; None: nothing is known of them.
        """
        if not said.ends:
            return None
        plain = replace(self.calibration, shift=0.0)
        weight = _weight(said.text, words, alone=said.alone)
        return _chance(plain, (said.text, said.logprobs, said.ends), line, weight)

    def shown(self, said: Completion, line: str, words: Words | None = None) -> int:
        """Characters that are worth showing; 0: none.

        Words of the first line, then whole lines are left out at the end.

        Args:
            said: All of it in ``text``, with its tokens.
            line: The cursor's line before the cursor.
            words: Of the document; None: nothing is known of them.
        """
        if not said.ends or self.bound <= 0:
            return len(said.text)
        told = said.text, said.logprobs, said.ends
        weight = _weight(said.text, words, alone=said.alone)
        chance = _chance(self.calibration, told, line, weight)
        n = _first_word(said.text, said.ends)
        if chance < self.bound:
            return 0
        shown = 0
        for end in _parts(said.text):
            m = max(n, bisect_left(said.ends, end) + 1)
            if shown and chance * math.exp(sum(said.logprobs[n:m])) < TAIL * self.bound:
                break
            shown = end
        whole = len(said.text.rstrip())  # the blanks behind it stand before a rest
        return shown if 0 < shown < whole else len(said.text)

    def enough(
        self,
        text: str,
        logprobs: Sequence[float],
        ends: Sequence[int],
        line: str,
        words: Words | None = None,
        *,
        block: bool,
        alone: bool = False,
    ) -> int | None:
        """Where an answer that is being written may end, as its rest would be hidden.

        Args:
            text: What the model has written so far.
            logprobs: Of its tokens.
            ends: Characters of the text that stand after each of them.
            line: The cursor's line before the cursor.
            words: Of the document; None: nothing is known of them.
            block: Whether it is a block: its hidden lines are the next answers.
            alone: As in `Completion`.

        Returns:
            Characters of its whole words; None: it goes on.
        """
        if self.bound <= 0:
            return None
        first = WORD.match(text)
        begun = first is None or first.end() == len(text)
        weight = _weight(text, None if begun else words, alone=alone)
        chance = _chance(self.calibration, (text, logprobs, ends), line, weight)
        hidden = chance < self.bound
        if not hidden and not block and not begun:
            rest = logprobs[_first_word(text, ends) :]
            hidden = chance * math.exp(sum(rest)) < TAIL * self.bound
        return _whole_words(text) if hidden else None


def _chance(calibration: Calibration, told: Told, line: str, weight: float) -> float:
    """That the first word of an answer is right; its surprise counts so many times."""
    least = least_likely(*told, line) * weight
    return calibration.chance(least, behind_sign=is_behind_sign(line))


def _weight(text: str, words: Words | None, *, alone: bool) -> float:
    """How many times the surprise of an answer's first word counts."""
    weight = HURRIED if alone else 1.0
    ambiguous = words is not None and words.begins_others(text)
    return weight * AMBIGUOUS if ambiguous else weight


def least_likely(
    text: str, logprobs: Sequence[float], ends: Sequence[int], line: str
) -> float:
    """Log-probability of the least likely of the tokens that tell of the first word.

    Where what is typed of a word leaves no choice of how it goes on, its tokens tell
    nothing, and the one behind it counts, too.

    Args:
        text: The answer.
        logprobs: Of its tokens.
        ends: Characters of it that stand after each of them.
        line: The cursor's line before the cursor.
    """
    n = _first_word(text, ends)
    least = min(logprobs[:n], default=0.0)
    if least > FORCED and WITHIN.search(line):
        return min(logprobs[: n + 1], default=0.0)
    return least


def _first_word(text: str, ends: Sequence[int]) -> int:
    """How many tokens there are up to the end of an answer's first word."""
    word = WORD.match(text)
    end = word.end() if word else len(text)
    return min(len(ends), bisect_left(ends, end) + 1)


def is_behind_sign(line: str) -> bool:
    """Whether a line ends in neither a letter, a figure, `_` nor a blank."""
    return SIGN.search(line) is not None


def _whole_words(text: str) -> int:
    """Characters without the last word, which may go on."""
    ends = [word.end() for word in WORD.finditer(text)]
    return max((end for end in ends if end < len(text)), default=0)


def _parts(text: str) -> Iterator[int]:
    """Where an answer may end: behind each word of its first line, and each line."""
    start = len(text) - len(text.lstrip())
    first = text.find("\n", start)
    line = len(text) if first < 0 else first
    end = 0
    while (word := WORD.match(text, end, line)) is not None:
        end = word.end()
        yield end
    while 0 <= line < len(text):
        after = text.find("\n", line + 1)
        line = len(text) if after < 0 else after
        end = len(text[:line].rstrip())
        if text.rfind("\n", 0, line) < end:
            yield end
