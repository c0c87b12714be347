"""A GGUF that llama.cpp has loaded, freed when nothing refers to it any more."""

import contextlib
import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from codeassist.errors import ModelFileError

from .native import complaints, init, last_complaint, lib

__all__ = ["Progress", "Weights", "check_magic"]

ALL_LAYERS = 1_000

Progress = Callable[[float], bool | None]
"""Told the part that is loaded, from 0 to 1; False aborts the loading."""


class Weights:
    """Owner of a ``llama_model`` pointer.

    Args:
        path: The GGUF.
        vocab_only: Load the tokenizer and the metadata alone.
        gpu_layers: Layers on the GPU where the build offers one; -1: all.
        progress: Called with the part that is loaded, from 0 to 1; False aborts.

    Raises:
        ModelFileError: missing, foreign, truncated, or of an unknown architecture.
    """

    def __init__(
        self,
        path: Path,
        *,
        vocab_only: bool = False,
        gpu_layers: int = -1,
        progress: Progress | None = None,
    ) -> None:
        check_magic(path)
        init()
        params = lib.llama_model_default_params()
        params.vocab_only = vocab_only
        offload = lib.llama_supports_gpu_offload()
        layers = ALL_LAYERS if gpu_layers < 0 else gpu_layers
        params.n_gpu_layers = layers if offload else 0
        callback = None  # must live as long as the load
        if progress is not None:
            params.progress_callback = callback = _callback(progress)
        complaints.clear()
        self.pointer: Any = lib.llama_model_load_from_file(os.fsencode(path), params)
        del callback
        if not self.pointer:
            msg = (
                f"{path} is damaged or of a kind that llama.cpp does not know "
                f"({last_complaint()}); fetch or convert it again"
            )
            raise ModelFileError(msg)

    def __del__(self) -> None:
        if getattr(self, "pointer", None):
            with contextlib.suppress(TypeError):  # the interpreter is going down
                lib.llama_model_free(self.pointer)


def _callback(tell: Progress) -> Any:
    def callback(part: float, _user: ctypes.c_void_p) -> bool:
        return tell(part) is not False

    return lib.llama_progress_callback(callback)


def check_magic(path: Path) -> None:
    """Refuse what is not a GGUF before llama.cpp meets it.

    Raises:
        ModelFileError: missing, unreadable, or foreign.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); name a GGUF file"
        raise ModelFileError(msg) from error
    if magic != b"GGUF":
        msg = f"{path} is not a GGUF file; name one, or an id of `codeassist models`"
        raise ModelFileError(msg)
