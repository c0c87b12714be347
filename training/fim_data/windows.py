"""As much of a text as fits, in whole lines where there are any."""

from collections.abc import Callable

__all__ = ["DENSE", "fit"]

DENSE = 6
"""Characters per token that no code reaches on average; more is not looked at."""

SPARE = 0.95


def fit(
    text: str, room: int, encode: Callable[[str], list[int]], *, end: bool = False
) -> list[int]:
    """Ids of the beginning of a text (or its end), of at most `room` tokens.

    Args:
        text: What stands on one side of a hole.
        room: Tokens at the most.
        encode: Text to ids.
        end: Keep the end, next to a hole that follows.
    """
    keep = DENSE * room
    while keep > 0:
        part = _cut(text, keep, end=end)
        ids = encode(part)
        if len(ids) <= room:
            return ids
        keep = min(keep, len(part)) - 1
        keep = min(keep, int(len(part) * room / len(ids) * SPARE))
    return []


def _cut(text: str, keep: int, *, end: bool) -> str:
    if len(text) <= keep:
        return text
    if end:
        at = text.find("\n", len(text) - keep - 1) + 1
        return text[at:] if 0 < at < len(text) else text[-keep:]
    return text[: text.rfind("\n", 0, keep) + 1] or text[:keep]
