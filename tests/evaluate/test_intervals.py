"""Intervals and paired comparisons."""

import random

import numpy as np
import pytest

from codeassist.errors import InputError
from codeassist.evaluate.scores.intervals import bootstrap, compare, mcnemar


def test_an_interval_is_that_of_the_binomial():
    """For 0 and 1 the bootstrap agrees with the normal approximation within 0.01."""
    values = [1.0] * 300 + [0.0] * 700
    interval = bootstrap(values)
    half = 1.96 * (0.3 * 0.7 / 1000) ** 0.5
    assert interval.mean == pytest.approx(0.3)
    assert interval.n == 1000
    assert interval.low == pytest.approx(0.3 - half, abs=0.01)
    assert interval.high == pytest.approx(0.3 + half, abs=0.01)


def test_intervals_hold_what_they_promise():
    """Of 200 samples from a known mean, about 95 % of the intervals hold it."""
    draw = np.random.default_rng(1)
    held = 0
    for _ in range(200):
        interval = bootstrap(list(draw.normal(5.0, 2.0, size=80)), resamples=400)
        held += interval.low <= 5.0 <= interval.high
    assert 180 <= held <= 199


def test_the_seed_decides():
    """The same seed gives the same interval, another one another."""
    draw = random.Random(2)
    values = [draw.random() for _ in range(50)]
    assert bootstrap(values, seed=3) == bootstrap(values, seed=3)
    assert bootstrap(values, seed=3) != bootstrap(values, seed=4)


def test_large_samples_are_drawn_in_parts():
    """More draws than are held at a time give the same kind of interval."""
    values = [float(n % 2) for n in range(30_000)]
    interval = bootstrap(values, resamples=100)
    assert interval.low == pytest.approx(0.5 - 0.0057, abs=0.003)
    assert interval.high == pytest.approx(0.5 + 0.0057, abs=0.003)


def test_a_constant_has_no_width():
    """All right is 1 from 1 to 1."""
    interval = bootstrap([1.0] * 20)
    assert (interval.mean, interval.low, interval.high) == (1.0, 1.0, 1.0)


def test_nothing_has_no_interval():
    """An interval of no values is refused."""
    with pytest.raises(InputError, match="at least one value"):
        bootstrap([])


def test_systems_are_compared_on_shared_holes():
    """Only holes with both values count; wins, losses and ties are told."""
    first = {"a": 1.0, "b": 1.0, "c": 0.0, "d": 1.0, "only first": 1.0}
    second = {"a": 0.0, "b": 1.0, "c": 1.0, "d": 0.0, "only second": 1.0}
    found = compare(first, second)
    assert (found.wins, found.losses, found.ties) == (2, 1, 1)
    assert found.difference.mean == pytest.approx(0.25)
    assert found.difference.n == 4
    assert found.p == 1.0


def test_pairing_sees_what_means_hide():
    """A small gain on every hole is sure, though the holes differ widely."""
    first = {str(n): n / 100 + 0.02 for n in range(100)}
    second = {str(n): n / 100 for n in range(100)}
    found = compare(first, second)
    assert found.difference.low == pytest.approx(0.02)
    assert found.p is None  # values between 0 and 1 have no McNemar test
    apart = bootstrap(list(first.values()))
    assert apart.low < 0.5 < apart.high


def test_nothing_shared_is_refused():
    """Systems on different holes cannot be compared."""
    with pytest.raises(InputError, match="share no hole"):
        compare({"a": 1.0}, {"b": 1.0})


@pytest.mark.parametrize(
    ("wins", "losses", "expected"),
    [(0, 0, 1.0), (5, 5, 1.0), (10, 0, 2 / 1024), (1, 8, 2 * 10 / 512)],
)
def test_mcnemar_by_hand(wins, losses, expected):
    """The exact two-sided p-value of a fair coin."""
    assert mcnemar(wins, losses) == pytest.approx(expected)


def test_mcnemar_of_thousands():
    """Large counts neither overflow nor become 0 by rounding."""
    assert 0 < mcnemar(3000, 2500) < 1e-9
