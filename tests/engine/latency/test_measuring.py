"""What is made of measured times."""

from codeassist.engine.latency import measuring


def test_a_disturbed_time_gives_way():
    """Fewer tokens never take longer than more: the longer time was disturbed."""
    assert measuring._rising([(32, 0.2), (96, 0.5), (1, 0.1), (8, 0.9)]) == (
        (1, 0.1),
        (8, 0.2),
        (32, 0.2),
        (96, 0.5),
    )


def test_the_quickest_of_three_counts():
    """Three times at the most, and no more once it has taken enough time."""
    times = iter([0.3, 0.1, 0.2, 0.05])
    assert measuring._quickest(lambda _n: next(times), 8) == 0.1

    slow = iter([9.0, 1.0])
    assert measuring._quickest(lambda _n: next(slow), 8) == 9.0
