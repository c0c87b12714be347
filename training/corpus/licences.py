"""May a file be learned from: what is nearest to it says under which licence it is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from codeassist.languages import of_path

from .heads import comments
from .licence_texts import SPDX, UNKNOWN, WORTH, licences_in, points_elsewhere, spdx_of
from .metadata import Said

__all__ = ["Permission", "Permissions", "is_licence_file", "is_vendored"]

LICENCE_FILE = re.compile(
    r"(?:un)?licen[sc]es?|copying|copyright"
    r"|(?:(?:un)?licen[sc]e|copying|copyright)[._-].*|.*[._-]licen[sc]e(?:\.(?:txt|md|rst))?",
    re.IGNORECASE,
)
VENDORED = re.compile(
    r"_?vendor(?:ed|s)?|third[-_]?party|3rd[-_]?party|node_modules|bower_components"
    r"|site-packages|extern(?:al|als)?|_?bundled|deps|subprojects",
    re.IGNORECASE,
)
GUEST = re.compile(r"third[._-]?part|3rd[._-]?part|vendor|dependenc", re.IGNORECASE)
"""In the name of a file with the licences of what a package carries along."""

FOLDERS = ("licenses", "licences")
PROSE = ("markdown", "plaintext")
HEAD = 4000
"""Characters of a source in which its own licence is looked for."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a file may be learned from."""

    granted: bool
    licence: str
    """An SPDX expression; `UNKNOWN` where nothing says one."""

    found_by: str
    """Where it stands."""


def is_licence_file(path: str) -> bool:
    """Whether a file's name says that it is a licence; code is none."""
    if of_path(path).name not in PROSE:
        return False
    pure = PurePosixPath(path)
    if pure.suffix == ".license" and "." in pure.stem:
        return False  # note: it speaks of the one file beside it (REUSE)
    in_folder = pure.parent.name.lower() in FOLDERS
    return in_folder or LICENCE_FILE.fullmatch(pure.name) is not None


def is_vendored(path: str) -> bool:
    """Whether a folder's name says that others wrote what is in it."""
    return any(VENDORED.fullmatch(part) for part in PurePosixPath(path).parts[:-1])


@dataclass(slots=True)
class Permissions:
    """The licences of one package, folder by folder."""

    allow: tuple[str, ...]
    said: dict[str, list[tuple[str, Said]]] = field(default_factory=dict)
    """Manifests of a folder, with their paths."""

    texts: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """What the licence files of a folder grant, with their paths; empty: nothing."""

    def add_manifest(self, path: str, said: Said) -> None:
        """Take a manifest into account for its folder and all below it."""
        folder = str(PurePosixPath(path).parent)
        if folder.endswith((".egg-info", ".dist-info", "debian")):
            # note: an egg-info below src/ speaks of the whole package
            parents = PurePosixPath(folder).parent
            folder = "." if parents.name in ("src", "lib") else str(parents)
        self.said.setdefault(folder, []).append((path, said))

    def add_text(self, path: str, text: str) -> None:
        """Take a licence file into account for its folder and all below it."""
        folder = PurePosixPath(path).parent
        if folder.name.lower() in FOLDERS:
            folder = folder.parent
        found = " AND ".join(sorted(licences_in(text))) or spdx_of(text)
        if not found and _is_main(path) and not points_elsewhere(text):
            found = UNKNOWN
        self.texts.setdefault(str(folder), []).append((path, found))

    def of(self, path: str, text: str) -> Permission:
        """The licence of a file: its own words, else the nearest folder's."""
        head = text[:HEAD]
        if WORTH.search(head) and (own := self._own(*comments(head))):
            return own
        for folder in PurePosixPath(path).parents:
            if found := self._folder(str(folder)):
                return found
            if VENDORED.fullmatch(folder.name):
                break  # what holds for the package does not hold for its guests
        return self._judged(UNKNOWN, "nothing says one")

    def _own(self, first: str, every: str) -> Permission | None:
        """What a file's comments say: texts in any may refuse, in the first grant."""
        judged = []
        if expression := spdx_of(every):
            judged.append(self._judged(expression, "SPDX line of the file"))
        if named := " AND ".join(sorted(licences_in(SPDX.sub("", every)))):
            judged.append(self._judged(named, "head of the file"))
        grants = expression or (judged and licences_in(first))
        return self._agreed(judged, judged if grants else ())

    def _agreed(
        self, judged: Sequence[Permission], granting: Sequence[Permission]
    ) -> Permission | None:
        """What is refused, unless it is one side of a choice, else what is granted."""
        refused = next((each for each in judged if not each.granted), None)
        if refused is not None and not self._chosen(refused, judged):
            return refused
        return next((each for each in granting if each.granted), None)

    def _folder(self, folder: str) -> Permission | None:
        """What manifests and licence files of a folder say; all must agree.

        Licences of what a package carries along grant only where it has none itself.
        """
        told = [(path, said.licence) for path, said in self.said.get(folder, [])]
        texts = self.texts.get(folder, [])
        own, guests = (
            [self._judged(licence, path) for path, licence in files if licence]
            for files in (
                [*told, *(each for each in texts if not _is_guest(each[0]))],
                [each for each in texts if _is_guest(each[0])],
            )
        )
        found = self._agreed([*own, *guests], own or guests)
        return found or (self._judged(UNKNOWN, texts[0][0]) if texts else None)

    @staticmethod
    def _chosen(refused: Permission, judged: Iterable[Permission]) -> bool:
        """Whether the refused licence is the other side of a choice (MIT OR GPL)."""
        sides = {
            side.strip(" ()")
            for each in judged
            if each.granted
            for side in each.licence.split(" OR ")
            if " OR " in each.licence
        }
        families = {side.partition("-")[0] for side in sides}
        named = refused.licence.replace(" OR ", " AND ").split(" AND ")
        return all(each.partition("-")[0] in families for each in named)

    def _judged(self, expression: str, found_by: str) -> Permission:
        licence, granted = _evaluated(expression, self.allow)
        return Permission(granted, licence, found_by)


def _is_main(path: str) -> bool:
    """Whether a licence file's words are a licence even where they are not known."""
    name = PurePosixPath(path).name.lower()
    return not (_is_guest(path) or name.startswith("copyright"))


def _is_guest(path: str) -> bool:
    """Whether it has the licences of what a package carries along."""
    pure = PurePosixPath(path)
    return pure.parent.name.lower() in FOLDERS or GUEST.search(pure.name) is not None


@lru_cache(maxsize=4096)
def _evaluated(expression: str, allow: tuple[str, ...]) -> tuple[str, bool]:
    """The expression in its usual spelling, and whether it can be fulfilled."""
    from license_expression import ExpressionError

    spdx = _spdx()
    try:
        tree = spdx.parse(expression, validate=False)
    except (ExpressionError, ValueError):
        return expression[:80], False
    if tree is None:
        return UNKNOWN, False
    if " " in expression and not spdx.validate(expression).errors:
        tree = tree.simplify()
    return str(tree), _allowed(tree, frozenset(each.lower() for each in allow))


def _allowed(tree: Any, allow: frozenset[str]) -> bool:
    """A choice needs one allowed side, a conjunction all."""
    operator = getattr(tree, "operator", None)
    if operator is None or hasattr(tree, "license_symbol"):
        return str(tree).lower() in allow
    sides = (_allowed(side, allow) for side in tree.args)
    return any(sides) if operator.strip() == "OR" else all(sides)


@lru_cache(maxsize=1)
def _spdx() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()
