"""The files of a folder: those that an index may read, and those to cut holes into."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

from codeassist import grammars
from codeassist.errors import InputError
from codeassist.ignore import IGNORE_FILE, is_by_hand, is_secret
from codeassist.ignore.generated import VENDORED_FOLDERS, is_generated_name
from codeassist.ignore.patterns import IgnoreTree
from codeassist.languages import of_path

from .history import commit_of, files_at, listed

__all__ = [
    "IGNORE_FILE",
    "MAX_BYTES",
    "Repository",
    "Source",
    "decoded",
    "open_repository",
]

MAX_BYTES = 1_000_000
"""A larger file is neither read by an index nor cut."""

SKIPPED_FOLDERS = {"build", "dist", "node_modules", "site-packages", "target", "venv"}
"""Not walked into where no git tells what is ignored; nor are hidden ones."""

LEFTOVER = re.compile(r".*(\.(orig|rej|bak|patch|diff|sw[op])|~)")
"""Names of files that may hold a copy of another file's lines."""

LONGEST_LINE = 2000
MEAN_LINE = 150
"""Characters. Above them no hole is cut: stricter than what an index reads, as what is
cut is asked for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that holes can be cut into."""

    path: str
    language: str
    """LSP identifier, one of `codeassist.grammars.NAMES`."""

    text: str
    """Its line ends kept, without a byte order mark."""

    @property
    def sha256(self) -> str:
        """Of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Repository:
    """A folder as it was when it was opened."""

    root: Path
    name: str
    commit: str
    """That is checked out; empty without git."""

    ignored: tuple[IgnoreTree, ...]
    """Ignore files at any depth, by their names."""

    paths: frozenset[str]
    """Of files that are neither ignored nor secret."""

    def files(self, since: str = "") -> Iterator[tuple[str, str]]:
        """Path and text of each file that an index may read.

        Args:
            since: Hash of a commit: the files as they were then.
        """
        if since:
            for path, content in files_at(self.root, since, MAX_BYTES):
                if self._shown(path) and (text := decoded(content)) is not None:
                    yield path, text
            return
        for path in sorted(self.paths):
            if (text := _read(self.root / path)) is not None:
                yield path, text

    def digest(self, since: str = "") -> str:
        """Of all that `files` brings: prompts show more than the files with holes."""
        digest = hashlib.sha256()
        for path, text in self.files(since):
            data = text.encode(errors="surrogatepass")
            digest.update(f"{path}\0{len(data)}\0".encode(errors="surrogatepass"))
            digest.update(data)
        return digest.hexdigest()

    def source(self, path: str) -> Source | None:
        """A file to cut holes into; None for all others.

        Left out are files of no language with a grammar, and what no person wrote or
        works on: generated, minified and vendored ones.
        """
        language = of_path(path).name
        if language not in grammars.NAMES or path not in self.paths:
            return None
        vendored = not VENDORED_FOLDERS.isdisjoint(path.split("/")[:-1])
        if vendored or is_generated_name(path):
            return None
        text = _read(self.root / path)
        if text is None or not text.strip() or _not_by_hand(text):
            return None
        return Source(path, language, text)

    def _shown(self, path: str) -> bool:
        return _may_read(path, self.ignored)


def open_repository(folder: Path) -> Repository:
    """Look at a folder: with git its files that are not ignored, else all.

    Raises:
        InputError: no such folder, or a `IGNORE_FILE` that cannot be read.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        msg = f"{folder} {what}; name the folder of a repository"
        raise InputError(msg)
    root = folder.resolve()
    names = listed(root)
    ignore_files = [IGNORE_FILE] if names is not None else [".gitignore", IGNORE_FILE]
    _check(root, ignore_files)
    ignored = tuple(IgnoreTree(root, name) for name in ignore_files)
    paths = names if names is not None else _walk(root)
    return Repository(
        root=root,
        name=root.name or "root",
        commit=commit_of(root) if names is not None else "",
        ignored=ignored,
        paths=frozenset(path for path in paths if _may_read(path, ignored)),
    )


def _may_read(path: str, ignored: tuple[IgnoreTree, ...]) -> bool:
    return not (
        is_secret(path)
        or LEFTOVER.fullmatch(PurePosixPath(path).name)
        or any(tree.ignores(path) for tree in ignored)
    )


def _check(root: Path, ignore_files: list[str]) -> None:
    """Refuse a pattern of the root's that would silently do nothing."""
    for file in (root / name for name in ignore_files):
        try:
            GitIgnoreSpec.from_lines((_read(file) or "").splitlines())
        except ValueError as error:
            msg = f"{file} has a pattern that git would not take: {error}"
            raise InputError(msg) from error


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):  # links are not followed
        folders[:] = [
            name
            for name in folders
            if name not in SKIPPED_FOLDERS
            and not name.startswith((".", "__pycache__"))
            and not name.endswith(".egg-info")
        ]
        for name in names:
            path = (Path(folder) / name).relative_to(root).as_posix()
            if path.isprintable():  # not so: a name that is not UTF-8
                yield path


def _read(path: Path) -> str | None:
    """The text of a file; None for a link, a folder, or what cannot be read as text."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            return None
        return decoded(path.read_bytes())
    except OSError:
        return None


def decoded(content: bytes) -> str | None:
    """The text of a file's bytes, without a byte order mark; None: it is no text."""
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _not_by_hand(text: str) -> bool:
    lines = text.splitlines()
    return (
        not is_by_hand(text.encode())
        or len(text) > MEAN_LINE * len(lines)
        or max(map(len, lines)) > LONGEST_LINE
    )
