"""Which files may be learned from, and what of their text."""

from pathlib import Path

from codeassist.ignore import Rules, is_by_hand
from codeassist.ignore.contents import Kind, redact
from codeassist.training.corpus.filters import by_name, by_text
from codeassist.training.corpus.recipe import Filters

from .snapshot import MAX_BYTES

__all__ = ["Sieve", "without_secrets"]


class Sieve:
    """Lets files through that somebody wrote by hand and that nobody ignores.

    Args:
        root: Folder whose ignore files count.
    """

    def __init__(self, root: Path) -> None:
        self._rules = Rules(root, MAX_BYTES)
        self._filters = Filters()

    def read(self, path: str, content: bytes) -> tuple[str, str]:
        """The text of a file, or an empty one and why it is left out."""
        why = by_name(path, self._filters)
        if not why and not self._rules.allows(path):
            why = "ignored"
        if not why and not is_by_hand(content):
            why = "generated"
        text = "" if why else _decoded(content)
        why = why or by_text(text, self._filters)
        return ("", why) if why else (text, "")


def without_secrets(text: str) -> tuple[str, int]:
    """The text with its secrets replaced, and how many; empty: it is better left out."""
    clean = redact(text)
    whole = not clean.found[Kind.PRIVATE_KEY]
    return clean.text if whole else "", clean.found.total()


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return ""
