"""Steps of a prompt: large enough to be fast, small enough to be waited for."""

import pytest

from codeassist.engine.decode.steps import AHEAD, ALONE, FIRST, LARGEST, SMALLEST, Steps


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("n", [1, 31, 32, 33, 400, 5000])
def test_sizes_add_up(n, ahead):
    """The steps cover the prompt, none is too large, the first is small."""
    sizes = Steps().sizes(n, ahead=ahead)

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


def test_an_abort_loses_little():
    """What is done ahead goes in small steps."""
    sizes = Steps(size=LARGEST).sizes(5000, ahead=True)

    assert sizes[:3] == [FIRST, AHEAD, AHEAD]
    assert max(sizes) == AHEAD < LARGEST


def test_a_step_takes_about_half_a_second():
    """What the next request may have to wait for stays short, and is large if it can be."""
    steps = Steps()
    sizes = []
    for seconds in (0.1, 0.2, 0.5, 0.9, 0.9, 0.9, 0.9, 0.9, 0.6, 0.1):
        sizes.append(steps.sizes(400)[0])
        steps.took(sizes[-1], seconds)
    assert sizes == [32, 64, LARGEST, LARGEST, 64, 32, 16, SMALLEST, SMALLEST, SMALLEST]
    assert steps.size == 2 * SMALLEST

    steps.took(5, 9.0)  # another size says nothing of this one
    assert steps.size == 2 * SMALLEST


def test_a_slow_machine_is_slow_ahead_too():
    """Where steps have to be small, those that nobody waits for begin as small."""
    steps = Steps(size=16)
    assert steps.sizes(400, ahead=True)[:4] == [16, 32, AHEAD, AHEAD]
