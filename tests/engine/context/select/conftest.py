"""A small repository that is known, and somebody at work in it."""

import pytest

from codeassist.engine.context.select import RepositoryContext, View

SECONDS = 60
"""More than any of these tests takes."""

KEY = "sk-live-" + "9f8A7b6C5d4E3f2G1h0Jk1Lm2Np3Qr4S"

SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": '''\
"""The cart."""

from shop.money import Amount, round_up


def parcel_weight(articles):
    """In grams."""
    return sum(article.grams for article in articles)


'''
    + "\n".join(f"FILLER_{n} = {n}" for n in range(60))
    + '''


class Cart:
    """What a customer wants to buy."""

    def total_price(self):
        amount = Amount(0)
        weight = parcel_weight(self.articles)
        ┃
''',
    "shop/money.py": '''\
class Amount:
    """An amount of money."""

    def __init__(self, cents):
        self.cents = cents

    def plus_tax(self, rate):
        """With tax."""
        taxed = self.cents * (100 + rate)
        return Amount(taxed // 100)


def round_up(amount):
    """Round to whole cents."""
    return amount
''',
    "shop/invoice.py": """\
from shop.money import Amount


def invoice(articles):
    amount = Amount(0)
    for article in articles:
        amount = amount.plus_tax(article.rate)
    return amount
""",
    "shop/tests/test_cart.py": """\
from shop.cart import Cart


def test_total_price():
    assert Cart().total_price().cents == 0
""",
    "shop/keys.pem": "Amount plus_tax total_price\n",
    "shop/login.py": f'''\
def log_in_to_cart(amount):
    """Amount, total_price."""
    api_key = "{KEY}"
    return api_key, amount
''',
}


@pytest.fixture
def write(tmp_path):
    """Writes files of a repository; those with a cursor without it."""

    def write(files):
        for path, text in files.items():
            file = tmp_path / "repository" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.replace("┃", ""))
        return tmp_path / "repository"

    return write


@pytest.fixture
def opened(tmp_path):
    """Opens the context of a folder; closes it at the end."""
    contexts = []

    def opened(root, deadline=SECONDS):
        context = RepositoryContext(
            root, cache=tmp_path / "cache", watched=False, deadline=deadline
        )
        contexts.append(context)
        context.index.start()
        assert context.index.wait(SECONDS)
        return context

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def at():
    """What somebody sees who is at the cursor of a text, 20 rows up and 5 down."""

    def at(path, text):
        before, _, after = text.partition("┃")
        head = "\n".join(before.split("\n")[-20:])
        tail = "\n".join(after.split("\n")[:5])
        return View(path, before, after, head, tail)

    return at


@pytest.fixture
def shop():
    """The files of a shop; the cart has a cursor."""
    return SHOP


@pytest.fixture
def look(write, opened, at, shop):
    """What the prompt shows at the cursor of the cart, for a budget in words."""
    context = opened(write(shop))

    def look(budget=200):
        view = at("shop/cart.py", shop["shop/cart.py"])
        return context.around(view, budget, words).snippets

    return look


def words(text):
    """A tokenizer that is easy to count with."""
    return len(text.split())
