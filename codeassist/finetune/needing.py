"""Holes that other files answer: their text has a name that only those define."""

import random
from collections.abc import Mapping

from codeassist.engine.context.index import RepositoryIndex
from codeassist.engine.context.outline import identifiers
from codeassist.training.fim_data import Document
from codeassist.training.fim_data.spans import Spans

from .cuts import PLAIN, Cut, draw_cut

__all__ = ["draw_needing", "needed"]

TRIES = 12
"""Holes that are drawn before it is given up."""

ABOVE, BELOW = 1200, 400
"""Characters around a hole in which the name does not stand."""

SHORTEST = 4
"""Characters of a name that says where it is from."""

MOST_PLACES = 8
"""Definitions of a name that is not everybody's."""


def draw_needing(
    file: Document,
    language: str,
    spans: Spans,
    shares: Mapping[str, float],
    dice: random.Random,
    index: RepositoryIndex,
) -> tuple[Cut, frozenset[str]] | None:
    """A hole as `draw_cut` draws it, and the names in it that only other files define.

    Args:
        file: Which is cut; the index has it as it is.
        language: Its identifier.
        spans: Of the file.
        shares: Of each kind.
        dice: What is drawn with.
        index: Of its repository.

    Returns:
        None where `TRIES` draws have none.
    """
    for _ in range(TRIES):
        cut = draw_cut(file.text, spans, shares, dice)
        if cut is None or cut.kind == PLAIN:
            continue
        if names := needed(file, language, cut, index):
            return cut, names
    return None


def needed(
    file: Document, language: str, cut: Cut, index: RepositoryIndex
) -> frozenset[str]:
    """The names of a hole that stand nowhere near it and that only other files define."""

    def names_in(text: str) -> frozenset[str]:
        return frozenset(identifiers(text.encode(), language))

    text = file.text
    above = text[max(0, cut.start - ABOVE) : cut.start]
    below = text[cut.end : cut.end + BELOW]
    names = names_in(text[cut.start : cut.end]) - names_in(above) - names_in(below)
    return frozenset(
        name
        for name in names
        if len(name) >= SHORTEST and _is_anothers(name, file.path, index)
    )


def _is_anothers(name: str, path: str, index: RepositoryIndex) -> bool:
    places = index.definitions(name, MOST_PLACES + 1)
    return 0 < len(places) <= MOST_PLACES and all(each.path != path for each in places)
