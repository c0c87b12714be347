"""What is evaluated: a hole in a file, what a system wrote into it, and the scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Case", "Check", "Hole", "Output", "Row", "System"]


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a program: what it reads, what it must write."""

    stdin: str
    expected: tuple[str, ...]
    """Any of these, compared without white space at line ends."""


@dataclass(frozen=True, slots=True)
class Check:
    """How to tell by running whether a completion is right."""

    before: str
    after: str
    """The program is ``before + completion + after``."""

    cases: tuple[Case, ...] = ()
    """Without any, the program passes when it ends with status 0."""

    language: str = "python"
    limit_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in a file whose text was taken out."""

    id: str
    """Unique in its set, the same in every run."""

    path: str
    """Of the file, relative to its repository; its name tells the language."""

    language: str
    """LSP identifier, as in `codeassist.languages`."""

    kind: str
    """Of hole: ``rest-of-line``, ``line``, ``arguments``, ``condition``, ``block``,
    ``span``, or a kind of the set's own."""

    prefix: str
    suffix: str
    middle: str
    """What stood there: the reference."""

    lines: str = "auto"
    """What is asked for: ``one``, ``block`` or ``auto``."""

    origin: str = ""
    """Name of the set or repository."""

    root: str = ""
    """Folder of the repository as its user would see it, the hole cut out; empty:
    there is only the file."""

    files: tuple[tuple[str, str], ...] = ()
    """Path and text of other files that the set itself gives as context."""

    check: Check | None = None
    stops: tuple[str, ...] = ()
    """An answer is cut before the first of these texts, where its set says so."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Further strata, such as ``dup: yes``."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a system answered."""

    text: str
    reason: str | None = None
    """Why it is empty, where the system says so."""

    ms: float = 0.0
    """Milliseconds from asking to the whole answer."""

    first_token_ms: float | None = None
    prompt_tokens: int | None = None
    evaluated_tokens: int | None = None
    """Those of the prompt that were not in a cache."""

    generated_tokens: int | None = None
    logprob: float | None = None
    """Mean log-probability of the generated tokens."""

    busy_ms: float | None = None
    """Milliseconds in which the model computed."""


class System(Protocol):
    """Something that fills holes."""

    @property
    def name(self) -> str:
        """As it stands in reports."""

    def complete(self, hole: Hole) -> Output:
        """Fill one hole; the reference must not be looked at."""

    def close(self) -> None:
        """Free what it holds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One hole, one system, and the scores."""

    hole: str
    """Its id."""

    system: str
    output: Output
    scores: Mapping[str, float]
    """Metric to value, mostly from 0 to 1; a metric that does not apply is absent."""
