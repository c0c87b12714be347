"""Fill a budget of tokens: best candidates first, nothing twice, no secrets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product

from codeassist.ignore import contents

from .forms import forms
from .fusion import Ranked
from .known import Known
from .model import Count, Snippet
from .surroundings import Surroundings

__all__ = ["pack"]

LARGEST_SHARE = 3
"""One candidate takes no more than this part of the budget, unless it is at its
shortest."""

SAME = 0.6
"""Share of rows that stand in the prompt already above which a candidate adds nothing."""

TRIED = 48
"""Candidates that are looked at."""

SCRAPS = 12
"""Tokens that are not worth looking for something that fits."""

FRAME = 4
"""Tokens that set a file off, besides its path."""


@dataclass(slots=True)
class _File:
    """What is taken of one file."""

    rows: set[int] = field(default_factory=set)
    reasons: dict[str, None] = field(default_factory=dict)
    score: float = 0.0
    tokens: int = 0


def pack(
    ranked: Sequence[Ranked],
    known: Known,
    here: Surroundings,
    budget: int,
    count: Count,
    late: Callable[[], bool],
) -> tuple[Snippet, ...]:
    """Snippets within a budget, one for each file, the most important first.

    Args:
        ranked: Candidates, best first.
        known: Where their lines are.
        here: What the prompt shows of the open file.
        budget: Tokens at the most.
        count: Counts the tokens of a line.
        late: Whether what there is must do.
    """
    taken: dict[str, _File] = {}
    seen = set(here.seen)
    left = budget
    # signatures of many things first, then all of some
    for whole, each in product((False, True), ranked[:TRIED]):
        if late() or left < SCRAPS:
            break
        path = each.candidate.path
        lines = here.lines if path == here.path else known.lines(path)
        shapes = forms(each.candidate, lines, known)
        file = taken.get(path) or _File(tokens=FRAME + count(path))
        fixed = 0 if path in taken else file.tokens
        hidden = here.shown if path == here.path else range(0)
        options = [set(shape) - set(hidden) - file.rows for shape in shapes]
        rows = _fitting(
            options if whole else options[:-1], lines, seen, left - fixed, budget, count
        )
        if not rows:
            continue
        taken[path] = file
        cost = _cost(rows, lines, count)
        left -= fixed + cost
        file.tokens += cost
        file.rows |= rows
        file.reasons[each.candidate.reason] = None
        file.score = max(file.score, each.score)
        seen |= {lines[row].strip() for row in rows}
    best = sorted(taken.items(), key=lambda item: -item[1].score)
    return tuple(
        _snippet(path, file, here.lines if path == here.path else known.lines(path))
        for path, file in best
    )


def _fitting(
    options: Sequence[set[int]],
    lines: Sequence[str],
    seen: set[str],
    left: int,
    budget: int,
    count: Count,
) -> set[int]:
    """The rows of the fullest form of a candidate that there is room for."""
    for n, option in reversed(list(enumerate(options))):
        rows = {row for row in option if row < len(lines)}
        if not rows or _known_share(rows, lines, seen) > SAME:
            continue
        most = min(left, budget // LARGEST_SHARE) if n else left
        if _cost(rows, lines, count) <= most:
            return rows
    return set()


def _known_share(rows: set[int], lines: Sequence[str], seen: set[str]) -> float:
    """How much of some rows the prompt has already."""
    texts = [text for row in rows if (text := lines[row].strip())]
    return sum(text in seen for text in texts) / len(texts) if texts else 1.0


def _cost(rows: set[int], lines: Sequence[str], count: Count) -> int:
    return sum(count(lines[row] + "\n") for row in rows)


def _snippet(path: str, file: _File, lines: Sequence[str]) -> Snippet:
    rows = tuple(sorted(file.rows))
    text = contents.redact("\n".join(lines[row] for row in rows)).text
    return Snippet(path, rows, text, tuple(file.reasons), file.score, file.tokens)
