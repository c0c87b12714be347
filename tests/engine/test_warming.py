"""What is evaluated ahead, and what stops it; counted, with a cache of bare tokens."""

from types import SimpleNamespace

import psutil
import pytest

from codeassist.engine.decode import ThreadPolicy
from codeassist.engine.decode.session import Evaluated
from codeassist.engine.decode.threads import Load
from codeassist.engine.warming import PIECE, evaluate_ahead, spare_power

PROMPT = list(range(1, 4 * PIECE))


class Cache:
    """A session that holds one sequence and computes nothing."""

    def __init__(self, cached=()):
        self.cached = list(cached)
        self.pieces = []

    def evaluate(self, tokens, *, deadline=float("inf"), ahead=False):
        assert ahead or deadline < 0  # what is evaluated can be stopped half-way
        pairs = zip(self.cached, tokens[:-1], strict=False)
        shared = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
        if shared is None:
            shared = min(len(self.cached), len(tokens) - 1)
        del self.cached[shared:]
        if deadline < 0:
            return Evaluated(shared, 0, complete=False)
        self.pieces.append(len(tokens) - shared)
        self.cached = list(tokens)
        return Evaluated(shared, len(tokens) - shared, complete=True)


def test_all_but_the_last_token():
    """The request finds all of its prompt but the token whose logits it needs."""
    cache = Cache([1, 2, 3, 99, 100])

    assert evaluate_ahead(cache, PROMPT, lambda: True) == len(PROMPT) - 4
    assert cache.cached == PROMPT[:-1]
    assert max(cache.pieces) == PIECE


def test_no_piece_after_the_one_under_way():
    """Once it may not go on, no further piece is begun; the whole ones stay."""
    cache = Cache()

    evaluated = evaluate_ahead(cache, PROMPT, lambda: len(cache.pieces) < 2)

    assert cache.pieces == [PIECE, PIECE]
    assert cache.cached == PROMPT[:evaluated]


def test_an_answer_behind_the_prompt_stays():
    """A prompt that is there costs nothing, not even what was said behind it."""
    cache = Cache([*PROMPT, 700, 701])

    assert evaluate_ahead(cache, PROMPT, lambda: True) == 0
    assert cache.cached == [*PROMPT, 700, 701]


def test_nothing_on_a_busy_machine():
    """Where it may not begin, nothing is computed."""
    cache = Cache([5, 6, 7])

    assert evaluate_ahead(cache, PROMPT, lambda: False) == 0
    assert cache.pieces == []


def policy(others):
    """Four cores of which other programs keep some busy."""
    loads = iter([Load(0.0, 0.0, 0.0), Load(10.0, 10.0 * others, 0.0)])
    return ThreadPolicy(look=lambda: next(loads), cores=4)


@pytest.mark.parametrize(
    ("others", "plugged", "spare"),
    [(0, None, True), (1, True, True), (2.5, True, False), (0, False, False)],
)
def test_spare_power(monkeypatch, others, plugged, spare):
    """A guess is made where most cores are idle and no battery feeds them."""
    battery = None if plugged is None else SimpleNamespace(power_plugged=plugged)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery)

    assert spare_power(policy(others)) is spare
