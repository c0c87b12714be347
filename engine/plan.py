"""What a request comes to before the model is asked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeassist.fim import Rendered
from codeassist.languages import Language

from .decode import Favoured, Leaning, Removed, Vocab
from .finish import End, Place

if TYPE_CHECKING:
    from .context.select import Snippet

__all__ = ["Plan", "expected"]

ABOVE = 400
"""Characters before the cursor that are compared with what was deleted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request comes to, before the model is asked."""

    prompt: Rendered
    place: Place
    end: End
    block: bool
    max_tokens: int
    shown: tuple["Snippet", ...] = ()
    """What the prompt shows of other places, in its order."""

    expected: frozenset[str] = frozenset()
    """Names that the file imports and does not use yet."""

    alone: bool = False
    """Whether the prompt was to show no other file."""

    removed: tuple[str, ...] = ()
    """What stood at the cursor and was deleted lately, the newest first."""

    above: str = ""
    """The document up to the cursor."""

    below: str = ""
    """The document from the cursor on."""

    def leanings(self, vocab: Vocab) -> tuple[Leaning, ...]:
        """What makes some tokens likelier, from the place on where the answer begins."""
        begun = len(self.place.head) - len(self.prompt.pending)
        head = self.place.head[: max(0, begun)]
        near = self.above[-ABOVE:].removesuffix(self.prompt.pending)
        return (
            Removed(vocab, self.removed, near, self.below),
            Favoured(vocab, self.expected, head),
        )


def expected(
    before: str, after: str, place: Place, language: Language
) -> frozenset[str]:
    """Names that a file imports and does not use yet, where the cursor is in code.

    Args:
        before: The document up to the cursor.
        after: The document from the cursor on.
        place: Its surroundings.
        language: Of the document.
    """
    if place.in_text(language):
        return frozenset()
    # imported where it is needed: parsers take a while
    from .context.select.unused import unused

    return unused(before, after, language.name)
