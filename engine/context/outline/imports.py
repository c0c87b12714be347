"""From the captures of a query to a file's imports."""

import re
from collections.abc import Iterator
from typing import cast, get_args

from tree_sitter import Node

from .model import Import, ImportKind
from .source import Source
from .traits import Traits

__all__ = ["IMPORT_KINDS", "Match", "imports"]

IMPORT_KINDS = frozenset(get_args(ImportKind))
MAX_BYTES = 4000
"""A longer import is cut off."""

Match = tuple[int, dict[str, list[Node]]]
"""Index of the pattern, its captures by name."""

QUOTES = "\"'`<>"
VARIABLE = re.compile(r"\$\{?\w+\}?")
COMMENT = re.compile(rb"#[^\n]*")
TAIL = re.compile(r"[\w./+@-]*$")
KEYWORDS = re.compile(r"^(?:import|use)\s+(?:(?:static|function|const)\s+)?|[\s;]+")
RENAMED = re.compile(r"^(.+?)\s+as\s+(\w+)$|^(.+?)\s*=>\s*(\w+)$")
WILDCARDS = {"*", "_", "given"}

Name = tuple[str, str]


def imports(
    source: Source, matches: list[tuple[str, Match]], traits: Traits
) -> list[Import]:
    """Put together what was captured of each import.

    Args:
        source: The file.
        matches: Kind and match of what a query found.
        traits: Of the file's language.
    """
    found: dict[tuple[int, str], tuple[Import, dict[Name, None]]] = {}
    for kind, (_, captures) in sorted(matches, key=_order):
        node = captures[kind][0]
        row = source.row(source.place(node.start_byte))
        start = _module(captures).start_byte
        if "tree" in captures and (start, "") in found:
            continue
        for module, relative, names in _read(source, kind, captures, traits):
            key = start, module if "tree" in captures else ""
            if key not in found:
                made = Import(module, (), row, relative, cast("ImportKind", kind))
                found[key] = made, {}
            found[key][1].update(dict.fromkeys(names))
    return [
        Import(made.module, tuple(names), made.row, made.relative, made.kind)
        for made, names in found.values()
    ]


def _order(match: tuple[str, Match]) -> tuple[int, bool, int, int]:
    pattern, captures = match[1]
    item = captures["item"][0].start_byte if "item" in captures else 0
    return _module(captures).start_byte, "tree" in captures, item, pattern


def _module(captures: dict[str, list[Node]]) -> Node:
    return captures["from" if "from" in captures else "tree"][0]


def _read(
    source: Source, kind: str, captures: dict[str, list[Node]], traits: Traits
) -> Iterator[tuple[str, int, list[Name]]]:
    alias = _captured(source, captures, "alias")
    if "tree" in captures:
        tree = KEYWORDS.sub(" ", _captured(source, captures, "tree")).strip()
        for path, name in _leaves(tree, traits.separator):
            module, item = _split(path, traits.separator)
            yield module, 0, [(item, name or alias)] if item or name or alias else []
        return
    module = _captured(source, captures, "from").strip(QUOTES)
    if "rest" in captures:
        begin, end = captures["from"][0].end_byte, captures["rest"][0].end_byte
        rest = source.text[begin:end]
        bare = module.lstrip(".")
        yield bare, len(module) - len(bare), _listed(rest)
        return
    if kind == "path":
        module = VARIABLE.sub("", _captured(source, captures, "from"))
        module = TAIL.findall(module.rstrip(QUOTES + ") ;"))[0]
    names = [("default", _captured(source, captures, "default"))]
    if "default" not in captures:
        item = _captured(source, captures, "item").lstrip(":").strip(QUOTES)
        names = [(item, alias)] if item or alias else []
    yield module, 0, names


def _captured(source: Source, captures: dict[str, list[Node]], name: str) -> str:
    return source.slice(captures[name][0], MAX_BYTES) if name in captures else ""


def _listed(rest: bytes) -> list[Name]:
    """Names and aliases of ``import (a as b, c)``, with comments between them."""
    text = COMMENT.sub(b" ", rest[:MAX_BYTES]).decode("utf-8", "replace")
    _, _, text = text.partition("import")
    names = text.replace("\\", " ").strip("() \t\r\n").split(",")
    parts = [name.partition(" as ") for name in names]  # half-typed it may have two
    return [(name.strip(), alias.strip()) for name, _, alias in parts if name.strip()]


def _leaves(tree: str, separator: str) -> Iterator[Name]:
    """Paths and aliases of ``a::{b, c::{d as e, *}}``, as Rust, PHP and Scala group."""
    open_at = tree.find("{")
    if open_at < 0:
        for part in tree.split(","):
            renamed = RENAMED.match(part.strip())
            path = (renamed[1] or renamed[3]) if renamed else part.strip()
            if path:
                yield path, (renamed[2] or renamed[4]) if renamed else ""
        return
    head = tree[:open_at]
    for part in _parts(tree[open_at + 1 : tree.rfind("}")]):
        for path, alias in _leaves(part, separator):
            yield (head.rstrip(separator) if path == "self" else head + path), alias


def _parts(group: str) -> Iterator[str]:
    """What stands between the commas of a group, groups inside it kept whole."""
    depth = start = 0
    for at, char in enumerate(group):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            yield group[start:at].strip()
            start = at + 1
    yield group[start:].strip()


def _split(path: str, separator: str) -> Name:
    module, found, item = path.strip().lstrip("\\").rpartition(separator)
    if not found:
        return item, ""
    return module, "*" if item in WILDCARDS else item
