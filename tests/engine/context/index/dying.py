"""A worker's task that kills its process when it meets one file."""

import os

from codeassist.engine.context.index import workers


def build(batch):
    """As the real task, but for that file."""
    if "shop/money.py" in batch:
        os._exit(9)
    return workers._build(batch)
