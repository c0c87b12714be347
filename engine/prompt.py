"""The prompt of one request: the window around the cursor, in the model's own form."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from codeassist.config import CompletionSettings
from codeassist.errors import ContextTooSmallError
from codeassist.fim import Contract, Rendered
from codeassist.languages import Language

from .anchor import DOCUMENTS, Anchor, Anchors
from .decode import Vocab
from .window import Heads, tail_window

if TYPE_CHECKING:
    from .context.select import Context, Provider, Snippet, View

__all__ = ["Prompter", "hurried"]

SMALLEST = 32
"""Tokens of the file that a prompt must have room for to be worth anything."""

REGION = 16
"""Rows above and below within which what is shown of other places stays as it is: all
of the prompt stands behind it, and would have to be evaluated again. What was chosen 16
rows above has nearly as many of the names that are needed (docs/experiments.md)."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What prompts of a document show of other places, around the row of its choice."""

    anchor: Anchor
    row: int
    """Of the anchor for which it was chosen."""

    repo: str
    path: str
    """Of the document, in the repository."""

    snippets: tuple["Snippet", ...]
    """In prompt order."""


class Prompter:
    """Renders prompts for one model.

    Args:
        vocab: The model's tokens.
        contract: How the model's family wants its prompts.
        settings: How much of the file may be shown.
        n_ctx: Tokens of context, for the prompt and the answer.
    """

    def __init__(
        self,
        vocab: Vocab,
        contract: Contract,
        settings: CompletionSettings,
        n_ctx: int,
    ) -> None:
        self._contract = contract
        self._settings = settings
        self._n_ctx = n_ctx
        self._anchors = Anchors()
        self._shown: OrderedDict[str, _Shown] = OrderedDict()
        self._count = lru_cache(maxsize=4096)(lambda line: len(vocab.tokenize(line)))
        self._heads = Heads(self._count)

    def render(
        self,
        before: str,
        after: str,
        *,
        path: str,
        language: Language,
        max_tokens: int,
        context: "Provider | None" = None,
    ) -> "tuple[Rendered, tuple[Snippet, ...]]":
        """The ids of a prompt that leaves room for `max_tokens`, and what it shows.

        Args:
            before: The document up to the cursor.
            after: The document from the cursor on.
            path: Of the document.
            language: Of the document.
            max_tokens: Of the answer.
            context: Knows the repository; None: the prompt shows the document alone.

        Raises:
            ContextTooSmallError: the context has no room for a useful prompt.
        """
        shown = None
        if context is not None:
            shown = self._look(context, path, before, after, max_tokens)
        frame = self._contract.frame(
            path=shown.path if shown else path,
            repo=shown.repo if shown else "",
            language=language.name,
            comment=language.comment,
            files=[(each.path, each.text) for each in shown.snippets] if shown else (),
        )
        at_cursor = frame.ends_with_prefix or self._settings.placement == "cursor"
        middle: list[int] = []
        pending = ""
        if not at_cursor:
            anchor = self._anchors.of(path, before, after)
            middle, pending = frame.encode_middle(before[len(anchor.before) :])
            before, after = anchor.before, anchor.after
        room = self._room(max_tokens, frame.overhead + len(middle))
        n_suffix = min(self._settings.suffix_tokens, room // 4)
        n_prefix = min(self._settings.prefix_tokens, room - n_suffix)
        suffix = frame.encode_suffix(tail_window(after, n_suffix, self._count))
        window = self._heads.of(path, before, n_prefix, room - n_suffix)
        if at_cursor:
            prefix, pending = frame.encode_prefix(window)
        else:
            prefix = self._contract.encode(window, lead_space=frame.prefix_lead)
        # lines were counted one by one, which can be off by a few per cent
        suffix = suffix[: room // 2]
        spare = room - len(suffix)
        rendered = frame.assemble(prefix[-spare:], suffix, pending, middle)
        return rendered, shown.snippets if shown else ()

    def forget(self) -> None:
        """Let every document's next prompt begin afresh."""
        self._anchors.clear()
        self._heads.clear()
        self._shown.clear()

    def _look(
        self, context: "Provider", path: str, before: str, after: str, max_tokens: int
    ) -> _Shown | None:
        """What the prompt shows of other places; the same as long as the anchor holds.

        So nothing before the document's own text changes while somebody types; nor
        where the anchor moves on within a region, which costs the new rows and the
        suffix alone.
        """
        # imported where there is an index: it takes a while
        from .context.select import View, settled

        anchor = self._anchors.of(path, before, after)
        kept = self._shown.get(path)
        if kept is not None and kept.anchor is anchor:
            return kept
        row = anchor.before.count("\n")
        budget = self._settings.prefix_tokens
        head = self._heads.of(path, before, budget, 2 * budget)
        tail = tail_window(after, self._settings.suffix_tokens, self._count)
        if kept is not None and _is_near(kept, before, head, tail, row):
            shown = replace(kept, anchor=anchor)
        else:
            view = View(path, before, after, head, tail)
            chosen = self._choose(context, view, max_tokens)
            if chosen is None:
                return None
            snippets = settled(kept.snippets if kept else (), chosen.snippets)
            shown = _Shown(anchor, row, chosen.repo, chosen.path, tuple(snippets))
        self._shown[path] = shown
        self._shown.move_to_end(path)
        if len(self._shown) > DOCUMENTS:
            self._shown.popitem(last=False)
        return shown

    def _choose(
        self, context: "Provider", view: "View", max_tokens: int
    ) -> "Context | None":
        """Snippets in what the window leaves of the context; None: there are none."""
        most = self._settings
        longest = max(max_tokens, most.max_tokens, most.block_max_tokens)
        spare = self._n_ctx - longest - most.prefix_tokens - most.suffix_tokens
        budget = min(most.context_tokens, spare - SMALLEST)
        if budget < SMALLEST:
            return None
        found = context.around(view, budget, self._count)
        return found if found is not None and found.snippets else None

    def _room(self, max_tokens: int, taken: int) -> int:
        """Tokens for prefix and suffix."""
        room = self._n_ctx - max_tokens - taken - 1
        if room < SMALLEST:
            msg = (
                f"a context of {self._n_ctx} tokens has no room for {max_tokens} new "
                f"ones and a prompt; raise model.n_ctx (--n-ctx) or lower max_tokens"
            )
            raise ContextTooSmallError(msg)
        return room


def hurried(settings: CompletionSettings) -> CompletionSettings:
    """Half of the window: for what is answered in a hurry, at a new place."""
    return replace(
        settings,
        prefix_tokens=max(1, settings.prefix_tokens // 2),
        suffix_tokens=settings.suffix_tokens // 2,
    )


def _is_near(kept: _Shown, before: str, head: str, tail: str, row: int) -> bool:
    """Whether what was chosen still serves, and nothing of it is in the window now."""
    if abs(row - kept.row) > REGION:
        return False
    cursor = before.count("\n")
    window = range(cursor - head.count("\n"), cursor + tail.count("\n") + 1)
    return not any(
        each.path == kept.path and any(one in window for one in each.rows)
        for each in kept.snippets
    )
