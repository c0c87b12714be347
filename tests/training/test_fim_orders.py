"""Orders: what each family's sentinels can say."""

import pytest

from codeassist.training.fim_data import Order
from codeassist.training.fim_data.orders import orders
from tests.training import fim_forms

PROMPTS = {
    ("qwen2.5-coder", "psm"): "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    ("qwen2.5-coder", "spm"): "<|fim_suffix|>S<|fim_prefix|>P<|fim_middle|>",
    ("qwen2.5-coder", "spmv2"): "<|fim_prefix|><|fim_suffix|>S<|fim_middle|>P",
    ("starcoder2", "spmv2"): "<fim_prefix><fim_suffix>S<fim_middle># m.py\nP",
    ("codellama", "psm"): "<s>▁<PRE># m.py\nP▁<SUF>S▁<MID>",
    ("codellama", "spmv2"): "<s>▁<PRE>▁<SUF>S▁<MID># m.py\nP",
    ("mellum", "spm"): ("<filename>m.py\n<fim_suffix>S<fim_prefix>P<fim_middle>"),
    ("mellum", "psm"): "<filename>m.py\n<fim_prefix>P<fim_suffix>S<fim_middle>",
    ("codestral", "spm"): "<s>[SUFFIX]S[PREFIX]P",
}


@pytest.mark.parametrize(("family", "order"), PROMPTS)
def test_prompt(family, order):
    """Each order puts the family's sentinels where its definition says."""
    contract = orders(fim_forms.form(family))[Order(order)]
    prompt = contract.vocabulary.spelled(contract.render("P", "S", path="m.py").tokens)
    expected = PROMPTS[family, order]
    if "# m.py" in expected:  # the path is a comment in the repository form alone
        files = contract.frame(path="m.py", files=[("u.py", "x")])
        assert prompt == expected.replace("# m.py\n", "")
        assert files.slots == contract.frame().slots
    else:
        assert prompt == expected


@pytest.mark.parametrize(
    ("family", "able"),
    [
        ("qwen2.5-coder", {"psm", "spm", "spmv2"}),
        ("starcoder2", {"psm", "spm", "spmv2"}),
        ("aixcoder", {"psm", "spm", "spmv2"}),
        ("codestral", {"spm"}),
    ],
)
def test_orders_of_a_family(family, able):
    """A family without a middle sentinel keeps its own order; others have all."""
    assert {order.value for order in orders(fim_forms.form(family))} == able


@pytest.mark.parametrize("family", fim_forms.SPECIALS)
def test_own_order_is_the_contract(family):
    """One of the orders renders exactly what the engine renders."""
    contract = fim_forms.form(family)
    files = [("u.py", "x\n")]
    own = contract.render("P", "S", path="m.py", repo="r", files=files).tokens
    assert own in [
        form.render("P", "S", path="m.py", repo="r", files=files).tokens
        for form in orders(contract).values()
    ]
