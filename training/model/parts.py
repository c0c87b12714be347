"""Where the decoder gets its matrices from, so that adapters need no layer's help."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from codeassist.decoder import DecoderConfig

__all__ = ["Parts", "StackedLinear", "norm"]


class Parts:
    """Make linears and embeddings; a subclass may hand out adapted ones.

    ``name`` is the tensor's name without its suffix, ``layers.3.attention.q``. What is
    returned must keep its own weight at ``weight`` (and ``bias``).
    """

    def linear(
        self, name: str, *, inputs: int, outputs: int, bias: bool = False
    ) -> nn.Module:
        """Return a map of ``inputs`` to ``outputs`` features."""
        del name
        return nn.Linear(inputs, outputs, bias=bias)

    def embedding(self, name: str, *, rows: int, width: int) -> nn.Module:
        """Return a table of ``rows`` vectors."""
        del name
        return nn.Embedding(rows, width)


class StackedLinear(nn.Module):
    """One linear for each expert, kept in one tensor as llama.cpp keeps them.

    Shape:
        weight: (experts, outputs, inputs)
    """

    def __init__(self, *, experts: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(experts, outputs, inputs))
        nn.init.normal_(self.weight, std=inputs**-0.5)

    def forward(self, x: Tensor, counts: Tensor) -> Tensor:
        """Send the first ``counts[0]`` rows through expert 0, the next through 1, ….

        On a GPU one kernel does it that reads the counts where they are; anywhere else
        they are read first, and each expert has a product of its own.

        Shape:
            x: (rows, inputs)
            counts: (experts,), their sum being rows
            returns: (rows, outputs)
        """
        if self._has_kernel(x.device):
            low = torch.get_autocast_dtype("cuda")
            weight = self.weight.to(low).transpose(1, 2)
            ends = counts.cumsum(0).int()
            return F.grouped_mm(x.to(low), weight, offs=ends)
        parts = [
            F.linear(rows, weight)
            for rows, weight in zip(
                torch.split(x, counts.tolist()), self.weight, strict=True
            )
        ]
        return torch.cat(parts)

    def _has_kernel(self, device: torch.device) -> bool:
        """Whether `grouped_mm` takes it: two bytes a number, rows of 16, no old GPU."""
        return (
            device.type == "cuda"
            and torch.is_autocast_enabled("cuda")
            and torch.cuda.get_device_capability(device) >= (8, 0)
            and not any(size % 8 for size in self.weight.shape[1:])
        )


def norm(config: DecoderConfig) -> nn.Module:
    """Return the family's norm over the residual stream."""
    if config.norm == "layer":
        return nn.LayerNorm(config.width, eps=config.norm_eps)
    return nn.RMSNorm(config.width, eps=config.norm_eps)
