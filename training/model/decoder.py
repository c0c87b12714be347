"""The decoder: embedding, layers, norm, output; every family is a configuration.

In shapes B is batch, T tokens, M layers with experts, E experts of such a layer.
"""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from codeassist.decoder import DecoderConfig

from .attention import Attention, LatentAttention, Mask, make_mask
from .feed_forward import FeedForward, MixtureOfExperts, Routing
from .parts import Parts, StackedLinear, norm
from .rope import Rotation, rotation

__all__ = ["Decoder", "Output"]


class Output(NamedTuple):
    """What a forward pass gives.

    Shape:
        logits: (B, T, vocabulary), or (kept tokens, vocabulary)
        balance: scalar, mean load-balancing loss of the layers with experts, else 0
        shares: (M, E), part of the choices that fell on each expert; empty when dense
    """

    logits: Tensor
    balance: Tensor
    shares: Tensor


class Layer(nn.Module):
    """Attention and a feed-forward, each behind its norm and beside a residual."""

    def __init__(self, *, config: DecoderConfig, index: int, parts: Parts) -> None:
        super().__init__()
        name = f"layers.{index}"
        window = config.window if config.has_window(index) else None
        self.window = window.size if window else None
        self.has_rope = config.has_rope(index)
        self.attention_norm = norm(config)
        kind = LatentAttention if config.latent else Attention
        self.attention = kind(config=config, name=f"{name}.attention", parts=parts)
        self.ffn_norm = norm(config)
        self.ffn: FeedForward | MixtureOfExperts
        if config.has_experts(index):
            self.ffn = MixtureOfExperts(config=config, name=f"{name}.ffn", parts=parts)
        else:
            width = config.ffn_width
            self.ffn = FeedForward(
                config=config, width=width, name=f"{name}.ffn", parts=parts
            )

    def forward(
        self, x: Tensor, turn: Rotation | None, mask: Mask, real: Tensor | None
    ) -> tuple[Tensor, Routing | None]:
        """Return the residual stream after this layer, and what its gate chose.

        Shape:
            x: (B, T, width)
            real: (B, T) booleans, which tokens count for the gate's balance
            returns: as x
        """
        turn = turn if self.has_rope else None
        x = x + self.attention(self.attention_norm(x), turn, mask)
        normed = self.ffn_norm(x)
        if isinstance(self.ffn, MixtureOfExperts):
            out, routing = self.ffn(normed, real)
            return x + out, routing
        return x + self.ffn(normed), None


class Decoder(nn.Module):
    """A causal language model whose tensors are named as ``tensor_shapes`` says.

    Args:
        config: the shapes.
        parts: where linears and embeddings come from.
        recompute: forget activations and compute them again in the backward pass.
    """

    def __init__(
        self,
        config: DecoderConfig,
        *,
        parts: Parts | None = None,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        parts = parts or Parts()
        self.config, self.recompute = config, recompute
        vocab, width = config.vocab_size, config.width
        self.embedding = parts.embedding("embedding", rows=vocab, width=width)
        self.positions = None
        if config.rope is None:
            self.positions = parts.embedding(
                "positions", rows=config.context, width=width
            )
        self.layers = nn.ModuleList(
            Layer(config=config, index=index, parts=parts)
            for index in range(config.layers)
        )
        self.norm = norm(config)
        self.output = None
        if not config.tied:
            self.output = parts.linear("output", inputs=width, outputs=vocab)

    def forward(
        self,
        ids: Tensor,
        *,
        positions: Tensor | None = None,
        documents: Tensor | None = None,
        keep: Tensor | None = None,
        real: Tensor | None = None,
    ) -> Output:
        """Score the next token everywhere, or where ``keep`` is true.

        Shape:
            ids: (B, T)
            positions: (B, T), where each token stands in its document; None: 0 to T - 1
            documents: (B, T) numbers of packed documents, which do not see each other
            keep: (B, T) booleans
            real: (B, T) booleans, which tokens are no padding; None: all
        """
        x, routings = self._run(ids, positions, documents, real)
        if keep is not None:
            x = x[keep]  # (kept tokens, width)
        if routings:
            balance = torch.stack([each.balance for each in routings]).mean()
            shares = torch.stack([each.share for each in routings])
        else:
            balance, shares = x.new_zeros(()), x.new_zeros((0, 0))
        return Output(self._head(self.norm(x)), balance, shares)

    def _run(
        self,
        ids: Tensor,
        positions: Tensor | None,
        documents: Tensor | None,
        real: Tensor | None,
    ) -> tuple[Tensor, list[Routing]]:
        """Return the residual stream after the last layer, (B, T, width)."""
        tokens = ids.shape[1]
        if positions is None:
            positions = torch.arange(tokens, device=ids.device)[None]
        x: Tensor = self.embedding(ids)
        if self.positions is not None:
            x = x + self.positions(positions)
        turn = rotation(self.config, positions, x.dtype) if self.config.rope else None
        masks: dict[int | None, Mask] = {}
        routings = []
        for layer in self.layers:
            assert isinstance(layer, Layer)
            window = layer.window
            if window not in masks:
                masks[window] = make_mask(
                    tokens, window=window, documents=documents, device=ids.device
                )
            if self.recompute and torch.is_grad_enabled():
                x, routing = checkpoint(
                    layer, x, turn, masks[window], real, use_reentrant=False
                )
            else:
                x, routing = layer(x, turn, masks[window], real)
            if routing is not None:
                routings.append(routing)
        return x, routings

    def _head(self, x: Tensor) -> Tensor:
        """Return logits of normed vectors."""
        if self.output is None:
            project = getattr(self.embedding, "project", None)
            if project is not None:  # an adapted table adapts both ends
                return cast(Tensor, project(x))
            weight = self.embedding.weight
            assert isinstance(weight, Tensor)
            return F.linear(x, weight)
        logits: Tensor = self.output(x)
        return logits

    @torch.no_grad()
    def initialise(self, seed: int) -> None:
        """Draw all weights afresh: N(0, 0.02), narrower where residuals add up."""
        chance = torch.Generator(next(self.parameters()).device).manual_seed(seed)
        narrow = 0.02 / (2 * self.config.layers) ** 0.5
        for name, part in self.named_modules():
            if isinstance(part, nn.Linear | nn.Embedding | StackedLinear):
                adds = name.endswith((".o", ".down"))
                std = narrow if adds else 0.02
                nn.init.normal_(part.weight, std=std, generator=chance)
                if isinstance(part, nn.Linear) and part.bias is not None:
                    nn.init.zeros_(part.bias)
