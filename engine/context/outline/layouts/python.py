"""Python: packages, namespace packages, src/ layouts, relative imports."""

import sys
from collections.abc import Iterator

from codeassist.engine.context.outline.model import Import

from .configs import Configs
from .files import Files, ancestors, nearest, parent

__all__ = ["python"]

MODULES = (".py", "/__init__.py", ".pyi", "/__init__.pyi")
PACKAGE = ("/__init__.py", "/__init__.pyi")
ROOTS = {"", "src", "lib", "python"}
"""Names of folders from which a lone module may be imported elsewhere."""


def python(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """The module, or those of its submodules that are imported by name."""
    question = "python", parent(path), found.module, found.relative
    module, folder = files.once(question, lambda: _module(files, path, found))
    others = not found.names or folder is None
    if folder is not None:
        for name, _ in found.names:
            part = files.first(f"{folder}{name}", MODULES) if name else None
            others = others or part is None
            if part is not None:
                yield part
    if others and module is not None:
        yield module


def _module(files: Files, path: str, found: Import) -> tuple[str | None, str | None]:
    """The module's file, and the beginning of its submodules' paths, if it may have any.

    Both depend on the folder of the file that imports alone.
    """
    base = _base(files, path, found)
    if base is None:
        return None, None
    module = files.first(base, MODULES) if base else None
    folder = f"{base}/" if base else ""
    return module, folder if files.is_folder(base) else None


def _base(files: Files, path: str, found: Import) -> str | None:
    """The module's path without its ending."""
    tail = found.module.replace(".", "/")
    if found.relative:
        folders = list(ancestors(path))
        if found.relative > len(folders):
            return None
        folder = folders[found.relative - 1]
        return f"{folder}/{tail}".strip("/")
    if not tail:
        return None
    inside = None
    for folder in ancestors(path):
        base = f"{folder}/{tail}" if folder else tail
        if files.first(base, MODULES) is None and not _namespace(files, base):
            continue
        if files.first(folder, PACKAGE) is None:
            return base
        # A script beside its modules, in a folder that happens to be a package.
        inside = inside or base
    if found.module.partition(".")[0] in sys.stdlib_module_names:
        return None
    return _elsewhere(files, path, tail) or inside


def _namespace(files: Files, base: str) -> bool:
    return files.is_folder(base) and bool(files.inside(base, (".py", ".pyi")))


def _elsewhere(files: Files, path: str, tail: str) -> str | None:
    """The module in another root, such as that of another project's ``src``."""
    roots = {}
    for ending in MODULES:
        for candidate in files.ending(tail + ending):
            root = candidate[: -len(tail + ending)].rstrip("/")
            if candidate in files and files.first(root, PACKAGE) is None:
                roots[candidate[: -len(ending)]] = root
    if "/" not in tail:
        roots = {
            base: root
            for base, root in roots.items()
            if root.rpartition("/")[2] in ROOTS
            or files.first(base, PACKAGE) is not None
        }
    return nearest(roots, path)
