"""Whether an accepted text is still in the code, some time later."""

import numpy as np

__all__ = ["CHECKS", "NEAR", "similarity", "still_there"]

CHECKS = (30, 90, 180, 360)
"""Seconds after the acceptance."""

NEAR = 200
"""Characters around the place that belong to it."""

LIKE = 0.8
"""A more similar text counts as the same."""

MOST_TEXT, MOST_PLACE = 1_000, 20_000
"""Characters that are compared; a longer text stands and falls with its beginning."""


def still_there(text: str, place: str) -> bool:
    """Whether a place holds a text, unchanged or nearly so.

    The measure follows GitHub Copilot's "still in code": the accepted text is looked
    for near the place where it was put, by edit distance, at fixed times after the
    acceptance (Thakkar, "Copilot Internals", 2022; Ziegler et al., "Productivity
    Assessment of Neural Code Completion", MAPS 2022, count a completion as mostly
    unchanged below a distance of 33 per cent). Ours is stricter: 20 per cent.
    """
    return similarity(text, place) > LIKE


def similarity(text: str, place: str) -> float:
    """Edit similarity of a text with the substring of a place that is most like it.

    1 less the smallest Levenshtein distance to any substring (Sellers, "The theory and
    computation of evolutionary distances", 1980) over the text's length; white space
    at the text's ends does not count.

    Returns:
        From 0 to 1; 0 for a text that is blank.
    """
    text, place = text.strip()[:MOST_TEXT], place[:MOST_PLACE]
    if not text:
        return 0.0
    if text in place:
        return 1.0
    codes = np.array([ord(each) for each in place], np.int32)
    steps = np.arange(len(place) + 1, dtype=np.int32)
    row = np.zeros_like(steps)  # the text may begin anywhere
    for n, character in enumerate(text, 1):
        best = row + 1
        best[0] = n
        swapped = row[:-1] + (codes != ord(character))
        np.minimum(best[1:], swapped, out=best[1:])
        row = np.minimum.accumulate(best - steps) + steps
    return 1 - int(row.min()) / len(text)
