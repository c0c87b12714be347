"""The prompt of one request: the window around the cursor, in the model's own form."""

from functools import lru_cache

from codeassist.config import CompletionSettings
from codeassist.errors import ContextTooSmallError
from codeassist.fim import Contract, Rendered
from codeassist.languages import Language

from .anchor import Anchors
from .decode import Vocab
from .window import head_window, tail_window

__all__ = ["Prompter"]

SMALLEST = 32
"""Tokens of the file that a prompt must have room for to be worth anything."""


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
        self._count = lru_cache(maxsize=4096)(lambda line: len(vocab.tokenize(line)))

    def render(
        self,
        before: str,
        after: str,
        *,
        path: str,
        language: Language,
        max_tokens: int,
    ) -> Rendered:
        """The ids of a prompt that leaves room for `max_tokens`.

        Raises:
            ContextTooSmallError: the context has no room for a useful prompt.
        """
        frame = self._contract.frame(
            path=path, language=language.name, comment=language.comment
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
        window = head_window(before, n_prefix, self._count)
        if at_cursor:
            prefix, pending = frame.encode_prefix(window)
        else:
            prefix = self._contract.encode(window, lead_space=frame.prefix_lead)
        # lines were counted one by one, which can be off by a few per cent
        suffix = suffix[: room // 2]
        spare = room - len(suffix)
        return frame.assemble(prefix[-spare:], suffix, pending, middle)

    def forget(self) -> None:
        """Let every document's next prompt begin afresh."""
        self._anchors.clear()

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
