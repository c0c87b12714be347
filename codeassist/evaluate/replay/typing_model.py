"""A simulated user: what is typed next, how fast, and what is made of a suggestion.

The pace is drawn from a log-normal distribution. Its figures inside a word are those of
Dhakal, Feit, Kristensson and Oulasvirta, "Observations on Typing from 136 Million
Keystrokes", CHI 2018: the inter-key interval of 168,000 volunteers is 238.7 ms in the
mean with a standard deviation of 111.6 ms (across typists; taken for one typist here).
That words and lines begin with longer pauses is what keystroke-logging studies find
(Conijn, Roeser and van Zaanen 2019; for programs Shrestha et al., ICSE-SEET 2022); the
factors are ours. Pauses to think, of two seconds and more, are no part of the pace:
`Typist.stops` says how often the user stops until there is an answer.
"""

import math
import random
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from codeassist.languages import Language

from .policy import Policy

__all__ = ["STOP_MS", "Key", "Keyboard", "Stroke", "Typist", "accept", "right"]

PACE = {"within": (238.7, 111.6), "word": (310.0, 145.0), "line": (720.0, 340.0)}
"""Milliseconds before a key, mean and standard deviation: inside a word, at the
beginning of a word or sign, at the beginning of a line."""

READING_SPREAD = 0.3
"""Standard deviation of the logarithm of the time to read a suggestion."""

STOP_MS = 60_000.0
"""That a stop lasts at the most."""

