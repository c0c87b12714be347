"""What a system made of the holes, and its rows as JSON objects and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from codeassist.errors import InputError

from .hole import Output, Row

__all__ = ["Ran", "row_from", "row_to"]


@dataclass(frozen=True, slots=True)
class Ran:
    """What one system made of the holes."""

    name: str
    settings: Mapping[str, str]
    """All that its answers depend on."""

    rows: tuple[Row, ...]
    """In the order of the holes, also those that a journal brought."""

    wall_s: float
    """Of the holes that were filled now, from the first one to the last score."""

    busy_s: float | None
    """Of these, those in which the model computed; None: the system does not tell."""


NAMES = frozenset(each.name for each in fields(Output))


def row_to(row: Row) -> dict[str, Any]:
    """The row; what an output does not tell is left out."""
    output = asdict(row.output)
    told = {key: value for key, value in output.items() if value is not None}
    return {
        "hole": row.hole,
        "system": row.system,
        "output": told,
        "scores": dict(row.scores),
    }


def row_from(told: Any, where: str) -> Row:
    """The row that `row_to` wrote.

    Args:
        told: What JSON brought.
        where: For the error.

    Raises:
        InputError: it is none.
    """
    try:
        output, scores = told["output"], told["scores"]
        row = Row(
            hole=_text(told["hole"]),
            system=_text(told["system"]),
            output=Output(**{"text": "", **output}),
            scores={_text(key): float(value) for key, value in scores.items()},
        )
        _text(row.output.text)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        known = isinstance(told, Mapping) and NAMES.issuperset(told.get("output", ()))
        hint = "" if known else "; was it written by another version?"
        msg = f"{where} is no row of results ({error}){hint}"
        raise InputError(msg) from error
    return row


def _text(value: Any) -> str:
    if not isinstance(value, str):
        msg = f"{value!r} is no text"
        raise TypeError(msg)
    return value
