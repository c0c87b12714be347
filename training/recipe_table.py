"""Tables of TOML into frozen dataclasses, by their annotations and nothing else."""

import dataclasses
import difflib
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeVar, Union

from codeassist.errors import ConfigError

__all__ = ["Table", "build", "plain", "unknown"]

Table = Mapping[str, Any]
T = TypeVar("T")


def build(kind: type[T], table: object, where: str) -> T:
    """Make a dataclass of a table; what the table leaves out keeps its default.

    Args:
        kind: The dataclass. Its fields are numbers, texts, booleans, paths, choices
            (`Literal` or an `Enum` by value), tuples, mappings, other such
            dataclasses, or one of these or None.
        table: As TOML has it.
        where: Name of the table, for errors.

    Raises:
        ConfigError: an unknown key (with the nearest one that exists), a missing
            one, or a value of a wrong type.
    """
    if not isinstance(table, Mapping):
        msg = f"{where} is a table of settings, not {table!r}"
        raise ConfigError(msg)
    hints = typing.get_type_hints(kind)
    known = {each.name: each for each in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values = {}
    for key, value in table.items():
        if key not in known:
            raise unknown(_join(where, key), key, known)
        values[key] = _value(hints[key], value, _join(where, key))
    for name, each in known.items():
        if name not in values and not _has_default(each):
            msg = f"{_join(where, name)} is missing; give one"
            raise ConfigError(msg)
    return kind(**values)


def unknown(full: str, key: str, known: Iterable[str]) -> ConfigError:
    """What to say of a key that does not exist."""
    known = [*known]
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    return ConfigError(f"there is no setting {full!r}; {hint}")


def plain(value: Any) -> Any:
    """A dataclass as a table again: what `build` makes the same dataclass of.

    None has no place in TOML and is left out.
    """
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {key: plain(each) for key, each in fields.items() if each is not None}
    if isinstance(value, Mapping):
        return {plain(key): plain(each) for key, each in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value


def _value(wanted: Any, value: Any, where: str) -> Any:
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (Union, types.UnionType):
        (wanted,) = (each for each in inner if each is not type(None))
        return _value(wanted, value, where)
    if origin is Literal:
        return _choice({each: each for each in inner}, value, where)
    if origin is tuple:
        return _tuple(inner, value, where)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(inner, value, where)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return _choice({each.value: each for each in wanted}, value, where)
    if dataclasses.is_dataclass(wanted):
        return build(wanted, value, where)  # type: ignore[arg-type]
    return _scalar(wanted, value, where)


def _scalar(wanted: type[Any], value: Any, where: str) -> Any:
    if wanted is Path and isinstance(value, str):
        return Path(value)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        name = {str: "text", Path: "a path", int: "a whole number"}.get(wanted)
        msg = f"{where} takes {name or wanted.__name__}, not {value!r}"
        raise ConfigError(msg)
    if wanted in (int, float) and not abs(value) < 2**63:  # nor inf or nan
        msg = f"{where} takes a number that is finite and below 2**63, not {value}"
        raise ConfigError(msg)
    return value


def _choice(known: Mapping[Any, Any], value: Any, where: str) -> Any:
    if not isinstance(value, str) or value not in known:
        msg = f"{where} is one of {', '.join(map(str, known))}, not {value!r}"
        raise ConfigError(msg)
    return known[value]


def _tuple(inner: Sequence[Any], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        msg = f"{where} takes a list, not {value!r}"
        raise ConfigError(msg)
    if inner[-1] is not Ellipsis and len(value) != len(inner):
        msg = f"{where} takes {len(inner)} values, not {len(value)}"
        raise ConfigError(msg)
    kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
    pairs = enumerate(zip(kinds, value, strict=True))
    return tuple(_value(kind, each, f"{where}[{n}]") for n, (kind, each) in pairs)


def _mapping(inner: Sequence[Any], value: Any, where: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        msg = f"{where} is a table, not {value!r}"
        raise ConfigError(msg)
    key_kind, value_kind = inner
    return {
        _value(key_kind, key, where): _value(value_kind, each, _join(where, key))
        for key, each in value.items()
    }


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _has_default(field: "dataclasses.Field[Any]") -> bool:
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing
