"""Steps of a prompt grow, but not while somebody types."""

import pytest

from codeassist.engine.decode.steps import ALONE, FIRST, LARGEST, SMALLEST, Steps


@pytest.mark.parametrize("n", [1, 31, 32, 33, 400, 5000])
def test_sizes_add_up(n):
    """The steps cover the prompt, none is too large, the first is small."""
    sizes = Steps().sizes(n)

    assert sum(sizes) == n
    assert max(sizes) <= LARGEST
    assert sizes[0] <= FIRST


@pytest.mark.parametrize("n", [1, 2, ALONE, ALONE + 1, FIRST + 2])
def test_a_few_tokens_go_one_by_one(n):
    """What somebody types is not put together, and for a GPU everything is."""
    sizes = Steps().sizes(n)
    few = n if n <= ALONE else max(0, n - FIRST)

    assert sizes.count(1) == few
    assert Steps(alone=0).sizes(n) == [
        size for size in (min(n, FIRST), n - FIRST) if size > 0
    ]


def test_abort_loses_about_half_at_the_most():
    """Whenever an abort comes, the lost step is hardly larger than what is kept."""
    sizes = Steps().sizes(5000)

    for n, size in enumerate(sizes[1:-1], start=1):
        assert size <= sum(sizes[:n]) + FIRST


def test_typing_loses_no_step():
    """Behind a prompt that was not finished every step is one that is made to its end."""
    steps = Steps()
    steps.ended(complete=False)
    assert all(steps.is_kept(size) for size in steps.sizes(400))
    steps.ended(complete=True)
    assert max(steps.sizes(400)) == LARGEST


def test_a_slow_machine_makes_smaller_steps():
    """What the next request may have to wait for stays short, and recovers."""
    steps = Steps()
    firsts = []
    for seconds in (0.5, 0.5, 0.5, 0.1, 0.01, 0.01, 0.01):
        firsts.append(steps.sizes(400)[0])
        steps.took(firsts[-1], seconds)
    assert firsts == [32, 16, SMALLEST, SMALLEST, SMALLEST, 16, 32]

    steps.took(5, 9.0)  # another size says nothing of this one
    assert steps.first == FIRST
