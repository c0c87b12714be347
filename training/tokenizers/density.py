"""How many tokens a tokenizer needs for a text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Density", "density"]


@dataclass(frozen=True, slots=True)
class Density:
    """What a tokenizer made of some texts."""

    tokens: int
    characters: int

    @property
    def tokens_per_character(self) -> float:
        """Fewer is denser."""
        return self.tokens / self.characters if self.characters else 0.0

    def saving(self, other: "Density") -> float:
        """Share of the other's tokens that this one does without."""
        return 1 - self.tokens / other.tokens if other.tokens else 0.0


def density(tokenize: Callable[[str], Sequence[int]], texts: Iterable[str]) -> Density:
    """Count the tokens of held-out texts."""
    tokens = characters = 0
    for text in texts:
        tokens += len(tokenize(text))
        characters += len(text)
    return Density(tokens, characters)
