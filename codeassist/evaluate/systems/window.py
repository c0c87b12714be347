"""What a plain client sends of a file, and what it makes of the answer."""

from codeassist.evaluate.hole import Hole

__all__ = ["MAX_TOKENS", "around", "asked_for", "stops"]

PREFIX_CHARACTERS, SUFFIX_CHARACTERS = 2048, 512
"""About four for each token of our own window, so that the prompts cost the same."""

MAX_TOKENS = {"one": 64, "block": 192, "auto": 192}
"""As in our own settings, by what is asked for."""


def around(prefix: str, suffix: str) -> tuple[str, str]:
    """The whole lines next to the cursor that fit; of one long line, its part."""
    before, after = prefix[-PREFIX_CHARACTERS:], suffix[:SUFFIX_CHARACTERS]
    if before != prefix and "\n" in before:
        before = before.partition("\n")[2]
    if after != suffix and "\n" in after:
        after = after.rpartition("\n")[0] + "\n"
    return before, after


def stops(hole: Hole) -> list[str]:
    """What ends the answer beside the model's own end."""
    return ["\n"] if hole.lines == "one" else []


def asked_for(text: str, hole: Hole) -> str:
    """The first line where one line is asked for; a user would take no more."""
    return text.partition("\n")[0] if hole.lines == "one" else text
