"""Steps of a prompt grow, and shrink for somebody who types fast."""

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


def test_aborts_without_progress_make_smaller_steps():
    """A request that got nowhere makes the next one begin with less."""
    steps = Steps()
    firsts = []
    for _ in range(5):
        firsts.append(steps.sizes(400)[0])
        steps.aborted(0)

    assert firsts == [32, 16, 8, SMALLEST, SMALLEST]


def test_progress_keeps_the_size_and_success_restores_it():
    """An abort after a whole step changes nothing; finished prompts grow it again."""
    steps = Steps(first=8)
    steps.aborted(1)
    assert steps.first == 8
    for _ in range(4):
        steps.completed()

    assert steps.first == FIRST
