"""Causal attention: grouped heads of any number, windows, and DeepSeek's latent form.

In shapes B is batch, T tokens, H query heads, K key-value heads, D a head's width.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from codeassist.decoder import DecoderConfig

from .packed_attention import Packed, attend_packed, fits_packed
from .parts import Parts
from .rope import Rotation, rotate

__all__ = [
    "Attention",
    "Documents",
    "LatentAttention",
    "Mask",
    "attend",
    "make_mask",
    "score_bytes",
]


PRODUCTS_UP_TO = 1280
"""Tokens of a row whose scores may all be in memory: ``score_bytes`` a layer."""


@dataclass(frozen=True, slots=True)
class Documents:
    """Packed documents one after another, which do not see each other."""

    lengths: tuple[int, ...]
    """Tokens of each, of one row after another; padding counts as a document."""

    window: int | None
    """Tokens that one sees, itself among them; None: all."""


Mask = Tensor | Documents | Packed | None
"""Who may see whom; None stands for all that came before."""


def make_mask(
    tokens: int, *, window: int | None, documents: Tensor | None, device: torch.device
) -> Mask:
    """Return who may see whom.

    Documents are kept apart by where they begin, not by a mask: most of what it hides
    would be computed in vain, and an eighth is left of eight documents in a row.

    Args:
        tokens: length of the sequence.
        window: tokens that one sees, itself among them; None: all.
        documents: (B, T) numbers of packed documents, which do not see each other.
        device: where the mask is needed.

    Shape:
        returns: elsewhere (B or 1, 1, T, T), true where the row's token sees the
            column's
    """
    if documents is None and (window is None or window >= tokens):
        return None
    if documents is not None and documents.device.type == "cpu":
        return Documents(_lengths(documents), window)
    if documents is not None and documents.device.type == "cuda":
        return Packed.of(documents, window)
    place = torch.arange(tokens, device=device)
    distance = place[:, None] - place[None, :]
    allowed = distance >= 0
    if window is not None:
        allowed = allowed & (distance < window)
    if documents is None:
        return allowed[None, None]
    same = documents[:, :, None] == documents[:, None, :]
    return (allowed & same)[:, None]


def _lengths(documents: Tensor) -> tuple[int, ...]:
    """Tokens of each document, of one row after another."""
    begins = torch.ones_like(documents, dtype=torch.bool)
    begins[:, 1:] = documents[:, 1:] != documents[:, :-1]
    places = begins.flatten().nonzero().flatten()
    ends = torch.cat((places[1:], places.new_tensor([documents.numel()])))
    return tuple((ends - places).tolist())


def attend(q: Tensor, k: Tensor, v: Tensor, *, mask: Mask, scale: float) -> Tensor:
    """Attend and join the heads.

    Shape:
        q: (B, T, H, D)
        k, v: (B, T, K, D or value width), H being a multiple of K
        mask: of ``make_mask``
        returns: (B, T, H * value width)
    """
    if isinstance(mask, Documents):
        return _attend_by_documents(q, k, v, documents=mask, scale=scale)
    if isinstance(mask, Packed):
        if fits_packed(q, v):
            return attend_packed(q, k, v, packed=mask, scale=scale)
        mask = mask.allowed(*q.shape[:2])
    if _by_products(q):
        return _attend_by_products(q, k, v, mask=mask, scale=scale)
    joined = F.scaled_dot_product_attention(
        q.transpose(1, 2),
        k.transpose(1, 2),
        v.transpose(1, 2),
        attn_mask=mask,
        is_causal=mask is None,
        scale=scale,
        enable_gqa=q.shape[2] != k.shape[2],
    )
    return joined.transpose(1, 2).flatten(2)


def _attend_by_documents(
    q: Tensor, k: Tensor, v: Tensor, *, documents: Documents, scale: float
) -> Tensor:
    """As ``attend``, one document after another."""
    device, window, lengths = q.device, documents.window, [*documents.lengths]
    apart = (torch.split(each.flatten(0, 1), lengths) for each in (q, k, v))
    joined = [
        attend(
            *(each[None] for each in parts),
            mask=make_mask(n, window=window, documents=None, device=device),
            scale=scale,
        )
        for n, *parts in zip(lengths, *apart, strict=True)
    ]
    return torch.cat(joined, 1).view(*q.shape[:2], -1)


def score_bytes(rows: int, heads: int, tokens: int, size: int) -> int:
    """Bytes of scores that training keeps for a layer where it attends by products.

    Args:
        rows: of a batch.
        heads: that ask.
        tokens: of a row.
        size: bytes of a number.
    """
    return rows * heads * tokens**2 * size if tokens <= PRODUCTS_UP_TO else 0


def _by_products(q: Tensor) -> bool:
    """Whether plain products are faster than torch's kernel: its backward on a CPU."""
    trained = torch.is_grad_enabled() and q.requires_grad
    return q.device.type == "cpu" and trained and q.shape[1] <= PRODUCTS_UP_TO


