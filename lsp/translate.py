"""From LSP parameters to an engine request, and from its answer to LSP items."""

from collections.abc import Sequence

from lsprotocol import types
from pygls.workspace import TextDocument

from codeassist.engine import Answer, Request, Silence
from codeassist.languages import by_id

from .documents import Document, too_large
from .status import Ledger

__all__ = [
    "ACCEPTED",
    "answer_items",
    "kind_of",
    "read_request",
    "start_of",
    "texts_of",
]

ACCEPTED = "codeassist.accepted"
"""The command that clients run when an item is accepted."""

ALTERNATIVES = 3
"""Items at the most when the user asks for a completion."""


def read_request(
    document: TextDocument, params: types.InlineCompletionParams
) -> Request | Silence:
    """The text around the cursor, frozen; or why there is nothing to ask.

    With a selected entry of the popup menu the text is read as if that entry had
    been accepted: the completion has to extend it. Other cells of the same notebook
    stand around the text of a cell.
    """
    if not isinstance(document, Document):  # pragma: no cover - see Documents
        return Silence.ERROR
    invoked = params.context.trigger_kind is types.InlineCompletionTriggerKind.Invoked
    selected = params.context.selected_completion_info
    if too_large(document):
        return Silence.TOO_LARGE
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
    above, below = document.neighbours()
    return Request(
        before=above + source[:start] + typed,
        after=after + below,
        path=str(document.path),
        language=by_id(document.language_id, str(document.path)),
        alternatives=ALTERNATIVES if invoked else 1,
        automatic=not invoked,
        removed=document.removed(start),
    )


def start_of(document: Document, params: types.InlineCompletionParams) -> int | None:
    """Offset of the place where the items of an answer begin; None: it is outside."""
    selected = params.context.selected_completion_info
    return document.offset(selected.range.start if selected else params.position)


def texts_of(items: Sequence[types.InlineCompletionItem]) -> dict[int, str]:
    """Texts of an answer's items, by the numbers that tell of their acceptance."""
    return {
        int(number): str(each.insert_text)
        for each in items
        if each.command
        for number in each.command.arguments or ()
        if isinstance(number, int)
    }


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
        for text, item in zip(texts, ledger.number(len(texts)), strict=True)
    ]


def kind_of(answer: Answer) -> str:
    """What a status says of the server that gave this answer."""
    if answer.silence is Silence.MODEL_LOADING:
        return "loading"
    failed = answer.silence in (Silence.NO_MODEL, Silence.ERROR)
    return "error" if failed else "idle"
