"""Languages that name files: C and C++, Ruby, Lua, shells."""

from collections.abc import Iterator

from codeassist.engine.context.outline.model import Import

from .configs import Configs
from .files import Files, ancestors, join, parent

__all__ = ["beside", "c", "lua", "ruby", "shell"]

INCLUDES = {"include", "includes", "inc", "src", ""}
"""Folders in which a system include of one part may be ours."""


def c(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """Beside the file, then in whatever folder is an include folder for it."""
    name = join("", found.module)
    if found.kind == "include":
        own = join(parent(path), found.module)
        if own in files:
            yield own
            return
    header = files.nearest(name, path)
    if header is None:
        return
    folder = parent(header).rpartition("/")[2]
    if found.kind == "include" or "/" in name or folder in INCLUDES:
        yield header


def ruby(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """By the load path: ``lib`` and its like, found by the path's ending."""
    if found.kind == "path":
        yield from beside(files, path, found.module, (".rb", ""))
        return
    name = found.module.removesuffix(".rb") + ".rb"
    for folder in ancestors(path):
        own = join(folder, f"lib/{name}")
        if own in files:
            yield own
            return
    other = files.nearest(join("", name), path)
    if other is not None:
        yield other


def lua(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """``package.path``: a file or the ``init.lua`` of a folder."""
    name = found.module.removesuffix(".lua").replace(".", "/").strip("/")
    for ending in (".lua", "/init.lua"):
        resolved = files.nearest(name + ending, path) if name else None
        if resolved is not None:
            yield resolved
            return


def shell(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """A sourced file: what stands before it is often a variable."""
    yield from beside(files, path, found.module, ("", ".sh", ".bash"))


def beside(
    files: Files, path: str, name: str, endings: tuple[str, ...]
) -> Iterator[str]:
    """A file named from this one's folder, or from one above it."""
    bare = name.lstrip("/")
    for folder in ancestors(path) if bare else ():
        resolved = files.first(join(folder, bare), endings)
        if resolved is not None:
            yield resolved
            return
