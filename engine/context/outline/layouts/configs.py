"""What a repository's own files say of its layout: packages, aliases, modules."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from .files import join, parent

__all__ = ["ENTRIES", "Alias", "Configs", "is_config", "read"]

NAMED = re.compile(r"(?:package|composer|[jt]sconfig[\w.-]*)\.json|go\.mod|Cargo\.toml")
MODULE = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)
STRING = r'("(?:[^"\\\n]|\\.)*")'
COMMENTS = re.compile(rf"{STRING}|//[^\n]*|/\*.*?\*/", re.DOTALL)
COMMAS = re.compile(rf"{STRING}|,(?=\s*[}}\]])")
MAX_EXTENDS = 5
ENTRIES = ("source", "types", "module", "main")
"""Of ``package.json``: the file that a package's bare name means."""

FILES_SAID = ("exports", *ENTRIES)


@dataclass(frozen=True, slots=True)
class Alias:
    """One of tsconfig's ``paths``: a pattern and the folders it stands for."""

    before: str
    after: str
    """The pattern around its ``*``; None of both: an exact name."""

    star: bool
    targets: tuple[str, ...]
    """Relative to the root, with ``*``."""


@dataclass(slots=True)
class Configs:
    """What the configuration files say, by folder or by name."""

    packages: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    """npm: name to folder and what ``package.json`` says of its files."""

    internals: dict[str, dict[str, Any]] = field(default_factory=dict)
    """npm: folder to the ``imports`` of its package, whose names begin with ``#``."""

    aliases: dict[str, tuple[str | None, tuple[Alias, ...]]] = field(
        default_factory=dict
    )
    """TypeScript: folder to its base URL and its paths."""

    modules: dict[str, str] = field(default_factory=dict)
    """Go: module path to folder."""

    crates: dict[str, str] = field(default_factory=dict)
    """Rust: crate name, with underscores, to folder."""

    prefixes: list[tuple[str, str]] = field(default_factory=list)
    """PHP: namespace to folder (PSR-4), the longest first."""

    def digest(self) -> str:
        """Another one where an import may mean another file, in every process."""
        return blake2b(
            repr(self).encode("utf-8", "replace"), digest_size=16
        ).hexdigest()


def is_config(path: str) -> bool:
    """Whether a file is worth giving to a resolver, by its name."""
    return NAMED.fullmatch(path.rpartition("/")[2]) is not None


def read(texts: Mapping[str, str]) -> Configs:
    """Understand what can be understood; a damaged file says nothing."""
    found = Configs()
    for path in sorted(texts, key=_after_plain):
        name, folder = path.rpartition("/")[2], parent(path)
        if name == "go.mod":
            if module := MODULE.search(texts[path]):
                found.modules[module[1]] = folder
        elif name == "Cargo.toml":
            _cargo(texts[path], folder, found)
        elif name == "package.json":
            _package(_json(texts[path]), folder, found)
        elif name == "composer.json":
            _composer(_json(texts[path]), folder, found)
        elif name.startswith(("tsconfig", "jsconfig")):
            base, paths = _options(path, texts, 0)
            first, known = found.aliases.get(folder, (None, ()))
            base, paths = base if first is None else first, known or paths
            if base is not None or paths:
                found.aliases[folder] = base, paths
    found.prefixes.sort(key=lambda prefix: -len(prefix[0]))
    return found


def _after_plain(path: str) -> tuple[bool, str]:
    """``tsconfig.json`` counts before ``tsconfig.app.json``, which it may refer to."""
    return not path.endswith("sconfig.json"), path


def _json(text: str) -> dict[str, Any]:
    for dropped in (COMMENTS, COMMAS):  # a comment may stand behind the last comma
        text = dropped.sub(lambda found: found[1] or "", text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [v for v in values if isinstance(v, str)]


def _cargo(text: str, folder: str, found: Configs) -> None:
    try:
        manifest = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    for table in ("package", "lib"):
        name = _dict(manifest.get(table)).get("name")
        if isinstance(name, str):
            found.crates[name.replace("-", "_")] = folder


def _package(manifest: dict[str, Any], folder: str, found: Configs) -> None:
    if isinstance(manifest.get("name"), str):
        said = {key: manifest[key] for key in FILES_SAID if key in manifest}
        found.packages[manifest["name"]] = folder, said
    if internal := _dict(manifest.get("imports")):
        found.internals[folder] = internal


def _composer(manifest: dict[str, Any], folder: str, found: Configs) -> None:
    for key in ("autoload", "autoload-dev"):
        mapping = _dict(_dict(manifest.get(key)).get("psr-4"))
        found.prefixes += [
            (prefix.strip("\\"), join(folder, target))
            for prefix, targets in mapping.items()
            for target in _strings(targets)
        ]


def _options(
    path: str, texts: Mapping[str, str], depth: int
) -> tuple[str | None, tuple[Alias, ...]]:
    """``baseUrl`` and ``paths`` of a tsconfig, or those of one that it extends."""
    config, folder = _json(texts.get(path, "")), parent(path)
    options = _dict(config.get("compilerOptions"))
    base = options.get("baseUrl")
    base = join(folder, base) if isinstance(base, str) else None
    paths = tuple(
        _alias(pattern, targets, folder if base is None else base)
        for pattern, targets in _dict(options.get("paths")).items()
    )
    if depth < MAX_EXTENDS and (base is None or not paths):
        for other in _strings(config.get("extends")):
            named = join(folder, other if other.endswith(".json") else f"{other}.json")
            if named != path and named in texts:
                inherited, more = _options(named, texts, depth + 1)
                base = inherited if base is None else base
                paths = paths or more
    return base, paths


def _alias(pattern: str, targets: object, base: str) -> Alias:
    before, star, after = pattern.partition("*")
    found = tuple(join(base, target) for target in _strings(targets))
    return Alias(before, after, bool(star), found)
