"""A decoder's logits on whole texts, to set beside llama.cpp's."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
import torch

from codeassist.errors import MemoryShortError

from .checkpoint import load_decoder, read_config
from .model import Decoder
from .presets import parameters

__all__ = ["load_exact", "logits"]


def load_exact(folder: Path) -> Decoder:
    """Load a checkpoint in float32, where there is room for it.

    Raises:
        MemoryShortError: there is not.
        ModelFileError: the checkpoint is missing, truncated or does not fit.
    """
    need, free = 4 * parameters(read_config(folder)), psutil.virtual_memory().available
    if need > free:
        msg = (
            f"{folder} takes {need / 1e9:.1f} GB in float32, {free / 1e9:.1f} GB are "
            f"free; write it as a GGUF, which llama.cpp runs from disk"
        )
        raise MemoryShortError(msg)
    return load_decoder(folder, dtype=torch.float32)


@torch.no_grad()
def logits(decoder: Decoder, ids: Sequence[int]) -> npt.NDArray[np.float32]:
    """Logits after each token of a text, which stands for itself.

    *Shape:* ``(len(ids), vocabulary)``.
    """
    device = next(decoder.parameters()).device
    found = decoder(torch.tensor([list(ids)], device=device)).logits[0]
    array: npt.NDArray[np.float32] = found.float().cpu().numpy()
    return array
