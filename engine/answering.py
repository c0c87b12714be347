"""Tokens become text, and the text ends where it is complete."""

import codecs
import time
from collections.abc import Callable
from dataclasses import dataclass

from .decode import Generation, Stop
from .finish import End

__all__ = ["Draft", "answer_text"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model wrote, cut at its end."""

    text: str
    stop: Stop
    logprobs: tuple[float, ...] = ()
    first_token_at: float | None = None
    """Monotonic time; None where there was none."""


def answer_text(
    generation: Generation,
    end: End,
    pending: str = "",
    tell: Callable[[str], None] = lambda _text: None,
) -> Draft:
    """Decode until `end` says that the answer is complete.

    Args:
        generation: The tokens.
        end: Where the answer ends.
        pending: Text that was kept from the prompt; the answer begins with it and it
            is in the file already.
        tell: Told what there is of the answer after each token.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    written = ""
    logprobs: list[float] = []
    first: float | None = None
    for token in generation:
        if first is None:
            first = time.monotonic()
        logprobs.append(token.logprob)
        written += decoder.decode(token.piece)
        text = _without(written, pending)
        if text is None:
            continue
        tell(text)
        cut = end.cut(text)
        if cut is not None:
            return Draft(text[:cut], Stop.RULE, tuple(logprobs), first)
    text = _without(written + decoder.decode(b"", final=True), pending) or ""
    if generation.stop is not Stop.END_TOKEN:
        text = _whole_lines(text)
    return Draft(text, generation.stop, tuple(logprobs), first)


def _without(text: str, pending: str) -> str | None:
    """The text behind the pending white space; None while that is not complete."""
    if not pending:
        return text
    if text.startswith(pending):
        return text[len(pending) :]
    if pending.startswith(text):
        return None
    return text.lstrip()


def _whole_lines(text: str) -> str:
    """The text up to its last whole line; one line stays as it is."""
    whole, line_break, _ = text.rpartition("\n")
    return whole if line_break and whole.strip() else text