def _attend_by_products(
    q: Tensor, k: Tensor, v: Tensor, *, mask: Tensor | None, scale: float
) -> Tensor:
    """As ``attend``, with all scores in memory and each key-value head read once.

    What all keys have in common adds the same to all scores of a query. bfloat16 would
    round the large scores that come of it, so it is taken off first (SageAttention,
    Zhang et al. 2025, arXiv 2410.02367, smooths keys for the same reason).
    """
    rows, tokens, heads, _ = q.shape
    kv_heads = k.shape[2]
    stacked = rows, kv_heads, heads // kv_heads * tokens
    if mask is None:
        mask = q.new_ones((1, 1, tokens, tokens), dtype=torch.bool).tril()
    if k.element_size() < 4:
        k = (k - k.mean(1, keepdim=True, dtype=torch.float32)).to(k.dtype)
    q = (q * scale).transpose(1, 2).reshape(*stacked, -1)
    scores = (q @ k.permute(0, 2, 3, 1)).view(rows, heads, tokens, tokens)
    shares = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    mixed = shares.view(*stacked, tokens) @ v.transpose(1, 2)
    return mixed.view(rows, heads, tokens, -1).transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Multi-head, grouped-query or multi-query attention."""

    def __init__(self, *, config: DecoderConfig, name: str, parts: Parts) -> None:
        super().__init__()
        c = config
        self.heads, self.kv_heads = c.heads, c.kv_heads
        self.scale = c.score_scale
        q, kv, bias = c.heads * c.head_dim, c.kv_heads * c.head_dim, c.qkv_bias
        linear = parts.linear
        self.q = linear(f"{name}.q", inputs=c.width, outputs=q, bias=bias)
        self.k = linear(f"{name}.k", inputs=c.width, outputs=kv, bias=bias)
        self.v = linear(f"{name}.v", inputs=c.width, outputs=kv, bias=bias)
        self.o = linear(f"{name}.o", inputs=q, outputs=c.width, bias=c.bias)
        self.q_norm = nn.RMSNorm(c.head_dim, eps=c.norm_eps) if c.qk_norm else None
        self.k_norm = nn.RMSNorm(c.head_dim, eps=c.norm_eps) if c.qk_norm else None

    def forward(self, x: Tensor, turn: Rotation | None, mask: Mask) -> Tensor:
        """Mix tokens.

        Shape:
            x: (B, T, width)
            returns: the same
        """
        q = self.q(x).unflatten(-1, (self.heads, -1))  # (B, T, H, D)
        k = self.k(x).unflatten(-1, (self.kv_heads, -1))  # (B, T, K, D)
        v = self.v(x).unflatten(-1, (self.kv_heads, -1))  # (B, T, K, D)
        if self.q_norm is not None and self.k_norm is not None:
            q, k = self.q_norm(q), self.k_norm(k)
        if turn is not None:
            q, k = rotate(q, turn), rotate(k, turn)
        # autocast norms and turns in float32; the kernels want what the products gave
        q, k = q.to(v.dtype), k.to(v.dtype)
        mixed: Tensor = self.o(attend(q, k, v, mask=mask, scale=self.scale))
        return mixed


class LatentAttention(nn.Module):
    """Multi-head Latent Attention: keys and values grow out of one small vector.

    A head's query and key have a part without positions and one with RoPE, whose key
    all heads share.
    """

    def __init__(self, *, config: DecoderConfig, name: str, parts: Parts) -> None:
        super().__init__()
        c, m = config, config.latent
        assert m is not None
        self.heads, self.scale = c.heads, c.score_scale
        self.q_split = [m.nope_dim, m.rope_dim]
        self.kv_a_split = [m.kv_rank, m.rope_dim]
        self.kv_split = [m.nope_dim, m.value_dim]
        q, kv = c.heads * sum(self.q_split), c.heads * sum(self.kv_split)
        linear = parts.linear
        if m.q_rank:
            self.q_a = linear(f"{name}.q_a", inputs=c.width, outputs=m.q_rank)
            self.q_a_norm = nn.RMSNorm(m.q_rank, eps=c.norm_eps)
            self.q_b = linear(f"{name}.q_b", inputs=m.q_rank, outputs=q)
        else:
            self.q = linear(f"{name}.q", inputs=c.width, outputs=q)
        small = sum(self.kv_a_split)
        self.kv_a = linear(f"{name}.kv_a", inputs=c.width, outputs=small)
        self.kv_a_norm = nn.RMSNorm(m.kv_rank, eps=c.norm_eps)
        self.kv_b = linear(f"{name}.kv_b", inputs=m.kv_rank, outputs=kv)
        values = c.heads * m.value_dim
        self.o = linear(f"{name}.o", inputs=values, outputs=c.width)
        self.compressed_q = bool(m.q_rank)

    def forward(self, x: Tensor, turn: Rotation | None, mask: Mask) -> Tensor:
        """Mix tokens.

        Shape:
            x: (B, T, width)
            returns: the same
        """
        assert turn is not None
        q = self.q_b(self.q_a_norm(self.q_a(x))) if self.compressed_q else self.q(x)
        q = q.unflatten(-1, (self.heads, -1))  # (B, T, H, nope + rope)
        q_nope, q_rope = q.split(self.q_split, dim=-1)
        latent, k_rope = self.kv_a(x).split(self.kv_a_split, dim=-1)
        kv = self.kv_b(self.kv_a_norm(latent))
        kv = kv.unflatten(-1, (self.heads, -1))  # (B, T, H, nope + value)
        k_nope, v = kv.split(self.kv_split, dim=-1)
        k_rope = rotate(k_rope.unsqueeze(2), turn)  # (B, T, 1, rope)
        k_rope = k_rope.expand(-1, -1, self.heads, -1)
        q = torch.cat((q_nope, rotate(q_rope, turn)), dim=-1)
        k = torch.cat((k_nope, k_rope), dim=-1)
        mixed: Tensor = self.o(attend(q, k, v, mask=mask, scale=self.scale))
        return mixed
