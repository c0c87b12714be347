"""What the index answers, from memory."""

import math
import random

import pytest

from codeassist.engine.context.index import bm25
from codeassist.engine.context.outline import split
from tests.engine.context.index.repositories import SHOP


@pytest.fixture
def index(write, opened):
    """The shop's."""
    return opened(write(SHOP))


def test_definitions(index):
    """A name leads to where it is defined, with signature, doc and what encloses it."""
    (place,) = index.definitions("total_price")
    assert (place.path, place.kind, place.start_row) == ("shop/cart.py", "method", 8)
    assert place.signature == "def total_price(self) -> Amount:"
    assert place.doc == "Sum of all articles."
    outline = index.definitions_in("shop/cart.py")
    assert [p.name for p in outline] == ["Cart", "total_price"]
    assert outline[place.parent].name == "Cart"
    assert index.definitions("nothing") == []


def test_imports(index):
    """Imports lead to files, and back, in every language."""
    assert index.imports_of("shop/cart.py") == ["shop/money.py"]
    assert index.importers_of("shop/money.py") == ["shop/cart.py"]
    assert index.imports_of("web/main.ts") == ["web/view.ts"]
    (statement,) = index.imports_in("tests/test_cart.py")
    assert (statement.module, statement.names) == ("shop.cart", (("Cart", ""),))
    assert index.imports_of("nothing.py") == []


def test_references(index):
    """A name leads to every stretch of code that has it."""
    found = {chunk.path for chunk in index.references("Cart")}
    assert found == {"shop/cart.py", "tests/test_cart.py"}
    assert len(index.references("Cart", limit=1)) == 1


def test_similar(index):
    """Code that shares rare words comes first; excluded files do not come."""
    words = {"round": 1.0, "cents": 1.0, "money": 1.0}
    best = index.similar(words)
    assert best[0].path == "shop/money.py"
    assert best == sorted(best, key=lambda chunk: -chunk.score)
    left = index.similar(words, exclude=["shop/money.py"])
    assert "shop/money.py" not in {chunk.path for chunk in left}
    assert index.similar({"absent": 1.0}) == []
    assert index.similar({}) == []


def test_similar_known_answer(write, opened):
    """The score is the paper's, with Lucene's positive document frequency."""
    texts = ["alpha beta beta", "beta gamma", "delta delta delta epsilon"]
    index = opened(write({f"f{n}.py": text for n, text in enumerate(texts)}))
    (best, *_) = index.similar({"alpha": 2.0})
    mean = (3 + 2 + 4) / 3
    weight = 2.0 * math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    expected = weight * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / mean))
    assert best.path == "f0.py"
    assert best.score == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("excluded", [(), ("f1.py", "f7.py")])
def test_similar_leaves_nothing_out(write, opened, monkeypatch, excluded):
    """The best of many are found without adding up all postings of common words."""
    choose = random.Random(3)
    words = [f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(60)]
    texts = (
        choose.choices(words, range(60, 0, -1), k=choose.randrange(20, 60))
        for _ in range(400)
    )
    files = {f"f{n}.py": " ".join(text) for n, text in enumerate(texts)}
    index = opened(write(files))
    for _ in range(20):
        asked = {word: choose.random() for word in choose.sample(words, 12)}
        asked = {w: weight for word, weight in asked.items() for w in split(word)}
        monkeypatch.setattr(bm25, "MANY", 5)
        few = index.similar(asked, exclude=excluded)
        monkeypatch.setattr(bm25, "MANY", 1000)
        every = index.similar(asked, exclude=excluded)
        assert [c.score for c in few] == pytest.approx([c.score for c in every])
        assert not {c.path for c in few} & set(excluded)


def test_siblings_and_text(index):
    """Neighbours of a file, and its lines."""
    assert index.siblings("shop/cart.py") == ["shop/__init__.py", "shop/money.py"]
    assert index.text("shop/money.py", 4, 5) == (
        'def round_up(amount):\n    """Round to whole cents."""'
    )
    assert index.text("nothing.py", 0, 9) is None


def test_chunks_cover(index):
    """The stretches of a file follow each other from its first row to its last."""
    rows = sorted(
        (chunk.start_row, chunk.end_row)
        for chunk in index.references("Amount")
        if chunk.path == "shop/cart.py"
    )
    assert rows[0][0] == 0
    assert rows[-1][1] == SHOP["shop/cart.py"].count("\n") - 1
