"""Rust: modules of a crate, crates of a workspace."""

from collections.abc import Iterator

from codeassist.engine.context.outline.model import Import

from .configs import Configs
from .files import Files, ancestors, parent

__all__ = ["rust"]

ENDINGS = (".rs", "/mod.rs")
ROOTS = ("lib.rs", "main.rs", "mod.rs")
"""Files whose child modules lie beside them."""


def rust(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """The files in which the path of a ``use`` or ``mod`` ends."""
    if found.kind == "mod":
        child = files.first(_below(_children(path), found.module), ENDINGS)
        if child is not None:
            yield child
        return
    parts = found.module.split("::")
    seen = set()
    for name in [name for name, _ in found.names if name != "*"] or [""]:
        whole = [*parts, name] if name else parts
        target = _walk(files, configs, path, whole)
        if target is not None and target != path and target not in seen:
            seen.add(target)
            yield target


def _walk(files: Files, configs: Configs, path: str, parts: list[str]) -> str | None:
    """The deepest module on a path; what is behind it is an item in there."""
    first = parts[0]
    if first in ("self", "super"):
        base = _children(path)
        while parts and parts[0] in ("self", "super"):
            base = parent(base) if parts[0] == "super" else base
            parts = parts[1:]
        return _deepest(files, base, parts)
    if first == "crate":
        return _deepest(files, _source(files, path), parts[1:])
    if first in configs.crates:
        folder = configs.crates[first]
        return _deepest(files, f"{folder}/src" if folder else "src", parts[1:])
    for base in (_children(path), _source(files, path)):
        if files.first(_below(base, first), ENDINGS) is not None:
            return _deepest(files, base, parts)
    return None


def _deepest(files: Files, base: str, parts: list[str]) -> str | None:
    reached = files.first(base, ENDINGS) or files.first(_below(base, ""), ROOTS)
    for part in parts:
        base = _below(base, part)
        module = files.first(base, ENDINGS)
        if module is None and not files.is_folder(base):
            break
        reached = module or reached
    return reached


def _children(path: str) -> str:
    """The folder in which a file's child modules lie."""
    folder, _, name = path.rpartition("/")
    return folder if name in ROOTS else path.removesuffix(".rs")


def _source(files: Files, path: str) -> str:
    """The folder of the crate's root module."""
    for folder in ancestors(path):
        if files.first(_below(folder, ""), ("lib.rs", "main.rs")) is not None:
            return folder
    return parent(path)


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
