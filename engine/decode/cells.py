"""The cells of llama.cpp's KV cache, as far as sequences need them."""

from typing import Any

from .native import lib

__all__ = ["ContextCells"]


class ContextCells:
    """The KV cache of a llama.cpp context; all of its sequences share the cells.

    Args:
        context: A ``llama_context`` pointer that outlives this.
    """

    def __init__(self, context: Any) -> None:
        self._memory = lib.llama_get_memory(context)

    def cut(self, number: int, start: int) -> bool:
        """Forget a sequence from a position on; False where the model cannot."""
        return bool(lib.llama_memory_seq_rm(self._memory, number, start, -1))

    def copy(self, source: int, target: int, end: int) -> None:
        """Share a sequence's cells up to a position with another, empty one."""
        lib.llama_memory_seq_cp(self._memory, source, target, 0, end)

    def length(self, number: int) -> int:
        """How many tokens of a sequence are there."""
        return int(lib.llama_memory_seq_pos_max(self._memory, number)) + 1

    def clear(self) -> None:
        """Forget everything, the bytes too."""
        lib.llama_memory_clear(self._memory, True)
