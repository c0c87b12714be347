"""What counts as still in the code."""

import random

import pytest
from rapidfuzz.distance import Levenshtein

from codeassist.records.still import similarity, still_there

TEXT = "return [each for each in values if each.is_fine()]"


def test_unchanged_text_among_others():
    """A text that stands there as it was put is there, wherever near."""
    assert similarity(f"    {TEXT}\n", f"before\n\t{TEXT}  # why\nbehind") == 1.0


@pytest.mark.parametrize(
    ("now", "there"),
    [
        (TEXT.replace("each", "one"), False),  # 11 of 50 characters
        (TEXT.replace("values", "rows"), True),
        ("", False),
        ("return values", False),
    ],
)
def test_changed_text(now, there):
    """A few renamed letters leave a text there; a rewrite or its removal does not."""
    assert still_there(TEXT, f"def f(values):\n    {now}\n\nf([])\n") is there


def test_blank_text():
    """A text of blanks is nowhere."""
    assert not still_there("\n    ", "\n    \n    ")


def test_equals_the_smallest_distance_to_a_substring():
    """The similarity is that of the best substring by the reference implementation."""
    dice = random.Random(0)
    for _ in range(40):
        text = "".join(dice.choices("ab c", k=6)).strip() or "a"
        place = "".join(dice.choices("ab c", k=9))
        ends = range(len(place) + 1)
        parts = (place[a:b] for a in ends for b in ends if a <= b)
        best = min(Levenshtein.distance(text, part) for part in parts)

        assert similarity(text, place) == 1 - best / len(text)
