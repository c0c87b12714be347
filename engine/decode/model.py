"""Weights in memory, with the adapter over them."""

import os
from pathlib import Path
from typing import Any

from codeassist.errors import AdapterError

from .adapter import check_adapter
from .native import last_complaint, lib
from .snapshot import digest
from .vocab import Vocab
from .weights import Progress, Weights

__all__ = ["Model", "open_vocabulary"]


class Model:
    """A GGUF ready to decode, and at most one LoRA adapter over it.

    Args:
        path: The GGUF.
        adapter: A LoRA adapter in GGUF; it is checked against the model first.
        gpu_layers: Layers on the GPU where the build offers one; -1: all.
        progress: Called with the part that is loaded, from 0 to 1;
            False aborts.

    Raises:
        ModelFileError: missing, foreign, truncated, or of an unknown architecture.
        AdapterError: an adapter that does not fit the model.
    """

    def __init__(
        self,
        path: Path,
        *,
        adapter: Path | None = None,
        gpu_layers: int = -1,
        progress: Progress | None = None,
    ) -> None:
        if adapter is not None:
            check_adapter(adapter, path)
        self.path = path
        self._weights = Weights(path, gpu_layers=gpu_layers, progress=progress)
        self.on_gpu = gpu_layers != 0 and bool(lib.llama_supports_gpu_offload())
        self.digest = digest(path)
        """Tells these weights from others."""
        self.adapter_digest = digest(adapter) if adapter is not None else ""
        self.pointer: Any = self._weights.pointer
        self.vocab = Vocab(self._weights)
        self.n_ctx_train: int = lib.llama_model_n_ctx_train(self.pointer)
        recurrent = lib.llama_model_is_recurrent(self.pointer)
        self.forgets = not (recurrent or lib.llama_model_is_hybrid(self.pointer))
        """Whether a part of what it has read can be taken out of its memory."""
        self.adapter: Any = self._adapt(adapter) if adapter is not None else None

    def _adapt(self, path: Path) -> Any:
        adapter = lib.llama_adapter_lora_init(self.pointer, os.fsencode(path))
        if not adapter:
            msg = f"{path}: llama.cpp cannot load this adapter ({last_complaint()})"
            raise AdapterError(msg)
        return adapter


def open_vocabulary(path: Path) -> Vocab:
    """The vocabulary of a GGUF, without its weights.

    Raises:
        ModelFileError: the file is missing, foreign or truncated.
    """
    return Vocab(Weights(path, vocab_only=True))
