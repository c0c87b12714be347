"""How much of a small change of a weight is left when it is rounded to a type.

Weights that lie on a type's grid already snap back to it: a change of less than half
a step is gone. What was dequantised and is quantised again to the same type does that.
"""

from collections.abc import Mapping

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

from codeassist.errors import ModelFileError

from .checkpoint import Array, TensorReader
from .lora import Adapter
from .running import ggml

__all__ = ["kept", "rounded", "survivors"]

MOST = 6
"""Tensors of a kind that are looked at."""


def rounded(weight: Array, kind: str) -> Array:
    """Bring a matrix to a type of ggml and back to float32.

    Raises:
        ModelFileError: its rows do not divide into the type's blocks.
    """
    type_ = GGMLQuantizationType[kind]
    block, size = GGML_QUANT_SIZES[type_]
    rows, columns = weight.shape
    if columns % block:
        msg = f"{columns:,} columns do not divide into blocks of {kind}"
        raise ModelFileError(msg)
    data = np.ascontiguousarray(weight, np.float32)
    packed = np.empty((rows, columns // block * size), np.uint8)
    places = data.ctypes.data, packed.ctypes.data
    ggml().ggml_quantize_chunk(type_.value, *places, 0, rows, columns, None)
    if type_ in (GGMLQuantizationType.F32, GGMLQuantizationType.F16):
        kinds = {GGMLQuantizationType.F32: np.float32}
        packed = packed.view(kinds.get(type_, np.float16))
    found: Array = quants.dequantize(packed, type_)
    return found.astype(np.float32, copy=False)


def kept(weight: Array, change: Array, kind: str) -> float:
    """Share of a change that is left after rounding: 0 none, 1 all.

    It is what the rounded change has in the change's own direction; ordinary rounding
    noise, which has none, does not count.
    """
    left = rounded(weight + change, kind) - rounded(weight, kind)
    return float((left * change).sum() / np.square(change).sum())


def survivors(
    weights: TensorReader, adapter: Adapter, kinds: Mapping[str, str], scale: float
) -> Mapping[str, float]:
    """What share of an adapter is left in each type.

    Args:
        weights: Of the base.
        adapter: What is merged into them.
        kinds: Type that each weight would have, by our names; a few of each are tried.
        scale: The user's factor.
    """
    shares: dict[str, list[float]] = {}
    for name, kind in kinds.items():
        tried = shares.setdefault(kind, [])
        pair = adapter.pairs.get(name)
        if pair is None or len(tried) == MOST or not pair.b.any():
            continue
        step = np.float32(scale * adapter.alpha / pair.rank)
        tried.append(kept(weights[name], step * (pair.b @ pair.a), kind))
    return {kind: float(np.mean(each)) for kind, each in shares.items() if each}
