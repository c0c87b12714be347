"""The orders in which a family's sentinels can hold prefix, suffix and middle."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from codeassist.fim import Fim
from codeassist.fim.layout import Layout, Slot, Token

__all__ = ["Order", "orders"]


class Order(Enum):
    """What a prompt shows first."""

    PSM = "psm"
    """PRE prefix SUF suffix MID middle"""

    SPM = "spm"
    """SUF suffix PRE prefix MID middle"""

    SPMV2 = "spmv2"
    """PRE SUF suffix MID prefix middle: the middle goes on where the prefix ends."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A layout taken apart."""

    head: Layout
    prefix_token: Token
    prefix: Layout
    """The prefix, and what stands in front of it inside its sentinels."""

    suffix_token: Token
    middle_token: Token
    tail: Layout


def orders(contract: Fim) -> dict[Order, Fim]:
    """The contract in each order that its sentinels allow, its own order included.

    A family without a token for each of prefix, suffix and middle keeps its own.
    """
    layout = _apart(contract.layout)
    repository = _apart(contract.repository)
    if layout is None or repository is None:
        own = Order.SPM if contract.family.suffix_first else Order.PSM
        return {own: contract}
    return {
        order: replace(contract, layout=build(layout), repository=build(repository))
        for order, build in BUILDERS.items()
    }


def _psm(parts: Parts) -> Layout:
    return (
        *parts.head,
        parts.prefix_token,
        *parts.prefix,
        parts.suffix_token,
        Slot.SUFFIX,
        parts.middle_token,
        *parts.tail,
    )


def _spm(parts: Parts) -> Layout:
    return (
        *parts.head,
        parts.suffix_token,
        Slot.SUFFIX,
        parts.prefix_token,
        *parts.prefix,
        parts.middle_token,
        *parts.tail,
    )


def _spmv2(parts: Parts) -> Layout:
    return (
        *parts.head,
        parts.prefix_token,
        parts.suffix_token,
        Slot.SUFFIX,
        parts.middle_token,
        *parts.tail,
        *parts.prefix,
    )


BUILDERS: dict[Order, Callable[[Parts], Layout]] = {
    Order.PSM: _psm,
    Order.SPM: _spm,
    Order.SPMV2: _spmv2,
}


def _apart(layout: Layout) -> Parts | None:
    """The parts of a layout in any order; None where a sentinel is missing."""
    prefix, suffix = layout.index(Slot.PREFIX), layout.index(Slot.SUFFIX)
    if prefix < suffix:
        return _from_psm(layout, prefix, suffix)
    return _from_spm(layout, prefix, suffix)


def _from_psm(layout: Layout, prefix: int, suffix: int) -> Parts | None:
    before = [n for n in range(prefix) if isinstance(layout[n], Token)]
    found = (
        layout[before[-1]] if before else None,
        layout[suffix - 1],
        layout[suffix + 1] if len(layout) > suffix + 1 else None,
    )
    own, middle = before[-1] if before else 0, suffix + 2
    return _parts(layout[:own], found, layout[own + 1 : prefix + 1], layout[middle:])


def _from_spm(layout: Layout, prefix: int, suffix: int) -> Parts | None:
    start, rest = suffix - 1, layout[prefix + 1 :]
    between = layout[suffix + 1]
    if rest:  # SUF suffix PRE prefix MID
        found = between, layout[start], rest[0]
    elif start > 0:  # PRE SUF suffix MID prefix
        start -= 1
        found = layout[start], layout[suffix - 1], between
    else:  # no token between the prefix and the middle
        return None
    return _parts(layout[:start], found, layout[suffix + 2 : prefix + 1], rest[1:])


def _parts(
    head: Layout, found: tuple[object, object, object], prefix: Layout, tail: Layout
) -> Parts | None:
    first, second, third = found
    if (
        isinstance(first, Token)
        and isinstance(second, Token)
        and isinstance(third, Token)
    ):
        return Parts(head, first, prefix, second, third, tail)
    return None
