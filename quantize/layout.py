"""Our tensors and llama.cpp's: one table of rewrites, read in both directions.

A tensor whose name is in no table has llama.cpp's name by ``gguf_name`` and the same
numbers. Letters in shapes: H heads, N and R the dimensions of a latent head without
and with RoPE, V of its values, K the rank of keys and values, D any width.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from codeassist.decoder import DecoderConfig, gguf_name, tensor_shapes

from .checkpoint import Array

__all__ = ["NORM_ROPE", "Piece", "joined_rows", "pair_up", "pieces", "reorder"]
__all__ += ["split_up"]

NORM_ROPE = frozenset({"llama", "deepseek", "deepseek2"})
"""Architectures whose RoPE llama.cpp turns in pairs (2i, 2i+1)."""

Shape = tuple[int, ...]
Many = Sequence[Array]


def pair_up(array: Array, *, heads: int) -> Array:
    """Bring rows from neox order (i, i + half) into norm order (2i, 2i+1), per head.

    *Shape:* ``(heads * dim, ...)``, the same for the result.
    """
    split = array.reshape(heads, 2, -1, *array.shape[1:])  # (H, 2, D/2, ...)
    return split.swapaxes(1, 2).reshape(array.shape)


def split_up(array: Array, *, heads: int) -> Array:
    """Undo ``pair_up``.

    *Shape:* ``(heads * dim, ...)``, the same for the result.
    """
    split = array.reshape(heads, -1, 2, *array.shape[1:])  # (H, D/2, 2, ...)
    return split.swapaxes(1, 2).reshape(array.shape)


@dataclass(frozen=True, slots=True)
class Piece:
    """Tensors of ours and of llama.cpp's that hold the same numbers."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    their_shapes: tuple[Shape, ...]
    to_theirs: Callable[[Many], Many]
    to_ours: Callable[[Many], Many]


def pieces(config: DecoderConfig, present: frozenset[str] | None = None) -> list[Piece]:
    """Every tensor of the decoder, in order, with how it stands in a GGUF.

    Args:
        config: The decoder.
        present: llama.cpp's names in a file that is read; None: one is to be written.
    """
    shapes = tensor_shapes(config)
    found, done = [], set[str]()
    for name in shapes:
        if name not in done:
            piece = _piece(config, name, shapes, present)
            done.update(piece.ours)
            found.append(piece)
    return found


def reorder(config: DecoderConfig, name: str, array: Array, *, out: bool) -> Array:
    """Bring rows of q and k into the order that the architecture's GGUF has, or back.

    Args:
        config: The decoder; nothing happens where its order is the architecture's.
        name: Our name of the tensor.
        array: Its weight, its bias, or the ``lora_b`` of its adapter.
        out: True: ours to the GGUF's; False: back.
    """
    rope = config.rope
    wanted = config.architecture in NORM_ROPE
    if rope is None or rope.interleaved == wanted:
        return array
    turn = pair_up if wanted == out else split_up
    part = name.rpartition(".")[0].rpartition("attention.")[2]
    if config.latent:
        return _reorder_latent(config, part, array, turn)
    heads = {"q": config.heads, "k": config.kv_heads}
    heads |= {"q_norm": 1, "k_norm": 1}
    return turn(array, heads=heads[part]) if part in heads else array


def _reorder_latent(
    config: DecoderConfig, part: str, array: Array, turn: Callable[..., Array]
) -> Array:
    assert config.latent is not None
    rope = config.latent.rope_dim
    if part == "kv_a":
        turned = turn(array[-rope:], heads=1)
        return np.concatenate([array[:-rope], turned])
    if part != ("q_b" if config.latent.q_rank else "q"):
        return array
    heads = array.reshape(config.heads, -1, *array.shape[1:]).copy()  # (H, N+R, D)
    for head in heads:
        head[-rope:] = turn(head[-rope:], heads=1)
    return heads.reshape(array.shape)


def _piece(
    config: DecoderConfig,
    name: str,
    shapes: dict[str, Shape],
    present: frozenset[str] | None,
) -> Piece:
    if config.architecture == "starcoder" and ".attention.q." in name:
        ours = tuple(name.replace(".q.", f".{part}.") for part in "qkv")
        return joined_rows(
            ours, gguf_name(name).replace("attn_q.", "attn_qkv."), shapes
        )
    if name.endswith("attention.kv_b.weight"):
        theirs = gguf_name(name)
        if present is None or theirs not in present:
            return _absorbed(config, name, theirs)
    turned = partial(_turn, config, name)
    return Piece(
        (name,),
        (gguf_name(name),),
        (shapes[name],),
        partial(turned, out=True),
        partial(turned, out=False),
    )


def _turn(config: DecoderConfig, name: str, arrays: Many, *, out: bool) -> Many:
    return [reorder(config, name, array, out=out) for array in arrays]


def joined_rows(
    ours: tuple[str, ...], theirs: str, shapes: Mapping[str, Shape]
) -> Piece:
    """Matrices, or their biases, one below the other in a single tensor."""
    rows = [shapes[each][0] for each in ours]
    cuts = np.cumsum(rows)[:-1]
    return Piece(
        ours,
        (theirs,),
        ((sum(rows), *shapes[ours[0]][1:]),),
        lambda parts: [np.concatenate(parts)],
        lambda joined: np.split(joined[0], cuts),
    )


def _absorbed(config: DecoderConfig, name: str, theirs: str) -> Piece:
    """Keys (transposed per head) and values of latent attention apart."""
    m, heads = config.latent, config.heads
    assert m is not None

    def apart(arrays: Many) -> Many:
        both = arrays[0].reshape(heads, m.nope_dim + m.value_dim, m.kv_rank)
        keys, values = both[:, : m.nope_dim], both[:, m.nope_dim :]
        return [keys.swapaxes(1, 2), values]  # (H, K, N), (H, V, K)

    def together(arrays: Many) -> Many:
        both = np.concatenate([arrays[0].swapaxes(1, 2), arrays[1]], axis=1)
        return [both.reshape(-1, m.kv_rank)]  # (H * (N+V), K)

    return Piece(
        (name,),
        (theirs.replace("attn_kv_b", "attn_k_b"), theirs.replace("kv_b", "v_b")),
        ((heads, m.kv_rank, m.nope_dim), (heads, m.value_dim, m.kv_rank)),
        apart,
        together,
    )
