"""What is asked of the engine and what it answers."""

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from codeassist.languages import Language

from .decode import Stop

if TYPE_CHECKING:
    from .context.select import Snippet

__all__ = ["Answer", "Completion", "Lines", "Request", "Silence", "Timings"]

MAX_CHARACTERS = 2_000_000
"""A larger document is not completed; nobody writes such a file by hand."""


class Lines(Enum):
    """How much is wanted."""

    AUTO = "auto"
    ONE = "one"
    BLOCK = "block"


class Silence(Enum):
    """Why an answer is empty: a closed set, in the log and in every status."""

    MODEL_LOADING = "model-loading"
    NO_MODEL = "no-model"
    IGNORED_FILE = "ignored-file"
    TOO_LARGE = "too-large"
    NOT_OPEN = "not-open"
    OUTSIDE_DOCUMENT = "outside-document"
    MID_WORD = "mid-word"
    SELECTION_MISMATCH = "selection-mismatch"
    CONTEXT_TOO_SMALL = "context-too-small"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    TIME_LIMIT = "time-limit"
    NOTHING_TO_ADD = "nothing-to-add"
    REPEATS_SUFFIX = "repeats-suffix"
    UNSURE = "unsure"
    BREAKS_SYNTAX = "breaks-syntax"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Request:
    """One keystroke, frozen: the text around the cursor at that moment."""

    before: str
    """The document up to the cursor."""

    after: str
    """The document from the cursor on."""

    path: str
    language: Language
    lines: Lines | None = None
    """None: what the settings say."""

    max_tokens: int | None = None
    """None: what the settings say for a line or a block."""

    time_limit_ms: int | None = None
    alternatives: int = 1
    """Different completions wanted at the most; the first is the greedy one."""

    automatic: bool = False
    """Whether nobody asked for it but the typing: then only what is likely to be right,
    and worth a look, is shown."""

    removed: tuple[str, ...] = ()
    """What stood at the cursor and was deleted lately, the newest first: it may come
    back, changed."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One text for the cursor."""

    text: str
    stop: Stop
    logprobs: tuple[float, ...] = ()
    """Of each token that was generated, also of those that were trimmed."""

    ends: tuple[int, ...] = ()
    """Characters of ``text + more`` that stand after each of these tokens."""

    more: str = ""
    """What the model said behind the text, and what is not shown yet."""

    alone: bool = False
    """Whether its prompt was a hurried one: half of the window, and no other file."""

    chance: float | None = None
    """That its first word is right, as the gate has it (`Confidence.chance`); None:
    nobody wanted to know."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the time went, in milliseconds, and what the KV cache saved."""

    prompt_ms: float = 0.0
    first_token_ms: float = 0.0
    """From the request to the first token."""

    total_ms: float = 0.0
    reused: int = 0
    """Prompt tokens that were in the KV cache already."""

    evaluated: int = 0
    """Prompt tokens that were computed."""

    generated: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Completions, best first, or the one reason why there are none."""

    completions: tuple[Completion, ...] = ()
    silence: Silence | None = None
    timings: Timings = field(default_factory=Timings)
    block: bool = False
    """Whether a block was wanted, or one line."""

    recalled: bool = False
    """Whether it is the rest of an older answer, found without the model."""

    shown: tuple["Snippet", ...] = ()
    """What the prompt showed of other places of the repository, and why."""

    alone: bool = False
    """Whether it came without them, as they would have had to be waited for."""

    @property
    def text(self) -> str:
        """The best completion's text; empty where there is none."""
        return self.completions[0].text if self.completions else ""
