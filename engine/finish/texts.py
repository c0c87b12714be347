"""Strings of several lines in an answer: how they are indented says nothing of blocks."""

import re

from codeassist.languages import Language

__all__ = ["Texts"]

BEHIND = r"(?:[=(\[{,+%]|:\s|\b(?:return|yield|await|in))\s*[a-zA-Z$@]{0,2}"
"""What code has before a string. Not a text: at a line's start, or behind a full stop,
the quotes end a docstring as often as they begin one."""

TRIPLE = re.compile(rf"{BEHIND}(?P<same>\"{{3}}|'{{3}})")
AT_START = re.compile(r"\s*[a-zA-Z$@]{0,2}(?P<same>\"{3}|'{3})")
HEREDOC = re.compile(r"<<<?[-~]?(?P<quote>['\"]?)(?P<word>[A-Z_]\w*)(?P=quote)")
RAW = re.compile(r"\br(?P<hashes>#*)\"")
LONG_BRACKETS = re.compile(r"\[(?P<level>=*)\[")

OPENERS = {
    **dict.fromkeys(("python", "java", "kotlin", "scala", "swift", "csharp"), TRIPLE),
    **dict.fromkeys(("ruby", "shellscript", "php"), HEREDOC),
    "rust": RAW,
    "lua": LONG_BRACKETS,
}


class Texts:
    """Reads an answer's lines one after another.

    Args:
        language: Of the answer. Template literals are `brackets.scan`'s.
        head: What stands before the first line.
    """

    def __init__(self, language: Language, head: str = "") -> None:
        self._opener = OPENERS.get(language.name)
        self._comment = language.comment
        self._head = head
        self._end = ""

    @property
    def within(self) -> bool:
        """Whether the next line begins in a string that the answer has begun."""
        return bool(self._end)

    def read(self, line: str, *, bracketed: bool) -> str:
        """Take the next line.

        Args:
            line: Without its break; the last one may be a part of a line.
            bracketed: Whether a bracket of the answer is open before it.

        Returns:
            The line behind the string that it began in: its code.
        """
        if self._opener is None:
            return line
        if self._end and self._opener is HEREDOC:
            if line.strip().rstrip(";,)") == self._end:
                self._end = ""
            return ""
        behind = 0
        if self._end:
            at = line.find(self._end)
            if at < 0:
                return ""
            behind = at + len(self._end)
            self._end = ""
        head, self._head = self._head, ""
        self._begin(head + line, behind, bracketed=bracketed)
        return line[behind:]

    def _begin(self, line: str, at: int, *, bracketed: bool) -> None:
        """See whether the code from `at` on begins a string that the line does not end."""
        assert self._opener is not None
        if self._opener is TRIPLE and bracketed and not at:
            found = AT_START.match(line)
            at = self._behind(line, found, at)
        while not self._end and (found := self._opener.search(line, at)):
            if self._comment in line[: found.start()]:
                return
            at = self._behind(line, found, at)

    def _behind(self, line: str, found: re.Match[str] | None, at: int) -> int:
        """Where the string ends on its line; if it does not, its end is kept."""
        if found is None:
            return at
        end = _end_of(found)
        closed = -1 if "word" in found.groupdict() else line.find(end, found.end())
        if closed < 0:
            self._end = end
            return len(line)
        return closed + len(end)


def _end_of(found: re.Match[str]) -> str:
    groups = found.groupdict()
    if "same" in groups:
        return groups["same"]
    if "word" in groups:
        return groups["word"]
    if "hashes" in groups:
        return f'"{groups["hashes"]}'
    return f"]{groups['level']}]"
