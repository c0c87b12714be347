"""How long a request waits depends on how its user types and on how fast answers are."""

import pytest

from codeassist.lsp.pace import MOST_S, Pace

URI = "file:///a.py"


def after(pauses, answers, text="x", pace=None):
    """A pace that has seen these pauses and answers, and when the last key came."""
    pace, now = pace or Pace(), 1000.0
    pace.typed(URI, text, now)
    for pause in pauses:
        now += pause
        pace.typed(URI, text, now)
    for answer in answers:
        pace.answered(answer)
    return pace, now


def test_fast_typing_and_slow_answers():
    """Where the next key always comes before the answer, the request waits for it."""
    pace, now = after([0.12] * 20, [0.6] * 5)

    assert 0.12 <= pace.wait(URI, now) <= MOST_S


def test_quick_answers():
    """Where answers come quickly, nothing is waited for."""
    pace, now = after([0.12, 0.15, 0.2] * 10, [0.01] * 5)

    assert pace.wait(URI, now) == 0.0


def test_slow_typing():
    """Where the user waits for answers, they come at once."""
    pace, now = after([1.5] * 20, [0.6] * 5)

    assert pace.wait(URI, now) == 0.0


def test_client_that_has_waited():
    """Time that the client has let pass is not waited again."""
    pace, now = after([0.12] * 20, [0.6] * 5)

    assert pace.wait(URI, now + 0.2) == 0.0
    assert pace.wait(URI, now + 0.05) < pace.wait(URI, now)


@pytest.mark.parametrize("what", ["few keys", "no answer", "another document"])
def test_little_is_known(what):
    """Where little is known of the user, the model or the place nothing waits."""
    keys, answers = 3 if what == "few keys" else 20, 0 if what == "no answer" else 5
    pace, now = after([0.12] * keys, [0.6] * answers)
    uri = "file:///b.py" if what == "another document" else URI

    assert pace.wait(uri, now) == 0.0


def test_kinds_of_keys():
    """The pause behind a line is not that inside a word."""
    pace, now = after([0.12] * 20, [0.6] * 5)
    pace, now = after([1.5] * 20, [], text="\n    ", pace=pace)

    assert pace.wait(URI, now) == 0.0
    pace.typed(URI, "x", now + 1.5)
    assert pace.wait(URI, now + 1.5) > 0.0


def test_stopped_answers():
    """A stopped answer counts when it took longer than others: it says so much."""
    pace, now = after([0.3] * 20, [0.01] * 3)
    for _ in range(20):
        pace.answered(0.005, finished=False)
    assert pace.wait(URI, now) == 0.0
    for _ in range(60):
        pace.answered(5.0, finished=False)

    assert pace.wait(URI, now + 0.15) > 0.0
