"""What breaks the syntax of a document is shortened until it does not, or withheld.

The document without the cursor's line is parsed once, and again only where it has
changed (tree-sitter takes the rest from the old tree); an answer is judged in the
outermost statement around it alone, which is read anew: errors cost most where they can
spread. Answers may well be unfinished: what they leave open is closed first.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tree_sitter import Parser, Point, Tree, TreeCursor

from codeassist.engine.brackets import CLOSER_OF, scan
from codeassist.grammars import parser
from codeassist.languages import Blocks, Language

__all__ = ["SyntaxGate"]

DOCUMENTS = 8
"""That many documents' trees are kept."""

LARGEST = 100_000
"""Characters; a larger document is not parsed while somebody waits."""

LONGEST_LINE = 2_000
"""Characters; a longer one is data, or was not written by hand."""

BUDGET = 60_000
"""Bytes that are parsed for one answer at the most, some 6 ms, and again to see whether
anything could mend its line. Of a long statement fewer shorter forms are tried; where
not even the whole answer can be, it is not judged."""

NEAR_BEFORE, NEAR_AFTER = 2_000, 500
"""Bytes around the cursor's line in which nothing may be broken: a bracket that is still
open is reported where it stands, and makes another text of what follows."""

CUTS = 6
"""Shorter forms of an answer that are tried."""

WORD_END = re.compile(r"(?<=\w)(?!\w)|(?<=[)\]}\"'`;,])")
BOUND = re.compile(r"[\w)\]}\"'`;:,{(\[>]$")
"""How a text ends that can be judged; behind an operator its operand is missing."""

GOES_ON = re.compile(
    r"^\s*(@|#\[|#\s*(if|el|end)|try:|finally:|except\b|else:|elif\b|case\b|\}"
    r"|(try|do)\s*\{?$|template\b|typedef\b.*\{$|<\w[\w.]*>$|\[\w[^\[\]]*\]$)"
)
"""Lines that are nothing without those around them."""

ENDS = ("", ";", " {}", ",", " => x")
"""Of a language with braces: what may still be missing of a line, a body among it."""

FILLERS = ("", "x", " x", "x)", "x: pass", ": pass", "x {}", "{}", "x;")
"""Any of them makes a line whole that can be made whole."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A document with something harmless in the place of the cursor's line."""

    source: bytes
    tree: Tree
    above: bytes
    """Of the outermost statement that the line is in, what stands above the line."""

    below: bytes
    """What of it stands below."""

    sound: bool
    """Whether nothing is broken around the line."""

    def takes(self, reader: Parser, line: str) -> bool:
        """Whether the statement parses with that in the place of the line."""
        put = line.encode("utf-8", "replace")
        # a directive of the preprocessor is nothing without its line break
        text = self.above + put + self.below + b"\n"
        return not reader.parse(text).root_node.has_error


class SyntaxGate:
    """Judges answers by the grammar of their language; used by one thread at a time."""

    def __init__(self) -> None:
        self._pages: OrderedDict[tuple[str, str], tuple[_Page, ...]] = OrderedDict()
        """By path and language: no grammar understands a tree of another one."""

    def allowed(
        self, text: str, before: str, after: str, *, path: str, language: Language
    ) -> int:
        """Characters of an answer that add no parse error; 0: its first word does.

        All of it where that cannot be told: no grammar, a document that is broken at
        the cursor anyway, a line that nothing could mend.

        Args:
            text: The answer.
            before: The document up to the cursor; its line ends are line feeds.
            after: The document from the cursor on; likewise.
            path: Of the document.
            language: Of the document.
        """
        reader = parser(language.name)
        if reader is None or len(before) + len(after) > LARGEST:
            return len(text)
        above, line_break, head = before.rpartition("\n")
        rest = after.partition("\n")[0]
        if len(head) + len(rest) > LONGEST_LINE:
            return len(text)
        page = self._page(
            reader,
            (path, language.name),
            above + line_break,
            _fillings(head, language),
            after[len(rest) :],
        )
        if page is None:
            return len(text)
        most = BUDGET // (len(page.above) + len(page.below) + len(head) + len(text) + 1)
        whole = _closed(head, text, rest, language)
        if whole is None or len(whole) > most:
            return len(text)
        forms = (
            (cut, form)
            for cut in _cuts(text)
            for form in _closed(head, text[:cut], rest, language) or ()
        )
        for cut, form in islice(forms, most):
            if page.takes(reader, form):
                return cut
        fillers = islice(FILLERS, most)
        mendable = any(page.takes(reader, head + each + rest) for each in fillers)
        return 0 if mendable else len(text)

    def clear(self) -> None:
        """Forget all documents."""
        self._pages.clear()

    def _page(
        self,
        reader: Parser,
        document: tuple[str, str],
        above: str,
        fillings: Sequence[str],
        below: str,
    ) -> _Page | None:
        """The document around the cursor's line; None where that is broken."""
        known = self._pages.pop(document, ())
        start = len(above.encode("utf-8", "replace"))
        pages: list[_Page] = []
        for filling in fillings:
            source = (above + filling + below).encode("utf-8", "replace")
            page = next((each for each in known if each.source == source), None)
            if page is None:
                old = (*pages, *known)[:1]
                tree = _parsed(reader, source, old[0] if old else None)
                page = _opened(source, tree, start, start + len(filling.encode()))
            pages.append(page)
            if page.sound:
                break
        self._pages[document] = tuple(pages)
        if len(self._pages) > DOCUMENTS:
            self._pages.popitem(last=False)
        return pages[-1] if pages[-1].sound else None


