"""What of a draft is offered, or why nothing is."""

from dataclasses import replace

from .answering import Draft
from .decode import Stop
from .finish import End, Place, SpanEnd, closed, finish
from .request import Completion, Silence

__all__ = ["offered", "silence_of", "with_crlf"]


def offered(draft: Draft, place: Place, end: End) -> Completion | None:
    """The text as it is offered, with its tokens; None where nothing is left."""
    if isinstance(end, SpanEnd) and end.joins(draft.text):
        text = end.joined(draft.text)
    else:
        text = finish(draft.text, place.head, place.rest, place.next_line)
    if not text:
        return None
    if draft.stop is Stop.END_TOKEN:
        text = closed(text, place.head, place.rest)
    # only blanks before the first word are ever dropped
    lead = len(draft.text) - len(draft.text.lstrip())
    lead -= len(text) - len(text.lstrip())
    ends = (min(max(0, at - lead), len(text)) for at in draft.ends)
    return Completion(text, draft.stop, draft.logprobs, tuple(ends))


def with_crlf(said: Completion) -> Completion:
    """With the line ends of the document."""
    whole = said.text + said.more
    return replace(
        said,
        text=said.text.replace("\n", "\r\n"),
        more=said.more.replace("\n", "\r\n"),
        ends=tuple(end + whole.count("\n", 0, end) for end in said.ends),
    )


def silence_of(draft: Draft) -> Silence:
    """The reason why a draft is not offered."""
    if not draft.whole:
        return Silence.UNSURE
    if draft.text.strip():
        return Silence.REPEATS_SUFFIX
    if draft.stop is Stop.TIME_LIMIT:
        return Silence.TIME_LIMIT
    return Silence.NOTHING_TO_ADD
