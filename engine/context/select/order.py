"""In which order snippets stand in a prompt: what stood there stays where it was."""

from collections.abc import Sequence

from .model import Snippet

__all__ = ["settled"]


def settled(before: Sequence[Snippet], chosen: Sequence[Snippet]) -> list[Snippet]:
    """Snippets in prompt order, so that the KV cache keeps the front of it.

    Those that were shown before and are still wanted, word for word, keep their order
    at the front; behind them come the new ones, the most important last, next to the
    file itself.

    Args:
        before: What the last prompt of the document showed, in its order.
        chosen: What is wanted now, the most important first.
    """
    wanted = {(each.path, each.text): each for each in chosen}
    kept = [
        wanted.pop(key) for each in before if (key := (each.path, each.text)) in wanted
    ]
    return [*kept, *reversed(wanted.values())]
