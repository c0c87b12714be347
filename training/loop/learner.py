"""Decoder and loss in one module: rows in, the summed loss of their learned tokens out.

The output layer runs on learned tokens alone and a chunk of them at a time, so that the
logits of a large vocabulary are never all in memory; their gradient is taken on the way
(as in Liger Kernel, Hsu et al. 2024, arXiv 2410.10989).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from codeassist.training.lora import LoraEmbedding
from codeassist.training.model import Decoder

from .batches import Batch

__all__ = ["Learned", "Learner", "learning"]

CHUNK_BYTES = 2**27
"""Of logits at once, at two bytes each."""

CACHED = 2**18
"""Logits in float32 that stay in a core's cache."""

Head = Callable[[Tensor], Tensor]


class Learned(NamedTuple):
    """What a batch gives.

    Shape:
        loss: scalar, summed over learned tokens
        balance, shares: as of ``codeassist.training.model.Output``
    """

    loss: Tensor
    balance: Tensor
    shares: Tensor


class Learner(nn.Module):
    """A decoder that gives losses in place of logits; made by ``learning``."""

    def __init__(
        self, decoder: Decoder, output: nn.Module | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__()
        self.decoder, self.output, self.autocast = decoder, output, dtype

    def forward(self, batch: Batch) -> Learned:
        """Sum the cross-entropies of the batch's learned tokens."""
        device = batch.ids.device.type
        low = self.autocast
        with torch.autocast(device, dtype=low, enabled=low is not None):
            out = self.decoder(
                batch.ids,
                positions=batch.positions,
                documents=batch.documents,
                keep=batch.keep,
                real=batch.real,
            )
            loss = self._loss(out.logits, batch.targets)
        return Learned(loss, out.balance, out.shares)

    def _loss(self, x: Tensor, targets: Tensor) -> Tensor:
        head = self.decoder.embedding if self.output is None else self.output
        learned = [each for each in head.parameters() if each.requires_grad]
        size = max(16, CHUNK_BYTES // (2 * self.decoder.config.vocab_size))
        apply = cast(Callable[..., Tensor], _ChunkedLoss.apply)  # torch types no apply
        return apply(x, targets, self._logits, size, *learned)

    def _logits(self, x: Tensor) -> Tensor:
        if self.output is not None:
            return cast(Tensor, self.output(x))
        table = self.decoder.embedding
        if isinstance(table, LoraEmbedding):
            return table.project(x)
        return F.linear(x, cast(Tensor, table.weight))


@contextmanager
def learning(decoder: Decoder, dtype: torch.dtype | None) -> Iterator[Learner]:
    """A learner around a decoder, which has no output layer of its own meanwhile.

    Args:
        decoder: what is trained.
        dtype: of autocast; None: everything runs in the weights' type.
    """
    output = decoder.output
    decoder.output = nn.Identity()  # so that it gives features in place of logits
    try:
        yield Learner(decoder, output, dtype)
    finally:
        decoder.output = output


class _ChunkedLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, targets: Tensor, head: Head, size: int, *learned: Tensor
    ) -> Tensor:
        """Sum over ``x`` of (kept tokens, width), ``learned`` being the head's own."""
        wanted = any(ctx.needs_input_grad)
        total = x.new_zeros((), dtype=torch.float32)
        for_x = torch.zeros_like(x) if wanted else None
        for_learned = [torch.zeros_like(each) for each in learned] if wanted else []
        for first in range(0, len(x), size):
            part = x[first : first + size].detach().requires_grad_(wanted)
            with torch.set_grad_enabled(wanted):
                logits = head(part)
            scores = logits.detach()
            total += _to_gradient(scores, targets[first : first + size])
            if for_x is None:
                continue
            found = torch.autograd.grad(logits, (part, *learned), scores)
            for_x[first : first + size] = found[0]
            for sum_, each in zip(for_learned, found[1:], strict=True):
                sum_ += each
        if for_x is not None:
            ctx.save_for_backward(for_x, *for_learned)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        for_x, *for_learned = ctx.saved_tensors
        factor = gradients[0]
        for_x = for_x * factor if ctx.needs_input_grad[0] else None
        return for_x, None, None, None, *(each * factor for each in for_learned)


def _to_gradient(logits: Tensor, targets: Tensor) -> Tensor:
    """Put the gradient of the summed cross-entropy in the logits' place; return the sum.

    On a CPU it goes through them in pieces that its cache holds, which took a twelfth
    of the time of autograd's way (151,936 tokens, bfloat16).

    Shape:
        logits: (tokens, vocabulary), overwritten
        targets: (tokens,)
    """
    rows = len(logits)
    if logits.device.type == "cpu":
        rows = max(1, CACHED // logits.shape[1])
    total = logits.new_zeros((), dtype=torch.float32)
    for piece, ids in zip(
        torch.split(logits, rows), torch.split(targets, rows), strict=True
    ):
        scores = piece.to(torch.float32, copy=True)
        wanted = scores.gather(1, ids[:, None])
        top = scores.amax(dim=1, keepdim=True)
        sums = scores.sub_(top).exp_().sum(dim=1, keepdim=True)
        log_p = wanted - top - sums.log()
        total -= log_p.sum()
        scores.div_(sums).scatter_(1, ids[:, None], log_p.expm1())
        piece.copy_(scores)
    return total
