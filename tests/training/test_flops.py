"""FLOPs: PaLM's formula on a published shape, and what LoRA saves."""

from dataclasses import replace

import pytest

from codeassist.training import flops
from codeassist.training.flops import fastest, matmul_rate, step_cost
from codeassist.training.lora import LoraParts
from codeassist.training.presets import parameters, preset
from tests.training.shapes import GQA, MOE

LENGTH = 2_048


def test_palm_formula():
    """With every token learned it is 6 N + 12 L H Q T per token, N all parameters."""
    config = preset("smollm2-135m")
    cost = step_cost(config, length=LENGTH)

    assert cost.flops(1, 1) == 6 * parameters(config) + 12 * 30 * 9 * 64 * LENGTH


def test_table_is_not_multiplied():
    """A separate embedding is looked up, so that only the output layer counts."""
    tied = step_cost(replace(GQA, tied=True), length=LENGTH)

    assert step_cost(GQA, length=LENGTH) == tied


def test_only_learned_tokens_reach_the_output():
    """Tokens that are not learned cost less by the output layer."""
    cost = step_cost(GQA, length=LENGTH)

    assert cost.flops(10, 4) == cost.flops(10, 10) - 6 * 6 * GQA.vocab_size * GQA.width


def test_lora():
    """A frozen matrix costs 4 a parameter, an adapter's 6."""
    lora = LoraParts(rank=2, targets=("layers.0.attention.o",))
    saved = step_cost(GQA, length=LENGTH).flops(1, 1) - step_cost(
        GQA, length=LENGTH, lora=lora
    ).flops(1, 1)
    multiplied = parameters(GQA) - GQA.vocab_size * GQA.width

    assert saved == 2 * multiplied - 6 * 2 * (48 + 48)


def test_resting_experts_cost_nothing():
    """Only the experts that a token uses count."""
    assert MOE.experts is not None
    more = replace(MOE, experts=replace(MOE.experts, used=3))
    cost, higher = (step_cost(each, length=LENGTH).token for each in (MOE, more))

    assert higher - cost == 6 * 2 * 3 * 48 * 24


def test_rate_is_measured():
    """One product is enough to know a rate."""
    assert matmul_rate("float32", threads=1, seconds=0.0) > 0


@pytest.mark.parametrize(
    ("low", "full", "first"),
    [(10.0, 12.0, "bfloat16"), (1.0, 30.0, "float32"), (30.0, 10.0, "bfloat16")],
)
def test_the_faster_type_comes_first(monkeypatch, low, full, first):
    """float32 where the processor multiplies bfloat16 slowly; else it saves memory."""
    rates = {"bfloat16": low, "float32": full}
    monkeypatch.setattr(flops, "matmul_rate", lambda dtype, **_: rates[dtype])
    found = fastest()

    assert next(iter(found)) == first
    assert found == rates
