"""What a mixture of training examples consists of."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from codeassist.errors import ConfigError

from .orders import Order
from .spans import KINDS

__all__ = ["FimRecipe", "Loss", "Placement", "draw"]

T = TypeVar("T")


class Loss(Enum):
    """Which tokens are learned."""

    MIDDLE = "middle"
    """The middle and the token that ends it; of a file without a hole all."""

    ALL = "all"


class Placement(Enum):
    """Where the beginning of the cursor's line stands."""

    CURSOR = "cursor"
    """In the prefix, which ends at the cursor: as `codeassist.fim` renders it."""

    LINE_HEAD = "line-head"
    """Behind the middle sentinel, so that typing leaves all before it alone. Orders
    whose prefix stands there anyway stay as they are."""


def _kinds() -> dict[str, float]:
    return {
        "statement": 0.1,
        "block": 0.1,
        "arguments": 0.1,
        "condition": 0.1,
        "body": 0.1,
        "line": 0.1,
        "rest-of-line": 0.2,
        "random": 0.2,
    }


def _orders() -> dict[Order, float]:
    return {Order.PSM: 0.6, Order.SPM: 0.4}


@dataclass(frozen=True, slots=True, kw_only=True)
class FimRecipe:
    """Shares are between 0 and 1; those of kinds and orders need not add up."""

    length: int = 2048
    """Tokens of an example at the most."""

    rate: float = 0.5
    """Share of the files, in repositories that take part, with a hole."""

    repository_rate: float = 1.0
    """Share of the repositories that take part; a file without one counts as one.
    StarCoder2 has half here, then half of the files."""

    kinds: Mapping[str, float] = field(default_factory=_kinds)
    """Share of each kind of `spans.KINDS` among the holes."""

    orders: Mapping[Order, float] = field(default_factory=_orders)
    """Share of each order; those that a family's sentinels cannot say are left out."""

    empty: float = 0.05
    """Share of the holes where nothing is missing."""

    context: float = 0.2
    """Share of the holes that show other files of the repository first."""

    context_files: int = 4
    """How many of them at the most."""

    longest: int = 800
    """Characters of a middle at the most."""

    holes: int = 1
    """Of a file at the most; one in each `characters_per_hole`, at least one."""

    characters_per_hole: int = 2000
    loss: Loss = Loss.MIDDLE
    placement: Placement = Placement.CURSOR

    def __post_init__(self) -> None:
        for name in ("rate", "repository_rate", "empty", "context"):
            if not 0 <= getattr(self, name) <= 1:
                value = getattr(self, name)
                msg = f"fim.{name} is {value}; give a share between 0 and 1"
                raise ConfigError(msg)
        for name, least in LEAST.items():
            if getattr(self, name) < least:
                msg = f"fim.{name} is {getattr(self, name)}; give {least} or more"
                raise ConfigError(msg)
        unknown = sorted(set(self.kinds) - set(KINDS))
        if unknown:
            msg = f"fim.kinds knows no {unknown[0]!r}; choose of {', '.join(KINDS)}"
            raise ConfigError(msg)
        for name, shares in (("kinds", self.kinds), ("orders", self.orders)):
            if min(shares.values(), default=0) < 0 or sum(shares.values()) <= 0:
                msg = f"fim.{name} has no share above 0, or one below; give shares"
                raise ConfigError(msg)


LEAST = {
    "length": 64,
    "longest": 1,
    "holes": 1,
    "characters_per_hole": 1,
    "context_files": 1,
}


def draw(shares: Mapping[T, float], dice: random.Random) -> list[T]:
    """All that has a share, in an order drawn by the shares."""
    left = {key: share for key, share in shares.items() if share > 0}
    drawn: list[T] = []
    while left:
        keys: Sequence[T] = list(left)
        (key,) = dice.choices(keys, weights=list(left.values()))
        del left[key]
        drawn.append(key)
    return drawn
