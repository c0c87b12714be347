"""The cost model, against numbers worked out by hand."""

import math

import pytest

from codeassist.engine.latency import TYPING, Case, Speed, jump

SPEED = Speed(
    prompt=((1, 0.02), (4, 0.08), (32, 0.1), (96, 0.3), (224, 0.7)),
    token_s=0.02,
    overhead_s=0.01,
)


@pytest.mark.parametrize(
    ("tokens", "seconds"),
    [(0, 0), (1, 0.02), (2, 0.04), (4, 0.08), (18, 0.09), (64, 0.2), (224, 0.7)],
)
def test_prompts_between_those_measured(tokens, seconds):
    """What was measured is met exactly, and between two points a straight line."""
    assert SPEED.prompt_s(tokens) == pytest.approx(seconds)


def test_more_than_was_measured_is_too_slow():
    """No window is chosen on a guess."""
    assert SPEED.prompt_s(225) == math.inf
    assert SPEED.answer_s(Case(1000, 1)) == math.inf


def test_an_answer_is_overhead_prompt_and_tokens():
    """The first token comes with the prompt's last step, each further one costs."""
    assert SPEED.answer_s(Case(4, 1)) == pytest.approx(0.01 + 0.08)
    assert SPEED.answer_s(TYPING) == pytest.approx(0.01 + 0.06 + 7 * 0.02)
    assert SPEED.answer_s(jump(16)) == pytest.approx(0.01 + 0.1 + 11 * 0.02)


@pytest.mark.parametrize(
    ("seconds", "tokens"), [(0.05, 0), (0.091, 1), (0.131, 3), (1.095, 51)]
)
def test_tokens_that_a_time_allows(seconds, tokens):
    """So many tokens, and no more, are there in time."""
    assert SPEED.decodes(seconds, 4) == tokens
    assert SPEED.answer_s(Case(4, tokens + 1)) > seconds
