"""A model that has nothing more to say says the same again."""

from collections.abc import Sequence

from codeassist.languages import Language

from .place import closes

__all__ = ["is_loop"]

REPEATS = 4
"""The same line that often in a row is a loop."""

REPEATS_OF_ROWS = 8
"""The same for lines without a word: a table of numbers may well repeat its rows."""

PERIODS = range(2, 5)
"""That many lines may be repeated together."""

ROUNDS = 3
"""That often."""


def is_loop(lines: Sequence[str], language: Language) -> bool:
    """Whether the last of the lines, none of them blank, only repeats those above.

    Args:
        lines: Whole lines with their indentation.
        language: Tells which lines close a block; those say nothing.
    """
    last = lines[-1]
    if not closes(last, language):
        repeats = REPEATS if _has_word(last) else REPEATS_OF_ROWS
        if len(lines) >= repeats and len(set(lines[-repeats:])) == 1:
            return True
    return any(_turns(lines, period, language) for period in PERIODS)


def _turns(lines: Sequence[str], period: int, language: Language) -> bool:
    """Whether the last lines are the same few ones again and again."""
    unit = list(lines[-period:])
    if list(lines[-period * ROUNDS :]) != unit * ROUNDS or len(set(unit)) == 1:
        return False
    return any(_has_word(line) and not closes(line, language) for line in unit)


def _has_word(line: str) -> bool:
    return any(character.isalpha() for character in line)
