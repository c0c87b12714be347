"""What a request comes to before the model is asked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeassist.fim import Rendered
from codeassist.languages import Language

from .decode import Favoured, Vocab
from .finish import End, Place

if TYPE_CHECKING:
    from .context.select import Snippet

__all__ = ["Plan", "expected"]


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

    def favoured(self, vocab: Vocab) -> Favoured:
        """The expected names, from the place on where the answer begins."""
        begun = len(self.place.head) - len(self.prompt.pending)
        return Favoured(vocab, self.expected, self.place.head[: max(0, begun)])


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
