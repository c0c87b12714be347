"""The cursor's line, into which a text is put: what that does to its brackets."""

from codeassist.engine.brackets import scan

__all__ = ["Line"]


class Line:
    """The cursor's line, into which a text is put."""

    def __init__(self, head: str, rest: str) -> None:
        self.head = head
        self.rest = rest
        self.quote = scan(head).quote
        """The quote that is open at the cursor."""

    def inside(self, text: str) -> str:
        """What of the text ends the string at the cursor; empty where the file does."""
        left = scan(text, quote=self.quote).left if self.quote else None
        if left is None or text[left] != self.quote:
            return ""
        closed = scan(self.rest, quote=self.quote).left is not None
        return "" if closed else text[: left + 1]

    def faults(self, text: str) -> tuple[int, int]:
        """What is closed or quoted too much with the text, what is left open."""
        found = scan(self.head + text + self.rest)
        return len(found.loose) + bool(found.quote), len(found.open)

    def fault(self, text: str) -> int:
        """What is closed or quoted too much with the text."""
        return self.faults(text)[0]

    def takes(self, text: str, at: int) -> bool:
        """Whether the text may end there, and the line is no worse for it."""
        now, left_open = self.faults(text[:at])
        whole = self.fault(text)
        if self.flat(text[:at]):
            return now <= whole
        return now < whole and left_open <= self.faults("")[1]

    def flat(self, text: str) -> bool:
        """Whether the text ends in no bracket and no string of its own."""
        found = scan(text, before=self.head, quote=self.quote)
        kept = self.quote if found.left is None else ""
        return not found.open and found.quote == kept
