"""What stands on the client's screen: suggestions, and which of them were accepted."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakSet

from .documents import Document, Edit, Span, common

__all__ = ["Item", "Screen", "Suggestion"]

REMEMBERED = 200
"""Items whose acceptance can still be told."""

SURE = 3
"""Characters, blanks at the ends not counted, that nobody types in one edit."""


@dataclass(eq=False, slots=True)
class Suggestion:
    """A text as the user sees it: typed through, it stays the same one."""

    id: str
    """Of the request that brought it first."""

    taken: str = ""
    """What was accepted of it, all parts together."""

    whole: bool = False
    place: Span | None = None
    """Where that was put."""

    def take(self, text: str, place: Span, *, whole: bool) -> None:
        """Take note of an acceptance, perhaps of one more part."""
        self.taken += text
        self.whole = self.whole or whole
        if self.place is not None:
            place.start = min(place.start, self.place.start)
        self.place = place


@dataclass(eq=False, slots=True)
class Item:
    """One text that the client was given."""

    number: int
    suggestion: Suggestion
    uri: str
    text: str
    place: Span
    typed: int = 0
    """Characters of the text that stand at its place."""

    earlier: int = 0
    """Those that stood there before the last change of their number."""

    part: int = 0
    """Characters that the client has told as accepted."""

    @property
    def by_hand(self) -> int:
        """Characters of the text that were typed, and not accepted."""
        return self.earlier if self.typed == len(self.text) else self.typed


class Screen:
    """Follows suggestions through the edits of their documents.

    A client need not say anything: a change that inserts all that is left of the
    suggestion on screen is its acceptance.
    """

    def __init__(self) -> None:
        self._items: OrderedDict[int, Item] = OrderedDict()
        self._current: dict[str, list[Item]] = {}
        self._places: dict[str, WeakSet[Span]] = {}

    def place(self, uri: str, start: int, end: int | None = None) -> Span:
        """A span of a document that follows its edits."""
        found = Span(start, start if end is None else end)
        self._places.setdefault(uri, WeakSet()).add(found)
        return found

    def show(
        self,
        document: Document,
        place: Span,
        texts: Mapping[int, str],
        make: Callable[[str], Suggestion],
    ) -> None:
        """Take what an answer shows.

        Args:
            document: As it is now.
            place: Where the texts begin.
            texts: By the numbers of their items, at least one; alternatives.
            make: Makes the suggestion of a text, unless it is there already.
        """
        uri, now = document.uri, document.source
        old = self._current.get(uri, [])
        same = next((each for each in old if _goes_on(each, place, texts, now)), None)
        suggestion = same.suggestion if same else make(next(iter(texts.values())))
        items = [
            Item(number, suggestion, uri, text, place) for number, text in texts.items()
        ]
        for item in items:
            item.typed = item.earlier = _typed(item, now)
            self._items[item.number] = item
        self._current[uri] = items
        while len(self._items) > REMEMBERED:
            self._items.popitem(last=False)

    def edited(self, document: Document, edits: Sequence[Edit]) -> Item | None:
        """Follow edits.

        Args:
            document: As it is after them.
            edits: In order.

        Returns:
            The item all the rest of which came with one of the edits, if any.
        """
        for place in self._places.get(document.uri, ()):
            for edit in edits:
                place.move(edit)
        for item in self._current.get(document.uri, ()):
            now = _typed(item, document.source)
            if now != item.typed:
                item.earlier, item.typed = item.typed, now
                if now == len(item.text) and _at_once(item.text[item.earlier :], edits):
                    return item
        return None

    def take(self, item: Item, length: int | None = None) -> Suggestion | None:
        """An item was accepted.

        Args:
            item: It.
            length: Characters of it that are accepted by now; None: all.

        Returns:
            Its suggestion; None where that is known already.
        """
        suggestion = item.suggestion
        end = len(item.text) if length is None else min(length, len(item.text))
        begin = item.part if length is not None else max(item.part, item.by_hand)
        if suggestion.whole or begin >= end:
            return None
        start = item.place.start
        place = self.place(item.uri, start + begin, start + end)
        whole = end == len(item.text)
        suggestion.take(item.text[begin:end], place, whole=whole)
        item.part = end
        return suggestion

    def find(self, number: object) -> Item | None:
        """The item of a number; None for one that is unknown or too old."""
        return self._items.get(number) if isinstance(number, int) else None

    def closed(self, uri: str) -> None:
        """A document is gone from the screen, but it may come back as it was."""
        self._current.pop(uri, None)
        if not self._places.get(uri):
            self._places.pop(uri, None)


def _typed(item: Item, source: str) -> int:
    """Characters of a text that stand at its place."""
    start = item.place.start
    there = source[start : start + 2 * len(item.text)].replace("\r\n", "\n")
    return common(item.text, there)


def _at_once(rest: str, edits: Sequence[Edit]) -> bool:
    sure = len(rest.strip()) >= SURE
    return sure and any(rest in each.text.replace("\r\n", "\n") for each in edits)


def _goes_on(old: Item, place: Span, texts: Mapping[int, str], source: str) -> bool:
    """Whether an answer is the rest of an item that was typed through to its place."""
    begin, here = old.place.start, place.start
    if here < begin:
        return False
    typed = source[begin:here].replace("\r\n", "\n")
    first = next(iter(texts.values()))
    return old.text == typed + first
