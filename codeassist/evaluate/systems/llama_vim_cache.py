"""Answers that llama.vim keeps: found again when the user types what they say."""

from collections import OrderedDict

__all__ = ["AnswerCache"]

KEYS = 250
TYPED_THROUGH = 128
"""Characters that may have been typed since an answer was given."""

SCROLLED = 3
"""Lines by which the window may have moved on: so many keys more for each answer."""


class AnswerCache:
    """The last answers, by the text around the cursor."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, str], str] = OrderedDict()

    def keep(self, before: str, after: str, answer: str) -> None:
        """Remember an answer, also for windows that begin a few lines later."""
        for _ in range(1 + SCROLLED):
            self._answers[before, after] = answer
            self._answers.move_to_end((before, after))
            before = before.partition("\n")[2]
            if not before:
                break
        while len(self._answers) > KEYS:
            self._answers.popitem(last=False)

    def find(self, before: str, after: str) -> str | None:
        """What is left of an answer behind the text that was typed since."""
        for typed in range(min(TYPED_THROUGH, len(before)) + 1):
            at = len(before) - typed
            answer = self._answers.get((before[:at], after))
            if answer and len(answer) > typed and answer.startswith(before[at:]):
                self._answers.move_to_end((before[:at], after))
                return answer[typed:]
        return None
