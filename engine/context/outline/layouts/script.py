"""JavaScript and TypeScript: relative files, tsconfig's paths, workspaces."""

from collections.abc import Iterator
from typing import Any

from codeassist.engine.context.outline.model import Import

from .configs import ENTRIES, Configs
from .files import Files, ancestors, join, parent

__all__ = ["script"]

ENDINGS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
TRIED = ("", *ENDINGS, *(f"/index{ending}" for ending in ENDINGS))
COMPILED = {
    ".js": (".ts", ".tsx", ".js"),
    ".jsx": (".tsx",),
    ".mjs": (".mts",),
    ".cjs": (".cts",),
}
"""What TypeScript lets one write, and the source that is meant."""

OUTPUT = ("dist", "lib", "build", "out", "es", "esm", "cjs")
CONDITIONS = (
    "source",
    "types",
    "import",
    "module",
    "default",
    "require",
    "node",
    "browser",
)


def script(files: Files, configs: Configs, path: str, found: Import) -> Iterator[str]:
    """The one file that a specifier means."""
    name = found.module
    if name.startswith("."):
        resolved = _file(files, join(parent(path), name))
    else:
        resolved = (
            _alias(files, configs, path, name)
            or _internal(files, configs, path, name)
            or _package(files, configs, path, name)
            or _source(files, path, name)
        )
    if resolved is not None:
        yield resolved


def _file(files: Files, base: str) -> str | None:
    base = base.rstrip("/")
    stem, dot, ending = base.rpartition(".")
    if dot and f".{ending}" in COMPILED:
        compiled = files.first(stem, COMPILED[f".{ending}"])
        if compiled is not None:
            return compiled
    return files.first(base, TRIED) if base else files.first("index", ENDINGS)


def _alias(files: Files, configs: Configs, path: str, name: str) -> str | None:
    """By the nearest tsconfig that says something of paths."""
    if not configs.aliases:
        return None
    for folder in ancestors(path):
        if folder not in configs.aliases:
            continue
        base, aliases = configs.aliases[folder]
        for alias in sorted(aliases, key=lambda a: -len(a.before)):
            inner = _inner(name, alias.before, alias.after, star=alias.star)
            for target in alias.targets if inner is not None else ():
                found = _file(files, join("", target.replace("*", inner or "")))
                if found is not None:
                    return found
        if base is not None:
            return _file(files, join(base, name))
    return None


def _inner(name: str, before: str, after: str, *, star: bool) -> str | None:
    """What a pattern's star stands for; None where the name is another."""
    if not star:
        return "" if name == before else None
    fits = name.startswith(before) and name.endswith(after)
    if not fits or len(name) < len(before) + len(after):
        return None
    return name[len(before) : len(name) - len(after)]


def _internal(files: Files, configs: Configs, path: str, name: str) -> str | None:
    """``#part`` by the ``imports`` of the package that the file belongs to."""
    for folder in ancestors(path) if name.startswith("#") else ():
        if folder in configs.internals:
            target = _mapped(configs.internals[folder], name)
            return _entry(files, folder, target) if target else None
    return None


def _package(files: Files, configs: Configs, path: str, name: str) -> str | None:
    """In another package of the workspace, by its ``package.json``."""
    parts = name.split("/")
    named = "/".join(parts[: 2 if name.startswith("@") else 1])
    if named not in configs.packages:
        return None
    folder, manifest = configs.packages[named]
    rest = name[len(named) :]
    exported = _exported(manifest.get("exports"), f".{rest}")
    entries = [exported] if exported else []
    if rest:
        entries += [f".{rest}", f"./src{rest}"]
    else:
        values = [manifest.get(key) for key in ENTRIES]
        entries += [value for value in values if isinstance(value, str)]
        entries += ["./index", "./src/index", "./lib/index"]
    for entry in entries:
        found = _entry(files, folder, entry)
        if found is not None:
            return found
    return None


def _exported(exports: Any, key: str) -> str | None:
    """The path that ``exports`` has for a key such as ``./part``."""
    if isinstance(exports, str):
        return exports if key == "." else None
    if not isinstance(exports, dict):
        return None
    if not any(str(name).startswith(".") for name in exports):
        return _condition(exports) if key == "." else None
    return _mapped(exports, key)


def _mapped(targets: dict[str, Any], key: str) -> str | None:
    """The path that a name stands for, by itself or by a pattern with ``*``."""
    if key in targets:
        return _condition(targets[key])
    for pattern, target in targets.items():
        before, star, after = str(pattern).partition("*")
        inner = _inner(key, before, after, star=True) if star else None
        value = _condition(target)
        if inner is not None and value is not None:
            return value.replace("*", inner)
    return None


def _condition(target: Any) -> str | None:
    """The first path under the conditions that we prefer."""
    if isinstance(target, str):
        return target
    if isinstance(target, dict):
        for condition in CONDITIONS:
            found = _condition(target.get(condition))
            if found is not None:
                return found
    return None


def _entry(files: Files, folder: str, entry: str) -> str | None:
    """The file that ``package.json`` names, or the source of it."""
    return _file(files, join(folder, entry)) or _uncompiled(files, folder, entry)


def _uncompiled(files: Files, folder: str, entry: str) -> str | None:
    """The source of ``dist/index.js``, which is not in the repository."""
    parts = [part for part in entry.split("/") if part not in (".", "")]
    if not parts or parts[0] not in OUTPUT:
        return None
    rest = "/".join(parts[1:]).removesuffix(".d.ts")
    stem = rest.rpartition(".")[0] or rest
    return _file(files, join(folder, f"src/{stem}"))


def _source(files: Files, path: str, name: str) -> str | None:
    """``@/part`` and ``~/part`` without a tsconfig: the nearest ``src``, or the root."""
    before, slash, rest = name.partition("/")
    if not slash or before not in ("@", "~", "#", ""):
        return None
    for folder in ancestors(path):
        for root in ("src", "app", "."):
            found = _file(files, join(folder, f"{root}/{rest}"))
            if found is not None:
                return found
    return None
