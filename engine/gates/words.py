"""Whether a word is only the beginning of others in the document."""

import re
from itertools import islice

from codeassist.engine.request import Request

__all__ = ["Words"]

NEAR = 50_000
"""Characters before and after the cursor that are looked through."""

HITS = 2_000
"""Places that are looked at on either side: letters within words are no beginnings."""

LONGEST = 200
"""Characters of a word: more are no name."""

TYPED = re.compile(r"\w+\Z")

WORD = re.compile(r"\w+")


class Words:
    """What a document's words say of the one at the cursor.

    Args:
        request: With the document and the cursor.
    """

    def __init__(self, request: Request) -> None:
        self._before, self._after = request.before, request.after
        start = max(0, len(request.before) - LONGEST)
        typed = TYPED.search(request.before, start)
        self._typed = typed[0] if typed else ""
        self._known: dict[str, bool] = {}

    def are_of(self, request: Request) -> bool:
        """Whether they are those of a request's document, at its cursor."""
        return self._before is request.before and self._after is request.after

    def begins_others(self, answer: str) -> bool:
        """Whether the word that is typed, as an answer completes it, begins longer ones.

        ``history`` does where the document has ``history_store``. False where nothing
        of the word is typed, or all of it.

        Args:
            answer: The text behind the cursor, from its beginning on.
        """
        rest = WORD.match(answer) if self._typed else None
        if rest is None:
            return False
        word = self._typed + rest[0]
        if word not in self._known:
            self._known[word] = self._has_longer(word)
        return self._known[word]

    def _has_longer(self, word: str) -> bool:
        before, after = self._before, self._after
        end = len(before) - len(self._typed)
        longer = re.compile(re.escape(word) + r"\w")
        # note: a look behind in the pattern would take 2 ms for 100,000 characters
        return any(
            _begins(text, found.start())
            for text, start, stop in (
                (before, max(0, end - NEAR), end),
                (after, 0, min(len(after), NEAR)),
            )
            for found in islice(longer.finditer(text, start, stop), HITS)
        )


def _begins(text: str, at: int) -> bool:
    """Whether no word goes on at a place."""
    return at == 0 or not (text[at - 1].isalnum() or text[at - 1] == "_")
