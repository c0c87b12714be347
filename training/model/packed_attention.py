"""Attention over packed documents on a GPU: FlashAttention's kernel for many lengths.

It reads where documents begin and computes nothing between them (Dao 2023, arXiv
2307.08691), where a mask of all pairs would be read for every head.
"""

from inspect import signature
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.attention.varlen import varlen_attn

__all__ = ["Packed", "attend_packed", "fits_packed"]

WIDEST = 256
"""Numbers of a head, of the kernel."""

SHARED: dict[str, Any] = (
    {"enable_gqa": True} if "enable_gqa" in signature(varlen_attn).parameters else {}
)
"""That heads share keys and values; where torch has no word for it, it does so unasked."""


class Packed(NamedTuple):
    """Documents one after another, which do not see each other."""

    offsets: Tensor
    """Where each begins in all rows laid end to end, and where the last one ends.
    *Shape:* ``(documents + 1,)``, int32"""

    longest: int
    """Tokens of a document at the most."""

    window: int | None
    """Tokens that one sees, itself among them; None: all."""

    @classmethod
    def of(cls, documents: Tensor, window: int | None) -> "Packed":
        """From the number of each token's document, (B, T); padding counts as one."""
        begins = torch.ones_like(documents, dtype=torch.bool)
        begins[:, 1:] = documents[:, 1:] != documents[:, :-1]
        places = begins.flatten().nonzero().flatten()
        end = places.new_tensor([documents.numel()])
        return cls(torch.cat((places, end)).int(), documents.shape[1], window)

    def allowed(self, rows: int, tokens: int) -> Tensor:
        """The same as a mask.

        Shape:
            returns: (rows, 1, tokens, tokens), true where the row's token sees the
                column's
        """
        place = torch.arange(rows * tokens, device=self.offsets.device)
        inner = self.offsets[1:-1].contiguous()
        document = torch.bucketize(place, inner, right=True).view(rows, tokens)
        place = place[:tokens]
        distance = place[:, None] - place[None, :]
        seen = distance >= 0
        if self.window is not None:
            seen = seen & (distance < self.window)
        return (seen & (document[:, :, None] == document[:, None, :]))[:, None]


def fits_packed(q: Tensor, v: Tensor) -> bool:
    """Whether the kernel can do it: half precision, and values as wide as queries."""
    low = q.dtype in (torch.bfloat16, torch.float16)
    return low and q.shape[-1] == v.shape[-1] <= WIDEST


def attend_packed(
    q: Tensor, k: Tensor, v: Tensor, *, packed: Packed, scale: float
) -> Tensor:
    """Attend and join the heads.

    Shape:
        q: (B, T, H, D)
        k, v: (B, T, K, D), H being a multiple of K
        returns: (B, T, H * D)
    """
    left = -1 if packed.window is None else packed.window - 1
    longest, offsets = packed.longest, packed.offsets
    mixed = varlen_attn(
        q.flatten(0, 1),
        k.flatten(0, 1),
        v.flatten(0, 1),
        offsets,
        offsets,
        longest,
        longest,
        scale=scale,
        window_size=(left, 0),
        **SHARED,
    )
    assert isinstance(mixed, Tensor)
    return mixed.view(*q.shape[:2], -1)
