"""What changed on disk since the index was made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from codeassist.engine.context.outline.resolve import is_config
from codeassist.ignore import Found, Rules
from codeassist.languages import of_path

from .model import FileState

__all__ = ["Difference", "Tree", "compare", "look_at", "survey"]

CONFIG_BYTES = 1 << 20
LEFT_OUT = frozenset({"plaintext", "json", "markdown"})
"""Languages of files that hold no code."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The source files that there are, and the texts that imports depend on."""

    files: dict[str, FileState]
    configs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """Paths, by what became of them."""

    added: list[str]
    changed: list[str]
    gone: list[str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened."""
        return not (self.added or self.changed or self.gone)


def look_at(rules: Rules, paths: Iterable[str]) -> Tree:
    """Those of some paths that are source files now."""
    found = []
    for path in paths:
        if rules.allows(path):
            try:
                found.append(Found(path, (rules.root / path).lstat()))
            except OSError:
                continue
    return survey(rules.root, found)


def compare(
    known: Mapping[str, FileState], found: Mapping[str, FileState]
) -> Difference:
    """What to do so that what is known becomes what was found."""
    return Difference(
        added=[path for path in found if path not in known],
        changed=[p for p, state in found.items() if known.get(p, state) != state],
        gone=[path for path in known if path not in found],
    )


def survey(root: Path, found: Iterable[Found]) -> Tree:
    """Those of a repository's files that hold source, or say how imports resolve."""
    tree = Tree({}, {})
    for path, about in found:
        if is_config(path):
            tree.configs[path] = _text(root / path, about.st_size)
        if of_path(path).name not in LEFT_OUT:
            tree.files[path] = (about.st_mtime_ns, about.st_size)
    return tree


def _text(file: Path, size: int) -> str:
    if size > CONFIG_BYTES:
        return ""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
