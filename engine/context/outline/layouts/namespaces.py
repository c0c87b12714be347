"""Languages whose folders are packages: Go, Java, Kotlin, Scala, C#, PHP, Swift."""

from collections.abc import Iterator

from codeassist.engine.context.outline.model import Import

from .configs import Configs
from .files import Files, nearest, parent
from .relative import beside

__all__ = ["csharp", "go", "java", "php", "swift"]

JVM = (".java", ".kt", ".scala")


def go(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """All files of the package, by the module's path in ``go.mod``; no tests."""
    folder: str | None = None
    if found.kind == "package":
        folder = parent(path)
    else:
        folder = _go_folder(configs, found.module)
    if folder is not None:
        sources = files.inside(folder, (".go",))
        yield from (p for p in sources if not p.endswith("_test.go") and p != path)


def _go_folder(configs: Configs, name: str) -> str | None:
    prefix = name
    while prefix:
        if prefix in configs.modules:
            return f"{configs.modules[prefix]}{name[len(prefix) :]}".strip("/")
        prefix = parent(prefix)
    return None


def java(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """A class by its package's folders; all of a package for ``*`` and for our own."""
    if found.kind == "package":
        yield from (p for p in files.inside(parent(path), JVM) if p != path)
        return
    package = found.module.replace(".", "/")
    for name, _ in found.names or (("", ""),):
        target = None
        if name not in ("", "*"):
            target = _class(files, f"{package}/{name}", path)
        target = target or _class(files, package, path)
        if target is not None:
            yield target
            continue
        folder = files.nearest_folder(package, path)
        if folder is not None and name != "":
            yield from files.inside(folder, JVM)


def _class(files: Files, name: str, path: str) -> str | None:
    for ending in JVM:
        found = files.nearest(name + ending, path)
        if found is not None:
            return found
    return None


def csharp(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """The folder whose path ends as the namespace does, in folders or in dots."""
    if found.kind == "package":
        yield from (p for p in files.inside(parent(path), (".cs",)) if p != path)
        return
    parts = found.module.split(".")
    for start in range(max(1, len(parts) - 1)):
        tail = parts[start:]
        for dots in range(len(tail)):
            suffix = "/".join([".".join(tail[: dots + 1]), *tail[dots + 1 :]])
            folder = files.nearest_folder(suffix, path)
            sources = files.inside(folder, (".cs",)) if folder is not None else []
            if sources:
                yield from sources
                return


def php(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """A class by PSR-4 (``composer.json``), or by the end of its path."""
    if found.kind == "path":
        yield from beside(files, path, found.module, ("",))
        return
    if found.kind == "package":
        yield from (p for p in files.inside(parent(path), (".php",)) if p != path)
        return
    for name in [name for name, _ in found.names if name] or [""]:
        whole = f"{found.module}\\{name}" if name else found.module
        target = _psr4(files, configs, whole)
        if target is None and "\\" in whole:
            tail = whole.replace("\\", "/").split("/")
            target = files.nearest(f"{'/'.join(tail[-2:])}.php", path)
        if target is not None:
            yield target


def _psr4(files: Files, configs: Configs, name: str) -> str | None:
    for prefix, folder in configs.prefixes:
        if name == prefix or name.startswith(f"{prefix}\\") or not prefix:
            rest = name[len(prefix) :].strip("\\").replace("\\", "/")
            target = f"{folder}/{rest}.php".lstrip("/")
            if target in files:
                return target
    return None


def swift(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """All files of a module: the folder of its name, under ``Sources`` if need be."""
    name = found.module.partition(".")[0]
    folder = files.nearest_folder(f"Sources/{name}", path)
    if folder is None:
        folders = (p for p in files.ending(name) if files.is_folder(p))
        folder = nearest(folders, path)
    if folder is not None:
        yield from files.inside(folder, (".swift",))
