"""The estimator of pass@k against answers that are known."""

from itertools import combinations

import pytest

from codeassist.errors import InputError
from codeassist.evaluate.scores.passk import mean_pass_at_k, pass_at_k


@pytest.mark.parametrize(
    ("n", "c", "k", "expected"),
    [(10, 4, 1, 0.4), (10, 4, 5, 1 - 6 / 252), (5, 0, 3, 0.0), (10, 6, 5, 1.0)],
)
def test_known_answers(n, c, k, expected):
    """Published answers come out, none passed gives 0, enough passed gives 1."""
    assert pass_at_k(n, c, k) == pytest.approx(expected, abs=1e-12)


def test_it_is_the_share_of_draws_with_a_pass():
    """The product equals the count over all draws of k of n samples."""
    samples = [True, True, False, False, False, False]
    for k in range(1, 7):
        draws = list(combinations(samples, k))
        assert pass_at_k(6, 2, k) == pytest.approx(sum(map(any, draws)) / len(draws))


def test_problems_weigh_the_same():
    """Two problems with 3 and 1 of 4 give pass@2 of 0.75."""
    assert mean_pass_at_k([(4, 3), (4, 1)], 2) == pytest.approx(0.75)


def test_many_samples_stay_exact():
    """With n = 200 the estimate of pass@1 is c/n, and grows with c and k up to 1."""
    for c in range(201):
        assert pass_at_k(200, c, 1) == pytest.approx(c / 200, abs=1e-12)
    values = [pass_at_k(200, c, 100) for c in range(201)]
    assert values == sorted(values)
    assert values[101] == 1.0
    assert values[1] == pytest.approx(0.5)


@pytest.mark.parametrize(("n", "c", "k"), [(4, 5, 1), (4, -1, 1), (4, 2, 5), (4, 2, 0)])
def test_impossible_counts_are_refused(n, c, k):
    """Counts that cannot be are one line, not a number."""
    with pytest.raises(InputError, match="samples"):
        pass_at_k(n, c, k)


def test_no_problem_has_no_mean():
    """A mean of nothing is refused."""
    with pytest.raises(InputError, match="at least one problem"):
        mean_pass_at_k([], 1)
