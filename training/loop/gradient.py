"""The gradient of one step, summed over batches and processes; losses without one."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from codeassist.training.fim_data import NO_DOCUMENT, Row

from .batches import Rows, batches, make_batch
from .parallel import Ranks
from .settings import LoopSettings

__all__ = ["Sums", "gradient", "held_out_loss"]


@dataclass(frozen=True, slots=True)
class Sums:
    """What the rows of a step came to, over all processes."""

    loss: float
    """Mean over learned tokens."""

    tokens: int
    learned: int
    balance: float
    shares: tuple[tuple[float, ...], ...]


def gradient(
    module: nn.Module, rows: Sequence[Row], settings: LoopSettings, ranks: Ranks
) -> Sums:
    """Add the gradient of a step to the parameters.

    Each learned token of the step weighs the same, in whatever batch and process it
    stands, so that many small batches equal a large one. The load-balancing loss is
    the mean of the batches', which it has to be: it is no sum over tokens.

    Args:
        module: the learner, or what ``ranks`` wrapped it in.
        rows: those of this process.
        settings: of the loop.
        ranks: all processes.
    """
    mine = [sum(int(row.mask[1:].sum()) for row in rows)]
    mine += [sum(int((row.documents != NO_DOCUMENT).sum()) for row in rows)]
    learned, tokens = map(int, ranks.total(*mine))
    count = len(rows) // settings.rows_per_batch * ranks.world
    # note: DDP and FSDP average gradients over processes, so that sums need `world`.
    per_token = ranks.world / max(1, learned)
    per_batch = ranks.world * settings.balance / count
    # Read once a step, not once a batch, so that a GPU needn't wait for this process.
    loss, balance = torch.zeros(2, dtype=torch.float64, device=ranks.device)
    shares = torch.zeros(0, device=ranks.device)
    parts = batches(rows, settings.rows_per_batch, trim=not settings.compile)
    for number, batch in enumerate(parts, start=1):
        last = number * settings.rows_per_batch == len(rows)
        with ranks.apart(module, last=last):
            found = module(batch.to(ranks.device))
            cost = found.loss * per_token
            if found.shares.numel():
                cost = cost + found.balance * per_batch
            cost.backward()
        loss += found.loss.detach()
        balance += found.balance.detach()
        own = found.shares.detach()
        shares = shares + own if shares.numel() else own
    sums = ranks.total(float(loss), float(balance), *shares.flatten().tolist())
    means = (torch.tensor(sums[2:]) / count).view(shares.shape)
    return Sums(
        loss=sums[0] / max(1, learned),
        tokens=tokens,
        learned=learned,
        balance=sums[1] / count,
        shares=tuple(map(tuple, means.tolist())) if shares.numel() else (),
    )


@torch.no_grad()
def held_out_loss(
    module: nn.Module, rows: Rows, settings: LoopSettings, ranks: Ranks
) -> float:
    """Return the mean loss of the learned tokens of all rows."""
    size, total, learned = settings.rows_per_batch, 0.0, 0
    firsts = range(ranks.rank * size, len(rows), ranks.world * size)
    rounds = -(-len(rows) // (ranks.world * size))
    for number in range(rounds):
        # A process without rows of its own keeps the others company with the first.
        own = number < len(firsts)
        first = firsts[number] if own else 0
        chosen = [rows[n] for n in range(first, min(first + size, len(rows)))]
        batch = make_batch(chosen, trim=not settings.compile).to(ranks.device)
        loss: Tensor = module(batch).loss
        total += float(loss) * own
        learned += len(batch.targets) * own
    ranks.settle(module)
    sums = ranks.total(total, learned)
    return sums[0] / max(1.0, sums[1])