def _fillings(head: str, language: Language) -> Sequence[str]:
    """What may stand in the place of the cursor's line."""
    if language.blocks is Blocks.INDENT:
        return (head[: len(head) - len(head.lstrip())] + "pass", "")
    return ("",)


def _parsed(reader: Parser, source: bytes, old: _Page | None) -> Tree:
    """Parse a text; what it shares with an older one is not read again."""
    if old is None:
        return reader.parse(source)
    most = min(len(source), len(old.source))
    start = _common(source, old.source, most)
    end = _common_end(source, old.source, most - start)
    edited = _edited(
        old.tree, old.source, (start, len(old.source) - end), source, len(source) - end
    )
    return reader.parse(source, edited)


def _edited(
    tree: Tree, old: bytes, place: tuple[int, int], new: bytes, new_end: int
) -> Tree:
    """A copy of a tree that knows where its text was changed."""
    copied = tree.copy()
    start, end = place
    copied.edit(
        start, end, new_end, _point(old, start), _point(old, end), _point(new, new_end)
    )
    return copied


def _point(text: bytes, at: int) -> Point:
    return Point(text.count(b"\n", 0, at), at - text.rfind(b"\n", 0, at) - 1)


def _common(a: bytes, b: bytes, most: int) -> int:
    """Bytes that two texts have in common at their beginnings."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(a: bytes, b: bytes, most: int) -> int:
    """Bytes that two texts have in common at their ends."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _opened(source: bytes, tree: Tree, start: int, end: int) -> _Page:
    """The page of a parsed document whose line is at these bytes."""
    first, last = start, end
    cursor = tree.walk()
    found = cursor.goto_first_child_for_byte(start) is not None
    if found and (node := cursor.node) is not None and node.start_byte <= end:
        first = min(start, node.start_byte - node.start_point.column)
        last = max(end, node.end_byte)
    sound = not _broken(tree, start - NEAR_BEFORE, end + NEAR_AFTER)
    return _Page(source, tree, source[first:start], source[end:last], sound)


def _broken(tree: Tree, start: int, end: int) -> bool:
    """Whether something does not parse, or is missing, that touches these bytes."""
    if not tree.root_node.has_error:
        return False
    cursor = tree.walk()
    return _broken_below(cursor, start, end)


def _broken_below(cursor: TreeCursor, start: int, end: int) -> bool:
    node = cursor.node
    if node is None or not node.has_error:
        return False
    if node.is_error or node.is_missing:
        return True
    if cursor.goto_first_child_for_byte(max(0, start - 1)) is None:
        return False
    found = False
    while not found and (child := cursor.node) is not None and child.start_byte <= end:
        found = child.has_error and _broken_below(cursor, start, end)
        if not cursor.goto_next_sibling():
            break
    cursor.goto_parent()
    return found


def _cuts(text: str) -> Iterator[int]:
    """The whole of an answer, then less and less of it: whole lines, then words."""
    yield len(text)
    ends = [found.start() for found in re.finditer(r"(?<=\S)\n", text)]
    yield from reversed(ends[:CUTS])
    first = text[: ends[0]] if ends else text
    words = [found.start() for found in WORD_END.finditer(first.rstrip())]
    yield from (n for n in reversed(words[-CUTS:]) if 0 < n < len(first.rstrip()))


def _closed(
    head: str, text: str, rest: str, language: Language
) -> Sequence[str] | None:
    """The cursor's line and those behind it, with what the text leaves open closed.

    Of a language with braces in several forms, one of which is whole if any is. None
    where it cannot be told what would come behind them.
    """
    said = head + text.rstrip()
    last = said.rpartition("\n")[2]
    if GOES_ON.match(said) or GOES_ON.match(last) or not BOUND.search(last):
        return None
    now = scan(said)
    if language.blocks is Blocks.WORDS or (now.quote and scan(said + rest).quote):
        return None
    opened = now.open[len(scan(rest).loose) :]
    closers = "".join(CLOSER_OF[each] for each in reversed(opened))
    if language.blocks is Blocks.BRACES:
        forms = [said + closers + rest + end for end in ENDS]
        return (*forms, said + closers + ";" + rest) if rest else forms
    if last.endswith(":"):
        return None if opened else (said + " pass" + rest,)
    return (said + closers + rest,)
