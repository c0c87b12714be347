"""Tokens become text, and the text ends where it is complete."""

import codecs
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .decode import Generation, Stop
from .finish import End

__all__ = ["Draft", "Enough", "answer_text"]

LAST_WORD = re.compile(r"\w+\Z")

Enough = Callable[[str, Sequence[float], Sequence[int]], int | None]
"""Takes what is written so far, the log-probabilities of its tokens, and the characters
that stand after each of them."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model wrote, cut at its end."""

    text: str
    stop: Stop
    logprobs: tuple[float, ...] = ()
    ends: tuple[int, ...] = ()
    """Characters of the answer that stand after each token."""

    first_token_at: float | None = None
    """Monotonic time; None where there was none."""

    whole: bool = True
    """False where it ended as nobody wanted its rest."""


def answer_text(
    generation: Generation,
    end: End,
    pending: str = "",
    tell: Callable[[str], None] = lambda _text: None,
    enough: Enough = lambda _text, _logprobs, _ends: None,
) -> Draft:
    """Decode until `end` says that the answer is complete, or nobody wants the rest.

    Args:
        generation: The tokens.
        end: Where the answer ends.
        pending: Text that was kept from the prompt; the answer begins with it and it
            is in the file already.
        tell: Told what there is of the answer after each token.
        enough: Says, after each token, where the answer may end as nobody wants its rest.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    written = ""
    logprobs: list[float] = []
    ends: list[int] = []
    first: float | None = None

    def begun() -> bool:
        return end.begun(_without(written, pending) or "")

    generation.unfinished = begun
    for token in generation:
        if first is None:
            first = time.monotonic()
        logprobs.append(token.logprob)
        written += decoder.decode(token.piece).replace("\r", "")
        text = _without(written, pending)
        ends.append(len(text or ""))
        if text is None:
            continue
        tell(text)
        cut, whole = end.cut(text), True
        if cut is None and (wanted := enough(text, logprobs, ends)) is not None:
            cut = min(wanted, end.broken_off(text[:wanted]))
            whole = cut < wanted
        if cut is not None:
            told = tuple(logprobs), tuple(ends)
            return Draft(text[:cut], Stop.RULE, *told, first, whole)
    text = _without(written, pending) or ""  # half a character at the end is none
    if generation.stop is not Stop.END_TOKEN:
        cut = end.broken_off(text)
        is_line = cut == len(text) and "\n" not in text
        text = text[:cut]
        if is_line:  # its last word may go on
            text = LAST_WORD.sub("", text).rstrip() or text
    return Draft(text, generation.stop, tuple(logprobs), tuple(ends), first)


def _without(text: str, pending: str) -> str | None:
    """The text behind the pending white space; None while that is not complete."""
    if not pending:
        return text
    if text.startswith(pending):
        return text[len(pending) :]
    if pending.startswith(text):
        return None
    return text.lstrip()
