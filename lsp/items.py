"""The same text as an entry of the popup menu, for clients that show no ghost text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types

from .documents import Document

__all__ = ["Word", "as_entries", "asked_inline", "word_at"]

WORD = re.compile(r"\w*\Z")
SEEN = 256
"""Characters before the cursor in which a word is looked for: nobody completes a longer
one, and the loop waits for it."""

SHORT = 80
"""Characters of a label."""


def asked_inline(params: types.CompletionParams) -> types.InlineCompletionParams:
    """A request for entries as one for ghost text: nobody else says who has asked."""
    return types.InlineCompletionParams(
        types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
        params.text_document,
        params.position,
    )


@dataclass(frozen=True, slots=True)
class Word:
    """What of a word stands before the cursor."""

    text: str
    span: types.Range


def word_at(document: Document | None, position: types.Position) -> Word:
    """The word that an entry takes the place of; perhaps an empty one."""
    at = document.offset(position) if document else None
    if document is None or at is None:
        return Word("", types.Range(position, position))
    found = WORD.search(document.source, max(document.line_start(at), at - SEEN), at)
    text = found.group() if found else ""
    return Word(text, types.Range(document.position(at - len(text)), position))


def as_entries(
    items: Sequence[types.InlineCompletionItem], word: Word
) -> types.CompletionList:
    """One entry at the most, over the word at the cursor; more typing asks anew.

    Clients compare an entry with that word, and some take no edit that does not begin
    where the word does.
    """
    return types.CompletionList(
        is_incomplete=True, items=[_entry(each, word) for each in items[:1]]
    )


def _entry(item: types.InlineCompletionItem, word: Word) -> types.CompletionItem:
    text = word.text + str(item.insert_text)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    label = lines[0][:SHORT]
    return types.CompletionItem(
        label=label if lines == [label] else f"{label} …",
        kind=types.CompletionItemKind.Text,
        detail="codeassist",
        documentation=text if len(lines) > 1 else None,
        sort_text="\t",  # before letters
        filter_text=text.partition("\n")[0] or label,
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(word.span, text),
        command=item.command,
    )
