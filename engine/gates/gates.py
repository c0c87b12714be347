"""Both gates one after the other: how much of an answer is shown, and why not more."""

import re
from collections.abc import Sequence
from dataclasses import replace

from codeassist.engine.request import Completion, Request, Silence

from .confidence import Confidence
from .syntax import SyntaxGate
from .words import Words

__all__ = ["Gates"]

CLOSERS_ALONE = re.compile(r"[ \t)\]}\"'`]*")
"""What editors put there by themselves."""


class Gates:
    """What of an answer is shown to somebody who has not asked for one.

    Args:
        confidence: Knows how likely an answer is to be right; None: all are shown.
    """

    def __init__(self, confidence: Confidence | None = None) -> None:
        self._confidence = confidence
        self._syntax = SyntaxGate()
        self._words: Words | None = None

    def judge(
        self, said: Completion, request: Request, *, whole: bool = True
    ) -> tuple[Completion, Silence | None]:
        """What the model said, with what is not to be shown moved into ``more``.

        Args:
            said: With something to show, all of it in ``text``.
            request: What was asked; its line ends are line feeds.
            whole: Whether the model ended it, and not `enough`.

        Returns:
            The completion, and why nothing of it is shown, if nothing is.
        """
        if self._confidence is not None:
            words = self._words_of(request)
            chance = self._confidence.chance(said, _line(request), words)
            said = replace(said, chance=chance)
        if CLOSERS_ALONE.fullmatch(said.text):
            return _cut(said, 0), Silence.NOTHING_TO_ADD if whole else Silence.UNSURE
        likely = self._likely(said, request)
        if not said.text[:likely].strip():
            return _cut(said, 0), Silence.UNSURE
        if not whole:  # an unfinished statement does not parse, and is not broken
            return _cut(said, likely), None
        sound = self._syntax.allowed(
            said.text,
            request.before,
            request.after,
            path=request.path,
            language=request.language,
        )
        if sound < len(said.text):
            said = replace(said, text=said.text[:sound].rstrip())
        if not said.text.strip():
            return said, Silence.BREAKS_SYNTAX
        return _cut(said, min(likely, len(said.text))), None

    def enough(
        self,
        text: str,
        logprobs: Sequence[float],
        ends: Sequence[int],
        *,
        request: Request,
        block: bool,
        alone: bool = False,
    ) -> int | None:
        """Where an answer may end whose rest would not be shown; None: it goes on."""
        if self._confidence is None or not request.automatic:
            return None
        line, words = _line(request), self._words_of(request)
        return self._confidence.enough(
            text, logprobs, ends, line, words, block=block, alone=alone
        )

    def sure(self, hidden: Completion, request: Request) -> Completion | None:
        """What of a hidden rest is shown now that all before it was typed."""
        whole = replace(hidden, text=hidden.text + hidden.more, more="")
        cut = _cut(whole, self._likely(whole, request))
        return None if CLOSERS_ALONE.fullmatch(cut.text.strip()) else cut

    def clear(self) -> None:
        """Forget all documents."""
        self._syntax.clear()
        self._words = None

    def _likely(self, said: Completion, request: Request) -> int:
        """Characters that are likely to be right."""
        if self._confidence is None:
            return len(said.text)
        return self._confidence.shown(said, _line(request), self._words_of(request))

    def _words_of(self, request: Request) -> Words:
        """Those of its document, kept while the same is asked for."""
        words = self._words
        if words is None or not words.are_of(request):
            words = self._words = Words(request)
        return words


def _line(request: Request) -> str:
    """The cursor's line before the cursor."""
    return request.before.rpartition("\n")[2]


def _cut(said: Completion, n: int) -> Completion:
    """With all behind ``n`` characters hidden."""
    text = said.text if n == len(said.text) else said.text[:n].rstrip()
    return replace(said, text=text, more=said.text[len(text) :])