TOKEN = re.compile(r"\s*(?:\w+|[^\w\s]+)")
BLANKS = re.compile(r"[ \t]*")
INDENTATION = re.compile(r"^([ \t]*)\S", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Key:
    """What one keystroke does at the cursor."""

    erase: int
    """Characters before the cursor that go."""

    text: str
    """What it inserts."""

    used: int
    """Characters of what is to be typed that it brings."""

    surplus: int = 0
    """Blanks before the cursor afterwards that the editor put and nobody wants."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A keystroke of a text that is typed without any help."""

    line: str
    """Before it: the cursor's line up to the cursor."""

    at: int
    """Before it: characters of the text that are there."""

    surplus: int
    """Before it: as in `Key`."""

    used: int
    """As in `Key`."""


class Keyboard:
    """An editor's automatic indentation, and the keys that it leaves to press.

    Enter brings the indentation of the line before, one step more behind an opener;
    Tab and Backspace go a step; a closing bracket goes a step back by itself; blanks on
    an empty line go with the next Enter. Brackets are not closed automatically.

    Args:
        language: Tells what opens a block.
        sample: Text of the file, which shows how it is indented.
    """

    def __init__(self, language: Language, sample: str) -> None:
        self._opens = re.compile(language.opens)
        self.step = _step(sample)

    def press(self, line: str, rest: str, surplus: int) -> Key:
        """The next keystroke.

        Args:
            line: The cursor's line up to the cursor.
            rest: What is to be typed from here on; empty where only a surplus is left.
            surplus: As in `Key`.
        """
        if rest[:1] == "\n":
            return self._enter(line, rest, surplus)
        if surplus:
            if rest and rest[0] in ")]}":
                return Key(surplus, rest[0], 1)
            step = min(surplus, len(self.step))
            return Key(step, "", 0, surplus - step)
        if not line.strip() and rest.startswith(self.step):
            return Key(0, self.step, len(self.step))
        return Key(0, rest[0], 1)

    def _enter(self, line: str, rest: str, surplus: int) -> Key:
        indent = _blanks(line)
        if self._opens.search(line.rstrip()):
            indent += self.step
        wanted = _blanks(rest[1:])
        if len(rest) == 1:
            indent = ""
        if indent.startswith(wanted):
            too_much = len(indent) - len(wanted)
            return Key(surplus, "\n" + indent, 1 + len(wanted), too_much)
        if not wanted.startswith(indent):  # tabs against spaces
            indent = wanted
        return Key(surplus, "\n" + indent, 1 + len(indent))

    def by_hand(self, line: str, text: str) -> list[Stroke]:
        """All keystrokes that a text takes without any help.

        Args:
            line: The cursor's line up to the cursor.
            text: What is typed.
        """
        strokes: list[Stroke] = []
        at = surplus = 0
        while at < len(text) or surplus:
            key = self.press(line, text[at:], surplus)
            strokes.append(Stroke(line, at, surplus, key.used))
            line = (line[: len(line) - key.erase] + key.text).rpartition("\n")[2]
            at += key.used
            surplus = key.surplus
        return strokes


def _step(sample: str) -> str:
    """The step of indentation that is most frequent in a text."""
    steps: Counter[str] = Counter()
    for outer, inner in pairwise(INDENTATION.findall(sample)):
        step = inner.removeprefix(outer)
        if step == "\t" or (len(step) > 1 and inner.startswith(outer)):
            steps[step] += 1
    return steps.most_common(1)[0][0] if steps else "    "


def _blanks(text: str) -> str:
    found = BLANKS.match(text)
    return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Typist:
    """How fast the user is; the same seed is the same person.

    A time depends on the seed and on the place in the text alone, so that two systems
    are measured with the same hands, whatever was accepted before.
    """

    seed: int = 0
    reading_ms: float = 300.0
    """Median time that a look at a suggestion takes."""

    patient: bool = False
    """Whether each answer is waited for: what suggestions are worth were they instant.
    """

    stops: float = 0.0
    """Share of the keystrokes before which the user stops until there is an answer, or
    for `STOP_MS` at the most. Without stops it cannot be told how late late answers are.
    """

    def interval_ms(self, place: tuple[int, int, int], before: str) -> float:
        """Time from the last keystroke to the next.

        Args:
            place: Where in the script, unique for each keystroke.
            before: The cursor's line up to the cursor.
        """
        if not before.strip():
            kind = "line"
        else:
            kind = "within" if before[-1].isalnum() or before[-1] == "_" else "word"
        mean, deviation = PACE[kind]
        variance = math.log(1 + (deviation / mean) ** 2)
        dice = random.Random(f"key {self.seed} {place}")
        return dice.lognormvariate(math.log(mean) - variance / 2, variance**0.5)

    def stops_at(self, place: tuple[int, int, int]) -> bool:
        """Whether the user stops before the keystroke at a place."""
        return random.Random(f"stop {self.seed} {place}").random() < self.stops

    def look_ms(self, place: tuple[int, int, int]) -> float:
        """Time that reading a suggestion takes."""
        if not self.reading_ms:
            return 0.0
        dice = random.Random(f"look {self.seed} {place}")
        return dice.lognormvariate(math.log(self.reading_ms), READING_SPREAD)


def right(shown: str, rest: str) -> int:
    """Characters at the beginning of a suggestion that are right, in whole tokens.

    A token is a run of word characters or of signs, with the white space before it; it
    is right where the user is going to type it, and no more of it.
    """
    end = 0
    while (token := TOKEN.match(shown, end)) is not None:
        at = token.end()
        if shown[end:at] != rest[end:at]:
            break
        if _word(shown[at - 1]) and _word(rest[at : at + 1]):
            break
        end = at
    return end


def _word(character: str) -> bool:
    return character.isalnum() or character == "_"


def accept(shown: str, rest: str, policy: Policy) -> tuple[str, ...]:
    """The keys that accept a suggestion, each with the text it inserts.

    The whole of it where all is right; else the largest parts that the client offers
    and that are right, where they spare a key; else nothing.
    """
    sure = right(shown, rest)
    if not sure:
        return ()
    if rest.startswith(shown):
        return (shown,)
    parts: list[str] = []
    at = 0
    while part := _part(shown[at:], rest[at:], sure - at, policy):
        parts.append(part)
        at += len(part)
    return tuple(parts) if at > len(parts) else ()


def _part(shown: str, rest: str, sure: int, policy: Policy) -> str:
    for unit in policy.partial:
        part = unit.part(shown)
        if part and rest.startswith(part) and len(part.rstrip()) <= sure:
            return part
    return ""
