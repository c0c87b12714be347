"""Feed-forwards: SwiGLU, GELU, and DeepSeekMoE's mixture of experts.

In shapes B is batch, T tokens, E routed experts, U experts used by a token.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from codeassist.decoder import DecoderConfig, Experts

from .parts import Parts, StackedLinear

__all__ = ["FeedForward", "MixtureOfExperts", "Routing", "route"]


class Routing(NamedTuple):
    """Which experts each token goes to.

    Shape:
        chosen, gates: (tokens, U)
        share: (E,) part of all choices that fell on each expert
        balance: scalar, 1 when the gate is balanced, up to E when it is not
    """

    chosen: Tensor
    gates: Tensor
    share: Tensor
    balance: Tensor


def route(scores: Tensor, experts: Experts, real: Tensor | None = None) -> Routing:
    """Choose experts by a softmax over all of them.

    The balance is DeepSeekMoE's expert-level loss without its factor: the sum over
    experts of E * share * mean probability, where only the latter has a gradient.

    Shape:
        scores: (tokens, E), before the softmax
        real: (tokens,) booleans, which tokens count in share and balance; None: all
    """
    probabilities = scores.float().softmax(dim=-1)
    gates, chosen = probabilities.topk(experts.used, dim=-1)
    if experts.renormalise:
        gates = gates / gates.sum(dim=-1, keepdim=True)
    weights = probabilities.new_ones(len(scores)) if real is None else real.float()
    each = weights.repeat_interleave(experts.used)
    counts = chosen.flatten().bincount(each, minlength=experts.count)
    share = counts / counts.sum()
    mean = (weights[:, None] * probabilities).sum(dim=0) / weights.sum()
    balance = experts.count * (share * mean).sum()
    return Routing(chosen, gates * experts.scale, share, balance)


class FeedForward(nn.Module):
    """SwiGLU, or GELU in its tanh form."""

    def __init__(
        self, *, config: DecoderConfig, width: int, name: str, parts: Parts
    ) -> None:
        super().__init__()
        c = config
        linear = parts.linear
        self.gate = None
        if c.activation == "swiglu":
            self.gate = linear(
                f"{name}.gate", inputs=c.width, outputs=width, bias=c.bias
            )
        self.up = linear(f"{name}.up", inputs=c.width, outputs=width, bias=c.bias)
        self.down = linear(f"{name}.down", inputs=width, outputs=c.width, bias=c.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map every token for itself.

        Shape:
            x: (…, width)
            returns: the same
        """
        up: Tensor = self.up(x)
        if self.gate is None:
            inner = F.gelu(up, approximate="tanh")
        else:
            inner = F.silu(self.gate(x)) * up
        down: Tensor = self.down(inner)
        return down


class RoutedExperts(nn.Module):
    """SwiGLU experts of which each row sees one."""

    def __init__(self, *, count: int, inputs: int, width: int) -> None:
        super().__init__()
        self.gate = StackedLinear(experts=count, inputs=inputs, outputs=width)
        self.up = StackedLinear(experts=count, inputs=inputs, outputs=width)
        self.down = StackedLinear(experts=count, inputs=width, outputs=inputs)

    def forward(self, x: Tensor, counts: Tensor) -> Tensor:
        """Send consecutive rows through consecutive experts, as ``StackedLinear``."""
        inner = F.silu(self.gate(x, counts)) * self.up(x, counts)
        down: Tensor = self.down(inner, counts)
        return down


class MixtureOfExperts(nn.Module):
    """Routed experts beside shared ones that every token takes.

    Device-limited routing is left out: it matters only where experts live on
    different machines.
    """

    def __init__(self, *, config: DecoderConfig, name: str, parts: Parts) -> None:
        super().__init__()
        e = config.experts
        assert e is not None
        self.settings = e
        self.router = parts.linear(
            f"{name}.router", inputs=config.width, outputs=e.count
        )
        self.experts = RoutedExperts(count=e.count, inputs=config.width, width=e.width)
        self.shared = None
        if e.shared:
            self.shared = FeedForward(
                config=config,
                width=e.shared * e.width,
                name=f"{name}.shared",
                parts=parts,
            )

    def forward(self, x: Tensor, real: Tensor | None = None) -> tuple[Tensor, Routing]:
        """Send every token through its experts.

        Shape:
            x: (B, T, width)
            real: (B, T) booleans, as of ``route``
            returns: as x, and the routing of B * T tokens
        """
        rows = x.flatten(0, 1)  # (B * T, width)
        real = None if real is None else real.flatten()
        routing = route(self.router(rows), self.settings, real)
        used = self.settings.used
        choice = routing.chosen.flatten()  # (B * T * U,)
        order = choice.argsort(stable=True)
        counts = choice.bincount(minlength=self.settings.count)
        mapped = self.experts(rows[order // used], counts)
        back = order.argsort()
        mapped = mapped[back].unflatten(0, (-1, used))  # (B * T, U, width)
        gates = routing.gates.to(mapped.dtype)
        out = torch.einsum("nud,nu->nd", mapped, gates).view_as(x)
        if self.shared is not None:
            out = out + self.shared(x)
        return out, routing
