"""A mixture of experts equals a loop over tokens, and says how it is loaded."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from codeassist.decoder import Experts
from codeassist.training.model.feed_forward import route
from codeassist.training.model.parts import StackedLinear
from tests.training.shapes import EXAONE, MOE, decoder, tokens

close = torch.testing.assert_close


@pytest.mark.parametrize(
    ("probabilities", "chosen", "gates"),
    [
        ([0.40, 0.30, 0.20, 0.10], [0, 1], [0.571, 0.429]),
        ([0.30, 0.20, 0.30, 0.20], [0, 2], [0.5, 0.5]),
        ([0.10, 0.50, 0.25, 0.15], [1, 2], [0.667, 0.333]),
    ],
)
def test_published_top_two_gates(probabilities, chosen, gates):
    """Two of four experts get the published gates when these are renormalised."""
    settings = Experts(count=4, used=2, width=1, renormalise=True)
    routing = route(torch.tensor([probabilities]).log(), settings)
    place = routing.chosen[0].argsort()
    assert routing.chosen[0][place].tolist() == chosen
    assert routing.gates[0][place].tolist() == pytest.approx(gates, abs=5e-4)


def test_gates_are_plain_probabilities_times_the_scale():
    """Without renormalisation gates sum to less than one, times the scale."""
    settings = Experts(count=4, used=2, width=1, scale=16.0)
    routing = route(torch.tensor([[0.4, 0.3, 0.2, 0.1]]).log(), settings)
    close(routing.gates, torch.tensor([[6.4, 4.8]]))


def one_token(layer, x, settings):
    """Send one vector through its experts, one after another."""
    probabilities = layer.router(x).softmax(-1)
    gates, chosen = probabilities.topk(settings.used)
    if settings.renormalise:
        gates = gates / gates.sum()
    total = layer.shared(x)
    for gate, expert in zip(gates, chosen, strict=True):
        e = layer.experts
        inner = F.silu(e.gate.weight[expert] @ x) * (e.up.weight[expert] @ x)
        total = total + settings.scale * gate * (e.down.weight[expert] @ inner)
    return total


@pytest.mark.parametrize("config", [MOE, EXAONE], ids=["plain", "renormalised"])
def test_mixture_equals_a_loop_over_tokens(config):
    """Sorting tokens by expert changes nothing about the sum that each gets."""
    layer = decoder(config).layers[1].ffn
    x = torch.randn(3, 7, 48)
    actual, _ = layer(x)
    rows = [one_token(layer, row, config.experts) for row in x.flatten(0, 1)]
    close(actual, torch.stack(rows).view(3, 7, 48))


def test_experts_may_stay_empty():
    """An expert that no token chose takes no part and gets a zero gradient."""
    layer = decoder(MOE).layers[1].ffn
    out, routing = layer(torch.randn(1, 1, 48))
    out.sum().backward()
    idle = [e for e in range(8) if e not in routing.chosen.flatten().tolist()]
    assert len(idle) == 6
    assert not layer.experts.up.weight.grad[idle].any()


def test_balance_is_one_when_even_and_grows_when_not():
    """The loss is 1 for an even gate and near E / U for one that always says two."""
    settings = Experts(count=8, used=2, width=1)
    even = torch.eye(8).repeat(4, 1) + torch.eye(8).roll(1, 1).repeat(4, 1)
    close(route(even, settings).balance, torch.tensor(1.0))
    crowd = torch.tensor([[9.0, 9.0, 0, 0, 0, 0, 0, 0]]).repeat(16, 1)
    routing = route(crowd, settings)
    assert routing.share.tolist() == [0.5, 0.5, 0, 0, 0, 0, 0, 0]
    assert routing.balance.item() == pytest.approx(4, abs=0.01)


def test_balance_reaches_the_router_alone():
    """Its gradient moves the routers and what lies before them, no expert."""
    model = decoder(MOE)
    out = model(tokens(MOE, 2, 16))
    assert out.shares.shape == (2, 8)
    close(out.shares.sum(-1), torch.ones(2))
    out.balance.backward()
    last = model.layers[2].ffn
    assert last.router.weight.grad.any()
    assert last.experts.up.weight.grad is None


def test_without_shared_experts():
    """A mixture may have routed experts only."""
    experts = Experts(count=4, used=1, width=16)
    model = decoder(replace(MOE, experts=experts))
    assert model.layers[0].ffn.shared is None
    assert model(tokens(MOE, 1, 5)).logits.isfinite().all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="the kernel is a GPU's")
def test_experts_of_one_kernel_equal_a_product_for_each_on_a_gpu():
    """Outputs and gradients are the same, bfloat16's rounding apart, also of idle ones."""
    layer = StackedLinear(experts=8, inputs=576, outputs=512).cuda()
    counts = torch.tensor([1000, 3, 0, 777, 2048, 513, 129, 4098], device="cuda")
    x = torch.randn(int(counts.sum()), 576, device="cuda", requires_grad=True)
    found = []
    for low in (True, False):
        with torch.autocast("cuda", torch.bfloat16, enabled=low):
            out = layer(x, counts).float()
        found.append((out, *torch.autograd.grad(out.square().sum(), (x, layer.weight))))
    for rounded, exact in zip(*found, strict=True):
        assert (rounded - exact).norm() < 2e-2 * exact.norm()
