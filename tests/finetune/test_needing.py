"""Holes whose answer has a name that only another file defines."""

import random

import pytest

from codeassist.engine.context.select import indexed
from codeassist.finetune.cuts import Cut
from codeassist.finetune.needing import draw_needing, needed
from codeassist.training.fim_data import Document
from codeassist.training.fim_data.spans import Spans
from tests.finetune.test_building import MIXTURE, built, examples

SHOP = "def basket_total(basket):\n    return sum(each.price for each in basket)\n"
OWN = """\
def printed(amount, currency):
    return f"{amount} {currency}"


"""
USE = f"""{OWN}\
def bill(basket):
    it = basket_total(basket)
    return printed(amount=it, currency="euros")
"""
FILES = {"shop.py": SHOP, "use.py": USE}


@pytest.fixture
def index(tmp_path):
    root = tmp_path / "shop"
    root.mkdir()
    for name, text in FILES.items():
        (root / name).write_text(text)
    with indexed(root, cache=tmp_path / "cache") as context:
        yield context.index


def cut_at(text, middle):
    start = text.index(middle)
    return Cut("line", start, start + len(middle))


def of(text):
    return Document("use.py", text, "python")


def test_a_name_of_another_file_is_needed(index):
    """What another file defines and no text nearby says; own names are not."""
    cut = cut_at(USE, "it = basket_total(basket)")
    assert needed(of(USE), "python", cut, index) == {"basket_total"}
    assert not needed(of(USE), "python", cut_at(USE, "return printed(amount=it"), index)


def test_a_name_that_stands_nearby_is_not_needed(index):
    """The window shows it already."""
    text = f"from shop import basket_total\n\n\n{USE}"
    cut = cut_at(text, "it = basket_total(basket)")
    assert not needed(of(text), "python", cut, index)


def test_such_holes_are_drawn(index):
    """Of many holes one that needs another file is found, with its names."""
    spans = Spans(USE, "python", longest=700)
    found = draw_needing(
        of(USE), "python", spans, {"line": 1.0}, random.Random(0), index
    )
    assert found is not None
    cut, names = found
    assert names == {"basket_total"}
    assert "basket_total" in USE[cut.start : cut.end]
    none = draw_needing(
        Document("shop.py", SHOP, "python"),
        "python",
        Spans(SHOP, "python", longest=700),
        {"line": 1.0},
        random.Random(0),
        index,
    )
    assert none is None


def test_their_prompts_show_the_name(tmp_path):
    """What is called an example of such a hole has the name in its context."""
    names = [f"basket_total_{n}" for n in range(20)]
    defined = "\n\n".join(
        f"def {name}(basket):\n    return len(basket)" for name in names
    )
    documents = [Document("src/shop.py", defined + "\n", "python", "repo00")]
    documents += [
        Document(
            f"src/use_{n}.py",
            f"from src.shop import *\n\n\n{OWN}def bill(basket):\n    amount = {name}(basket)\n",
            "python",
            "repo00",
        )
        for n, name in enumerate(names)
    ]
    changes = {**MIXTURE, "length": 6000, "context": 1.0, "needed": 1.0, "alone": 0.0}
    changes["kinds"] = {"line": 1.0}
    made = built(tmp_path, documents, wanted=20, held_out=0, **changes)
    assert made.examples["needs another file"] > 0
    answered = 0
    for text in examples(tmp_path / "learned"):
        prompt, _, answer = text.partition("<|fim_middle|>")
        found = [name for name in names if f" {name}(" in answer]
        answered += any(f"def {name}(" in prompt for name in found)
    assert answered >= made.examples["needs another file"]
