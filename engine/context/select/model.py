"""What the selection is asked, what its sources bring, and what it answers with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from codeassist.engine.context.index import Place

__all__ = ["Candidate", "Context", "Count", "Provider", "Snippet", "View"]

Count = Callable[[str], int]
"""Number of the model's tokens in a text."""


@dataclass(frozen=True, slots=True)
class View:
    """The open file, and what of it the prompt shows anyway."""

    path: str
    """As the request has it."""

    before: str
    """The file up to the cursor."""

    after: str
    head: str
    """The end of `before` that the prompt shows."""

    tail: str
    """The beginning of `after` that the prompt shows."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Some rows of a file that may be worth showing. Both ends are included."""

    path: str
    start_row: int
    end_row: int
    reason: str
    """For the user, as in "defines Cart"."""

    place: Place | None = None
    """The definition that the rows are; None: just rows."""

    focus: frozenset[str] = frozenset()
    """Names: where only a part of the rows fits, the part around them."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Rows of one file, as the prompt shows them."""

    path: str
    """In the repository, with forward slashes."""

    rows: tuple[int, ...]
    """From 0, in order; not always next to each other."""

    text: str
    reasons: tuple[str, ...]
    """Why, the weightiest first."""

    score: float
    """Of its best candidate, by reciprocal rank fusion."""

    tokens: int
    """Of the text and of the lines that name the file, about."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the prompt shows of a repository."""

    repo: str
    """Its name."""

    path: str
    """Of the open file, in the repository."""

    snippets: tuple[Snippet, ...]
    """The most important first."""


class Provider(Protocol):
    """Something that knows a repository."""

    def around(self, view: View, budget: int, count: Count) -> Context | None:
        """What the prompt should show of other places; None: nothing is known.

        Args:
            view: The open file.
            budget: Tokens at the most.
            count: Counts the tokens of a line.
        """
