"""Answers without the model: what was answered before and still fits what was typed."""

import re
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from .brackets import is_closed_by, scan
from .decode import Stop
from .request import Completion, Request

__all__ = ["Recall", "Remembered", "Sure"]

ANSWERS = 256
"""That many are remembered."""

TYPED = 400
"""Characters that may have been typed since an answer was given."""

NEAR_BEFORE, NEAR_AFTER = 2_000, 600
"""Characters around the cursor that must be the same. What is farther away is not
looked at, so that an edit there does not cost the answer."""

WITHIN_WORD = re.compile(r"\w\w")

CLOSER = re.compile(r"\s{0,200}[)\]}]")
CLOSED = 8
"""Brackets that an editor may have closed behind the cursor since an answer."""

Sure = Callable[[Completion], Completion | None]
"""Takes what the model said and was not shown; gives what of it may be shown now that
all before it has turned out right, if anything."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is left of an older answer."""

    completion: Completion
    block: bool


@dataclass(frozen=True, slots=True)
class _Kept:
    before: str
    """The end of the text before the cursor."""

    after: str
    """The start of the text behind it."""

    answer: Remembered
    others: tuple[Completion, ...]
    """Its alternatives, the best first."""


class Recall:
    """The last answers of all documents; any thread may ask.

    An answer is found again while the user types what it says, and when the cursor is
    back where it was given. It is looked up by file, prefix and suffix. Where the editor
    has closed a bracket that was typed, what the answer says within it is found. What
    the model said behind the text that was shown is remembered, too: it is the next
    answer when the text is accepted. An alternative is found when what was typed agrees
    with it and not with what was better.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def keep(
        self,
        request: Request,
        completion: Completion,
        *others: Completion,
        block: bool,
    ) -> None:
        """Remember an answer and its alternatives, unless a time limit has cut it.

        The prompt of such a one is in the KV cache: asked again, the model gets further.
        """
        if completion.stop is Stop.TIME_LIMIT:
            return
        before, after = request.before[-NEAR_BEFORE:], request.after[:NEAR_AFTER]
        whole = tuple(each for each in others if each.stop is not Stop.TIME_LIMIT)
        kept = _Kept(before, after, Remembered(completion, block), whole)
        with self._lock:
            self._kept.pop((request.path, before, after), None)
            self._kept[request.path, before, after] = kept
            while len(self._kept) > ANSWERS:
                self._kept.popitem(last=False)

    def find(self, request: Request, sure: Sure | None = None) -> Remembered | None:
        """The rest of the newest answer that agrees with what was typed since.

        None where there is none, or where all of it is typed.

        Args:
            request: The cursor.
            sure: Judges what was not shown; None: only what was shown is found.
        """
        with self._lock:
            kept = [each for key, each in self._kept.items() if key[0] == request.path]
        for each in reversed(kept):
            for rest in _rests(each, request):
                block = each.answer.block
                if rest.text.strip():
                    return Remembered(rest, block)
                shown = sure(rest) if sure and rest.more.strip() else None
                if shown is not None:
                    self.keep(request, shown, block=block)
                    return Remembered(shown, block)
        return None

    def clear(self) -> None:
        """Forget everything, as after a change of model."""
        with self._lock:
            self._kept.clear()


def _rests(kept: _Kept, request: Request) -> Iterator[Completion]:
    """What an answer still says behind what may have been typed since."""
    since = [*_closed_since(kept, request)]
    ways = [*_typed_since(kept, request)] if since else []
    for answer in (kept.answer.completion, *kept.others):
        for typed in ways:
            rest = _rest(answer, typed)
            if rest is not None:
                yield from _between(rest, typed, since)


def _between(rest: Completion, typed: str, since: list[str]) -> Iterator[Completion]:
    """The rest up to what the editor may have closed behind the cursor."""
    for closed in since:
        if not closed:
            yield rest
        elif is_closed_by(typed, closed):
            yield _within(rest, closed)


def _closed_since(kept: _Kept, request: Request) -> Iterator[str]:
    """What the editor may have put behind the cursor since an answer; often nothing."""
    at = 0
    for _ in range(CLOSED + 1):
        if request.after[at : at + NEAR_AFTER] == kept.after:
            yield request.after[:at]
        closer = CLOSER.match(request.after, at)
        if closer is None:
            break
        at = closer.end()


def _typed_since(kept: _Kept, request: Request) -> Iterator[str]:
    """What may have been typed between an answer and a request."""
    near = request.before[-NEAR_BEFORE - TYPED :]
    if not kept.before:
        if len(request.before) <= TYPED:
            yield request.before
        return
    at = near.rfind(kept.before)
    while at >= 0:
        # a text shorter than what is looked at is the whole text before the cursor
        if len(kept.before) == NEAR_BEFORE or at + len(request.before) == len(near):
            yield near[at + len(kept.before) :]
        at = near.rfind(kept.before, 0, at + len(kept.before) - 1)


def _within(rest: Completion, closed: str) -> Completion:
    """What the rest of an answer says up to the bracket that the editor has closed."""
    whole = rest.text + rest.more
    loose = scan(whole).loose
    if not loose:
        return rest
    said = whole[: loose[0]]
    end = len(said.rstrip() if "\n" in closed else said)
    # a token that says the closer, too, tells of what stands before it
    n = min(len(rest.ends), bisect_left(rest.ends, end) + 1) if end else 0
    return replace(
        rest,
        text=rest.text[:end],
        more=whole[len(rest.text) : end],
        logprobs=rest.logprobs[:n] if rest.ends else rest.logprobs,
        ends=tuple(min(each, end) for each in rest.ends[:n]),
    )


def _rest(answer: Completion, typed: str) -> Completion | None:
    """What is left behind what was typed, with the tokens that are left.

    Within a token, or a word, nobody knows how likely its end is: what was not shown
    stays hidden.
    """
    whole, n = answer.text + answer.more, len(typed)
    if not whole.startswith(typed):
        return None
    shown = max(n, len(answer.text))
    left = sum(end <= n for end in answer.ends) if n else 0
    known = not n or (n in answer.ends and not WITHIN_WORD.match(whole, n - 1))
    return replace(
        answer,
        text=whole[n:shown],
        more=whole[shown:] if known or shown > n else "",
        logprobs=answer.logprobs[left:] if answer.ends else answer.logprobs,
        ends=tuple(end - n for end in answer.ends[left:]),
    )
