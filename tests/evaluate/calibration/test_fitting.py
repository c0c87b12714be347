"""Figures that say how likely an answer is to be right."""

import math
import random

import pytest

from codeassist.evaluate.calibration.fitting import Example, examples, fit
from codeassist.evaluate.calibration.observing import Observation, Passage


def chance(least, behind_sign):
    return 1 / (1 + math.exp(-(2.0 + 3.0 * least - 1.5 * behind_sign)))


def drawn(n, seed):
    """Examples whose chances are known."""
    dice = random.Random(seed)
    for _ in range(n):
        least, behind_sign = -3 * dice.random(), dice.random() < 0.5
        yield Example(least, behind_sign, dice.random() < chance(least, behind_sign))


def test_known_chances_are_found_again():
    """Fitted to many examples, the chances are those they were drawn with."""
    fitted = fit(list(drawn(6_000, 0)))

    for each in drawn(50, 1):
        found = fitted.chance(each.least, behind_sign=each.behind_sign)
        assert found == pytest.approx(chance(each.least, each.behind_sign), abs=0.06)


def test_only_right_answers_are_no_error():
    """Examples of one kind fit, too, and are all likely."""
    fitted = fit([Example(-n / 10, n % 2 == 0, True) for n in range(20)])

    assert fitted.chance(-0.1, behind_sign=True) > 0.9


def test_an_example_is_the_first_word():
    """Tokens behind the first word do not count, nor answers that say nothing."""
    observations = (
        Observation(0, "x = ", "foo.bar", (-0.5, -0.1, -4.0), (2, 3, 7)),
        Observation(4, "x = foo.", "baz", (-2.0,), (3,)),
        Observation(6, "x = foo.ba", "", (), ()),
    )
    passage = Passage("a", "python", "foo.bar()", observations)

    assert examples([passage]) == [
        Example(-0.5, False, True),
        Example(-2.0, True, False),
    ]
