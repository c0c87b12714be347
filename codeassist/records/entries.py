"""What can be told to the records: one value for each thing that happens."""

import secrets
from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "Asked",
    "Checked",
    "Entry",
    "Shown",
    "Snippet",
    "Taken",
    "Texts",
    "Told",
    "new_id",
]


def new_id() -> str:
    """A name for a request: 40 random bits, short enough to be typed."""
    return secrets.token_hex(5)


@dataclass(frozen=True, slots=True)
class Texts:
    """What is needed to repeat a request."""

    before: str
    """The end of the text before the cursor."""

    after: str
    """The start of the text behind it."""

    answer: str


@dataclass(frozen=True, slots=True)
class Snippet:
    """What the prompt showed of another place, without its text."""

    path: str
    reasons: tuple[str, ...]
    tokens: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and what became of it. Times are in milliseconds."""

    id: str
    at: float
    """Seconds since 1970."""

    root: str
    """Folder of the workspace; empty: there is none."""

    path: str
    """Of the document, from the root where it lies below it."""

    language: str
    line: int
    """From 1."""

    column: int
    """From 1, in the client's units."""

    reason: str | None
    """Why nothing was shown; None: something was."""

    characters: int = 0
    """Of the best suggestion."""

    recalled: bool = False
    block: bool = False
    queue_ms: float = 0.0
    """Until the engine began; the whole time where it was not asked."""

    prompt_ms: float = 0.0
    first_token_ms: float = 0.0
    total_ms: float = 0.0
    """From the request to its answer, as the client waits."""

    reused: int = 0
    """Prompt tokens from the KV cache."""

    evaluated: int = 0
    """Prompt tokens that were computed."""

    generated: int = 0
    model: str = ""
    adapter: str = ""
    logprob: float | None = None
    """Mean log-probability of the answer's tokens, in nats."""

    chance: float | None = None
    """That its first word is right, as the gate believed before it learned from these
    records; None: it was not asked."""

    snippets: tuple[Snippet, ...] = ()
    texts: Texts | None = None
    """None: never to be kept; else they are kept where the ignore rules allow it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion that went to the client, under the id of its request."""

    id: str
    at: float
    language: str
    characters: int
    seen: bool = True
    """Whether it counts as shown already; False: the client will tell (`Told`)."""


@dataclass(frozen=True, slots=True)
class Told:
    """The client has drawn a suggestion."""

    id: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A suggestion was accepted, wholly or in part; the last word counts."""

    id: str
    at: float
    characters: int
    """That need not be typed, all parts together."""

    whole: bool
    how: str
    """``command``, ``edit`` (seen in the document) or ``part`` (the client told)."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Where an accepted text was put, some time later.

    Compared with `still_there` by the thread that writes.
    """

    id: str
    seconds: int
    """Since it was accepted: one of `CHECKS`."""

    text: str
    """What was accepted."""

    place: str
    """What stands there now, and a little around it."""


Entry: TypeAlias = Asked | Shown | Told | Taken | Checked
