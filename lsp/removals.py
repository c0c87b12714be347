"""What was deleted from a document lately: it may be written again, changed."""

from dataclasses import dataclass

from codeassist.ignore.contents import find

__all__ = ["BEFORE", "Removals"]

KEPT = 4
"""Deletions that are remembered."""

SHORT = 8
"""Characters below which one is forgotten when the next begins."""

LONGEST = 2_000
"""Characters of one that are remembered."""

REACH = 10_000
"""Characters of a text that is put in, in which it is looked for."""

BEFORE = 80
"""Characters before a text that tell whether it is a secret."""

LONGER, MORE = 2, 200
"""What is written in the place of a text is so many times longer at the most, and so
many characters more; what is behind that is another's."""


@dataclass(slots=True)
class _Removal:
    at: int
    text: str
    before: str
    known: str | None = None
    """What prompts may know of it; None: it was not looked at yet."""

    def looked_at(self) -> str:
        """Its text, or nothing where that holds a secret."""
        if self.known is None:
            found = find(self.before + self.text)
            secret = any(each.end > len(self.before) for each in found)
            self.known = "" if secret else self.text.replace("\r\n", "\n")
        return self.known


class Removals:
    """The last deletions of a document; keys that delete one after another are one.

    What several lines take the place of at once, as a formatter's, was no deletion; what
    is put in again, as by undoing, is forgotten.
    """

    def __init__(self) -> None:
        self._newest: list[_Removal] = []

    def near(self, offset: int) -> tuple[str, ...]:
        """What stood where the cursor is, the newest first.

        Their lines end in line feeds; those that hold a secret are left out.
        """
        near = (
            each.looked_at()
            for each in self._newest
            if 0 <= offset - each.at <= LONGER * len(each.text) + MORE
        )
        return tuple(filter(None, near))

    def note(self, start: int, gone: str, put: str, before: str) -> None:
        """Take an edit.

        Args:
            start: Its offset.
            gone: What was deleted there; perhaps nothing.
            put: What stands there instead.
            before: The end of what stands before it.
        """
        end = start + len(gone)
        last = self._newest[0] if self._newest else None
        went_on = last is not None and last.at in (start, end)
        ahead = last is not None and last.at == end
        for each in self._newest:
            if start < each.at:
                each.at = each.at + len(put) - len(gone) if end <= each.at else start
        put, gone = put[:REACH], gone[:LONGEST]  # the loop waits for it
        if put:
            self._newest = [each for each in self._newest if each.text not in put]
        if not gone or "\n" in put:
            return
        if self._newest and self._newest[0] is last:
            if went_on:
                gone = gone + last.text if ahead else last.text + gone
            if went_on or len(last.text) < SHORT:
                self._newest.pop(0)
        self._newest.insert(0, _Removal(start, gone[:LONGEST], before))
        del self._newest[KEPT:]
