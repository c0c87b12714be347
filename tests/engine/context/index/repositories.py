"""A small repository in two languages."""

SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": '''\
"""The cart."""

from shop.money import Amount, round_up


class Cart:
    """What a customer wants to buy."""

    def total_price(self) -> Amount:
        """Sum of all articles."""
        return round_up(sum(self.articles))
''',
    "shop/money.py": '''\
class Amount:
    """An amount of money."""


def round_up(amount):
    """Round to whole cents."""
    return amount
''',
    "tests/test_cart.py": "from shop.cart import Cart\n\n\ndef test_total():\n    Cart()\n",
    "web/main.ts": "import { show } from './view';\nexport function run() { show(); }\n",
    "web/view.ts": "export function show(): void {}\n",
}
