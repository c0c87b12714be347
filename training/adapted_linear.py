"""A frozen linear and its LoRA pair as one step of autograd.

Left to autograd, the pair's products run in float32, three sums pass over the outputs
and all of it is kept. Here everything runs in the inputs' type, the sums are part of
the matrix products, and only the inputs and ``rank`` numbers per token are kept.
"""

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["adapted_linear"]


def adapted_linear(
    x: Tensor, weight: Tensor, bias: Tensor | None, a: Tensor, b: Tensor, scale: float
) -> Tensor:
    """Return ``x (weight + scale b a)ᵀ + bias``; the weight and bias get no gradient.

    Shape:
        x: (…, inputs)
        weight: (outputs, inputs)
        a: (rank, inputs)
        b: (outputs, rank)
        returns: (…, outputs), in the type of ``x`` or of autocast
    """
    apply = cast(Callable[..., Tensor], _AdaptedLinear.apply)  # torch types no apply
    return apply(x, weight, bias, a, b, scale)


class _AdaptedLinear(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        a: Tensor,
        b: Tensor,
        scale: float,
    ) -> Tensor:
        kind = x.device.type
        dtype = x.dtype
        if torch.is_autocast_enabled(kind):
            dtype = torch.get_autocast_dtype(kind)
        x_low = x.to(dtype)
        low = x_low.flatten(0, -2)  # (N, inputs)
        weight, a_low, b_low = weight.to(dtype), a.to(dtype), b.to(dtype)
        inner = (low @ a_low.T).mul_(scale)  # (N, rank)
        y = F.linear(x_low, weight, None if bias is None else bias.to(dtype))
        y.view(-1, y.shape[-1]).addmm_(inner, b_low.T)
        ctx.save_for_backward(low, inner, weight, a_low, b_low)
        ctx.scale, ctx.like = scale, (x.shape, x.dtype, a.dtype, b.dtype)
        return y  # no view: the loss overwrites logits

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        low, inner, weight, a, b = ctx.saved_tensors
        shape, x_type, a_type, b_type = ctx.like
        gradient = gradients[0].flatten(0, -2)  # (N, outputs)
        towards = (gradient @ b).mul_(ctx.scale)  # (N, rank)
        for_x = for_a = for_b = None
        if ctx.needs_input_grad[0]:
            for_x = (gradient @ weight).addmm_(towards, a).view(shape).to(x_type)
        if ctx.needs_input_grad[3]:
            for_a = (towards.T @ low).to(a_type)
        if ctx.needs_input_grad[4]:
            for_b = (gradient.T @ inner).to(b_type)
        return for_x, None, None, for_a, for_b, None
