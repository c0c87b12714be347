"""What the user's own outcomes do to the gate: little, never much, nothing of few."""

import random

import pytest

from codeassist.engine.gates import Calibration, learn
from codeassist.engine.gates.learning import LEAST_SHOWN, LEAST_TAKEN, MOST, Learned

CHANCES = (0.66, 0.7, 0.8, 0.9, 0.95, 0.99)


def outcomes(n, *, shift=0.0, share=0.6, seed=0):
    """Of a user who takes a share of what is right, which the gate is wrong about."""
    draw = random.Random(seed)
    found = []
    for _ in range(n):
        chance = draw.choice(CHANCES)
        right = Calibration(0.0, 0.0, 0.0, shift=shift)
        odds = chance / (1 - chance)
        true = odds / (odds + (1 / right.chance(0.0, behind_sign=False) - 1))
        found.append((chance, draw.random() < true * share))
    return found


@pytest.mark.parametrize(
    ("n", "taken"), [(LEAST_SHOWN - 1, 150), (1_000, LEAST_TAKEN - 1)]
)
def test_little_says_nothing(n, taken):
    """Below a number of outcomes, or of taken ones, nothing is shifted."""
    told = [(0.7, number < taken) for number in range(n)]

    assert learn(told) == Learned(n, taken, 0.0)


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_a_user_who_takes_little_is_not_taken_for_a_wrong_gate(share):
    """Whoever takes few of the right ones leaves a gate alone that is right."""
    found = [learn(outcomes(2_000, share=share, seed=n)).shift for n in range(5)]

    assert abs(sum(found) / len(found)) < 0.15


@pytest.mark.parametrize("shift", [-0.5, 0.5])
def test_the_direction_is_found(shift):
    """A gate that is too sure is held back, one that is too cautious let go."""
    found = [learn(outcomes(2_000, shift=shift, seed=n)).shift for n in range(5)]

    assert sum(found) / len(found) * shift > 0.05


@pytest.mark.parametrize("told", [True, False])
def test_bounded(told):
    """Whatever happened, the shift stays small."""
    strange = [(0.66, told), (0.99, not told)] * 1_000

    assert abs(learn(strange).shift) <= MOST


def test_what_a_bound_comes_to():
    """The bound that is told is where the shifted calibration reaches the setting."""
    for shift in (-0.6, 0.0, 0.4):
        bound = Learned(500, 100, shift).bound(0.65)
        plain = Calibration(0.0, 1.0, 0.0, shift=shift)
        score = next(
            s / 100
            for s in range(-300, 300)
            if Calibration(0.0, 1.0, 0.0).chance(s / 100, behind_sign=False) >= bound
        )

        assert plain.chance(score, behind_sign=False) == pytest.approx(0.65, abs=0.01)
    assert Learned(0, 0, 0.5).bound(0.0) == 0.0
