"""Tasks that kill the process that does them."""

import os

from codeassist.engine.context.index import workers


def build(tree, batch):
    """As the real task, but for one file."""
    if "shop/money.py" in batch:
        os._exit(9)
    return workers._build(tree, batch)


def block(files, typed):
    """Not as the real task."""
    os._exit(9)
