"""Answers without the model: what was answered before and still fits what was typed."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from .request import Completion, Request

__all__ = ["Recall", "Remembered"]

ANSWERS = 256
"""That many are remembered."""

TYPED = 400
"""Characters that may have been typed since an answer was given."""

NEAR_BEFORE, NEAR_AFTER = 2_000, 600
"""Characters around the cursor that must be the same. What is farther away is not
looked at, so that an edit there does not cost the answer."""


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


class Recall:
    """The last answers of all documents; any thread may ask.

    An answer is found again while the user types what it says, and when the cursor is
    back where it was given. It is looked up by file, prefix and suffix.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, request: Request, completion: Completion, *, block: bool) -> None:
        """Remember an answer."""
        before, after = request.before[-NEAR_BEFORE:], request.after[:NEAR_AFTER]
        kept = _Kept(before, after, Remembered(completion, block))
        with self._lock:
            self._kept.pop((request.path, before, after), None)
            self._kept[request.path, before, after] = kept
            while len(self._kept) > ANSWERS:
                self._kept.popitem(last=False)

    def find(self, request: Request) -> Remembered | None:
        """The rest of the newest answer that agrees with what was typed since.

        None where there is none, or where all of it is typed.
        """
        with self._lock:
            kept = [each for key, each in self._kept.items() if key[0] == request.path]
        for each in reversed(kept):
            for typed in _typed_since(each, request):
                text = each.answer.completion.text
                if text.startswith(typed) and text[len(typed) :].strip():
                    return _rest(each.answer, len(typed))
        return None

    def clear(self) -> None:
        """Forget everything, as after a change of model."""
        with self._lock:
            self._kept.clear()


def _typed_since(kept: _Kept, request: Request) -> Iterator[str]:
    """What may have been typed between an answer and a request."""
    if request.after[:NEAR_AFTER] != kept.after:
        return
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


def _rest(answer: Remembered, typed: int) -> Remembered:
    whole = answer.completion
    return Remembered(
        Completion(whole.text[typed:], whole.stop, whole.logprobs), answer.block
    )
