"""What is chosen on fast, slow and hopeless machines."""

from codeassist.config import Settings, merge
from codeassist.engine.latency import choose
from tests.engine.latency.machines import speed

FAST = [("large", speed(2000, 0.01)), ("small", speed(6000, 0.004))]
USUAL = [("large", speed(115, 0.04)), ("small", speed(350, 0.015))]
SLOW = [("large", speed(20, 0.2)), ("small", speed(60, 0.045))]
HOPELESS = [("large", speed(3, 2.0)), ("small", speed(10, 0.5))]


def settings(**completion):
    """Settings by hand, with their names."""
    named = {f"completion.{name}" for name in completion}
    return merge(Settings(), {"completion": completion}, "test"), named


def test_a_fast_machine_takes_all_of_the_largest():
    """Where everything is in time, the largest model sees the largest window."""
    choice = choose(FAST, 400, Settings())

    assert (choice.model, choice.meets) == ("large", True)
    assert choice.sizes.context_tokens == 1024
    assert (choice.sizes.max_tokens, choice.sizes.block_max_tokens) == (64, 192)


def test_a_usual_machine_takes_the_small_model():
    """A larger model that types in time but sees little gives way to a smaller one."""
    choice = choose(USUAL, 400, Settings())

    assert (choice.model, choice.meets) == ("small", True)
    assert 256 <= choice.sizes.prefix_tokens <= 512
    assert choice.typing_ms <= 400
    assert choice.jump_ms <= 1600


def test_more_patience_takes_more():
    """A larger target never chooses a smaller window or a smaller model."""
    choices = [choose(USUAL, ms, Settings()) for ms in range(100, 4000, 100)]
    taken = [("small large".index(c.model), c.sizes.window) for c in choices]

    assert taken == sorted(taken)
    assert taken[0][0] < taken[-1][0]


def test_a_slow_machine_takes_less():
    """A slow machine gets a small window and shorter answers, and still in time."""
    choice = choose(SLOW, 550, Settings())

    assert (choice.model, choice.meets) == ("small", True)
    assert choice.sizes.window < 128
    assert 16 <= choice.sizes.max_tokens < 64


def test_a_hopeless_machine_takes_the_least_and_says_so():
    """Where nothing is in time it is the smallest model with the smallest window."""
    choice = choose(HOPELESS, 400, Settings())

    assert (choice.model, choice.meets) == ("small", False)
    assert choice.sizes.window == 80
    assert choice.sizes.max_tokens == 16


def test_no_window_is_larger_than_was_measured():
    """A machine that was measured up to 480 tokens gets no more, however quick."""
    choice = choose([("m", speed(6000, 0.004, most=480))], 400, Settings())

    assert choice.sizes.window + 16 <= 480


def test_what_was_set_by_hand_stays():
    """Sizes that the user has set are kept, even at their default, and counted."""
    own, named = settings(prefix_tokens=512, context_tokens=0, max_tokens=100)
    choice = choose(FAST, 400, own, named)

    assert choice.sizes.prefix_tokens == 512
    assert choice.sizes.context_tokens == 0
    assert choice.sizes.max_tokens == 100
    assert choice.sizes.suffix_tokens == 192


def test_a_window_by_hand_that_is_too_slow_is_said():
    """What the user insists on is kept; that it misses the target is told."""
    own, named = settings(prefix_tokens=1900)
    choice = choose(USUAL, 400, own, named)

    assert (choice.sizes.prefix_tokens, choice.meets) == (1900, False)


def test_the_context_of_the_model_bounds_the_window():
    """Prompt and answer together fit into `model.n_ctx`."""
    own = merge(Settings(), {"model": {"n_ctx": 1024}}, "test")
    sizes = choose(FAST, 400, own).sizes

    assert 512 <= sizes.window + sizes.block_max_tokens < 1024


def test_the_cursor_as_the_end_of_the_prefix_costs_more():
    """With the middle at the cursor each key evaluates the suffix, which counts."""
    machine = [("m", speed(600, 0.04))]
    own, named = settings(placement="cursor")

    at_cursor = choose(machine, 450, own, named)
    at_line = choose(machine, 450, Settings())

    assert at_cursor.sizes.suffix_tokens < at_line.sizes.suffix_tokens
    assert at_line.typing_ms < at_cursor.typing_ms <= 450
