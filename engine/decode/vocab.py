"""The model's own tokens: text to ids and back, special tokens by their spelling."""

import ctypes
from functools import cached_property
from typing import Any

from .native import lib
from .weights import Weights

__all__ = ["Vocab"]

MARK = "\N{WHITE SMILING FACE}"
"""Stands before text that must not get SentencePiece's implicit leading space; it
merges with nothing. As in Code Llama's reference ``encode_infilling``."""

SPM = 1
"""LLAMA_VOCAB_TYPE_SPM."""


class Vocab:
    """The vocabulary of loaded weights, which it keeps in memory."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._vocab: Any = lib.llama_model_get_vocab(weights.pointer)
        self.n_tokens: int = lib.llama_vocab_n_tokens(self._vocab)
        self._mark = len(self._ids(MARK))
        self._pieces: dict[int, bytes] = {}

    @property
    def bos(self) -> int | None:
        """Id of the beginning-of-sequence token, if there is one."""
        token: int = lib.llama_vocab_bos(self._vocab)
        return token if token >= 0 else None

    @property
    def _implicit_space(self) -> bool:
        return bool(lib.llama_vocab_type(self._vocab) == SPM)

    def meta(self, key: str) -> str | None:
        """A value of the GGUF's metadata as text; None where it is absent."""
        size = lib.llama_model_meta_val_str(
            self._weights.pointer, key.encode(), None, 0
        )
        if size < 0:
            return None
        buffer = ctypes.create_string_buffer(size + 1)
        lib.llama_model_meta_val_str(
            self._weights.pointer, key.encode(), buffer, size + 1
        )
        return buffer.value.decode("utf-8", "replace")

    def tokenize(self, text: str, *, lead_space: bool = True) -> list[int]:
        """User text as ids, without BOS; a spelled-out special stays text.

        Args:
            text: Any text.
            lead_space: Keep the leading space that SentencePiece vocabularies
                imply; False for text that goes on inside a line.
        """
        if not text:
            return []
        if lead_space or not self._implicit_space:
            return self._ids(text)
        return self._ids(MARK + text)[self._mark :]

    def _ids(self, text: str, *, special: bool = False) -> list[int]:
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 2  # a token stands for a byte at the least
        buffer = (lib.llama_token * room)()
        n = lib.llama_tokenize(self._vocab, raw, len(raw), buffer, room, False, special)
        if n < 0:  # pragma: no cover - room suffices for any text
            msg = f"tokenising {len(raw)} bytes needs {-n} tokens"
            raise RuntimeError(msg)
        ids: list[int] = buffer[:n]
        return ids

    def special(self, text: str) -> int | None:
        """Id of the special token that is spelled exactly `text`, if there is one."""
        ids = self._ids(text, special=True)
        if len(ids) == 1 and self.text(ids[0]) == text:
            return ids[0]
        if self._scanned:
            return self._by_text.get(text)
        return None

    _scanned = False

    def scan(self) -> None:
        """From now on `special` finds entries that are not marked special, too.

        Costs a walk over the whole vocabulary (60 ms for 150,000 entries), which is
        why it is not the first choice.
        """
        self._scanned = True

    @cached_property
    def _by_text(self) -> dict[str, int]:
        return {self.text(token): token for token in range(self.n_tokens)}

    def text(self, token: int) -> str:
        """How the vocabulary spells a token (not what it writes)."""
        raw: bytes | None = lib.llama_vocab_get_text(self._vocab, token)
        return (raw or b"").decode("utf-8", "replace")

    def is_end(self, token: int) -> bool:
        """Whether llama.cpp counts the token as an end of generation."""
        return bool(lib.llama_vocab_is_eog(self._vocab, token))

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes that a token writes; nothing for a control token.

        With ``special`` control tokens are spelled out. The bytes of one token may
        be a part of a character.
        """
        known = None if special else self._pieces.get(token)
        if known is None:
            known = self._piece(token, special=special)
            if not special:
                self._pieces[token] = known
        return known

    def _piece(self, token: int, *, special: bool) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            n = lib.llama_token_to_piece(self._vocab, token, buffer, size, 0, special)
            if n >= 0:
                return buffer.raw[:n]
            size = -n

    def detokenize(self, tokens: list[int], *, special: bool = False) -> str:
        """The text that the tokens write; broken characters become U+FFFD."""
        pieces = (self.piece(t, special=special) for t in tokens)
        return b"".join(pieces).decode("utf-8", "replace")
