"""From LSP parameters to an engine request, and from its answer to LSP items."""

from lsprotocol import types
from pygls.workspace import TextDocument

from codeassist.engine import Answer, Request, Silence
from codeassist.languages import by_id

from .documents import Document
from .status import Ledger

__all__ = ["ACCEPTED", "answer_items", "read_request"]

ACCEPTED = "codeassist.accepted"
"""The command that clients run when an item is accepted."""

ALTERNATIVES = 3
"""Items at the most when the user asks for a completion."""


def read_request(
    document: TextDocument, params: types.InlineCompletionParams
) -> Request | Silence:
    """The text around the cursor, frozen; or why there is nothing to ask.

    With a selected entry of the popup menu the text is read as if that entry had
    been accepted: the completion has to extend it.
    """
    if not isinstance(document, Document):  # pragma: no cover - see Documents
        return Silence.ERROR
    invoked = params.context.trigger_kind is types.InlineCompletionTriggerKind.Invoked
    selected = params.context.selected_completion_info
    source = document.source
    if selected is None:
        start = end = document.offset(params.position)
        typed = ""
    else:
        if selected.range.start.line != selected.range.end.line:
            return Silence.SELECTION_MISMATCH
        start = document.offset(selected.range.start)
        end = document.offset(selected.range.end)
        typed = selected.text
    if start is None or end is None or end < start:
        return Silence.OUTSIDE_DOCUMENT
    after = source[end:]
    if not invoked and (after[:1].isalnum() or after.startswith("_")):
        return Silence.MID_WORD
    return Request(
        before=source[:start] + typed,
        after=after,
        path=str(document.path),
        language=by_id(document.language_id, str(document.path)),
        alternatives=ALTERNATIVES if invoked else 1,
    )


def answer_items(
    answer: Answer,
    params: types.InlineCompletionParams,
    ledger: Ledger,
) -> list[types.InlineCompletionItem]:
    """The items of an answer; each has a range and tells of its acceptance.

    The range is empty at the cursor: editors would else replace to the end of the
    line (VS Code) or hide what stands there (Neovim). With a selected entry it is
    the entry's range, and the text extends the entry's.
    """
    if not answer.completions:
        return []
    selected = params.context.selected_completion_info
    position = params.position
    span = selected.range if selected else types.Range(position, position)
    typed = selected.text if selected else ""
    # editors put in the document's own line ends themselves
    texts = [c.text.replace("\r\n", "\n") for c in answer.completions]
    return [
        types.InlineCompletionItem(
            insert_text=typed + text,
            range=span,
            command=types.Command("Accepted", ACCEPTED, arguments=[item]),
        )
        for text, item in zip(texts, ledger.show(len(texts)), strict=True)
    ]
