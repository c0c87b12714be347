"""How many tokens a tokenizer needs for a text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Density", "Tokenize", "densities", "density"]

Tokenize: TypeAlias = Callable[[str], Sequence[int]]
"""The tokens of a text."""


@dataclass(frozen=True, slots=True)
class Density:
    """What a tokenizer made of some texts."""

    tokens: int = 0
    characters: int = 0

    def __add__(self, other: "Density") -> "Density":
        return Density(self.tokens + other.tokens, self.characters + other.characters)

    @property
    def tokens_per_character(self) -> float:
        """Fewer is denser."""
        return self.tokens / self.characters if self.characters else 0.0

    def saving(self, other: "Density") -> float:
        """Share of the other's tokens that this one does without."""
        return 1 - self.tokens / other.tokens if other.tokens else 0.0


def density(tokenize: Tokenize, texts: Iterable[str]) -> Density:
    """Count the tokens of held-out texts."""
    counted = (Density(len(tokenize(text)), len(text)) for text in texts)
    return sum(counted, Density())


def densities(
    tokenizers: Mapping[str, Tokenize], texts: Iterable[tuple[str, str]]
) -> dict[str, dict[str, Density]]:
    """Count the tokens of several tokenizers on the same texts, by language.

    Args:
        tokenizers: By name.
        texts: Language and text, read once.

    Returns:
        Language to name to density.
    """
    found: dict[str, dict[str, Density]] = {}
    for language, text in texts:
        row = found.setdefault(language, dict.fromkeys(tokenizers, Density()))
        for name, tokenize in tokenizers.items():
            row[name] += density(tokenize, [text])
    return found
