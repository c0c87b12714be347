"""Whether a word is only the beginning of others in the document."""

import re

from codeassist.engine.request import Request

__all__ = ["Words"]

NEAR = 50_000
"""Characters before and after the cursor that are looked through."""

LONGEST = 200
"""Characters of a word: more are no name."""

TYPED = re.compile(r"\w+\Z")

WORD = re.compile(r"\w*")


class Words:
    """What a document's words say of the one at the cursor.

    Args:
        request: With the document and the cursor.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        start = max(0, len(request.before) - LONGEST)
        typed = TYPED.search(request.before, start)
        self._typed = typed[0] if typed else ""
        self._known: dict[str, bool] = {}

    def begins_others(self, answer: str) -> bool:
        """Whether the word that is typed, as an answer completes it, begins longer ones.

        ``history`` does where the document has ``history_store``. Only where a part of
        the word is typed.

        Args:
            answer: The text behind the cursor, from its beginning on.
        """
        if not self._typed:
            return False
        rest = WORD.match(answer)
        word = self._typed + (rest[0] if rest else "")
        if word not in self._known:
            self._known[word] = self._has_longer(word)
        return self._known[word]

    def _has_longer(self, word: str) -> bool:
        before, after = self.request.before, self.request.after
        end = len(before) - len(self._typed)
        longer = re.compile(re.escape(word) + r"\w")
        return any(
            _begins(text, found.start())
            for text, start, stop in (
                (before, max(0, end - NEAR), end),
                (after, 0, min(len(after), NEAR)),
            )
            for found in longer.finditer(text, start, stop)
        )


def _begins(text: str, at: int) -> bool:
    """Whether no word goes on at a place."""
    return at == 0 or not (text[at - 1].isalnum() or text[at - 1] == "_")
