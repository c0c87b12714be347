"""Fusion, order and what stands around the cursor, without a repository."""

from types import SimpleNamespace

import pytest

from codeassist.engine.context.select import Snippet, selector, settled
from codeassist.engine.context.select.fusion import fuse
from codeassist.engine.context.select.model import Candidate
from codeassist.engine.context.select.surroundings import look_around

NESTED = """\
import os


class Worker:
    def outer_call(self, first_argument):
        for each_item in range(10):
            if each_item:
                run_it(each_item)
                ┃
    def another(self):
        pass
"""


def snippet(path, text="x"):
    return Snippet(path, (0,), text, ("",), 0.1, 1)


def test_sources_support_each_other():
    """Rows that two sources name beat rows that one source ranks higher."""
    first, second = Candidate("a", 0, 9, "one"), Candidate("b", 0, 9, "one")
    part = Candidate("b", 5, 9, "other")

    assert [each.candidate for each in fuse([(1.0, [first, second])])] == [
        first,
        second,
    ]
    best, *_ = fuse([(1.0, [first, second]), (1.0, [part])])
    assert best.candidate in (second, part)


def test_support_counts_by_rows():
    """A large candidate gains little from a small one inside of it."""
    large, small = Candidate("a", 0, 99, "one"), Candidate("a", 0, 0, "other")
    scores = {r.candidate: r.score for r in fuse([(1.0, [large]), (1.0, [small])])}

    assert scores[small] > 1.5 * scores[large]


def test_the_most_important_stands_last():
    """The best snippet is next to the file itself."""
    chosen = [snippet("best"), snippet("good"), snippet("fair")]

    assert [each.path for each in settled((), chosen)] == ["fair", "good", "best"]


def test_what_was_shown_stays_in_front():
    """Snippets that stay wanted keep their order, so that the KV cache holds them."""
    before = [snippet("a"), snippet("b"), snippet("c"), snippet("d", "old")]
    chosen = [snippet("new"), snippet("c"), snippet("d", "new"), snippet("a")]

    assert [each.path for each in settled(before, chosen)] == ["a", "c", "d", "new"]


def test_names_weigh_by_distance(at):
    """The cursor's neighbours weigh most; keywords are no names."""
    names = look_around(at("a.py", NESTED), "a.py").names

    assert names["run_it"] > names["outer_call"] > names["os"]
    assert not {"for", "if", "class", "def", "self"} & names.keys() - {"self"}


def test_what_encloses_the_cursor_counts_as_near(at):
    """The header of an enclosing function counts, however far above it is."""
    body = "".join(f"        step_{n}()\n" for n in range(200))
    text = f"class Far(Base):\n    def distant(self):\n{body}        ┃\n"
    here = look_around(at("a.py", text), "a.py")

    assert here.names["Base"] == here.names["distant"] > here.names["step_190"]
    assert "step_0" not in here.names
    assert here.called[0] == "step_199"
    assert "distant" in here.called


def test_half_of_a_surrogate_pair(at):
    """One that an editor sent hides no name of its line, and no word."""
    here = look_around(at("a.py", 'far_away("\ud83d")\n┃'), "a.py")

    assert "far_away" in here.names
    assert {"far", "away"} <= here.words.keys()


def test_waiting_for_other_programs_counts_less_than_work(monkeypatch):
    """On a busy machine a selection has three times its deadline by the clock."""
    clock = SimpleNamespace(worked=1.0, now=50.0)
    told = SimpleNamespace(
        thread_time=lambda: clock.worked, monotonic=lambda: clock.now
    )
    monkeypatch.setattr(selector, "time", told)
    spent = selector._stopwatch()
    clock.now += 0.06
    assert spent() == pytest.approx(0.02)

    clock.worked += 0.03
    assert spent() == pytest.approx(0.03)
