"""Which files of a repository may be read: one answer for everything that reads.

Git's own rules (`.gitignore` at any depth, `.git/info/exclude`, the user's excludes;
a file that git tracks counts even where a pattern names it), the same syntax in
`.codeassistignore`, secret files, vendored folders, generated names, a size limit.
"""

import os
import stat
import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from codeassist.git import reading

from .generated import MAX_BYTES, VENDORED_FOLDERS, is_generated_name
from .names import is_secret
from .patterns import IgnoreTree

__all__ = ["IGNORE_FILE", "Found", "Rules", "root_of"]

IGNORE_FILE = ".codeassistignore"
GIT, GIT_SECONDS = ".git", 60


def root_of(path: Path) -> Path | None:
    """The folder of the git work tree that a file or folder lies in."""
    full = path.resolve()
    folders = (folder for folder in (full, *full.parents))
    return next((folder for folder in folders if (folder / GIT).exists()), None)


class Found(NamedTuple):
    """A file that may be read."""

    path: str
    """From the root, with forward slashes."""

    stat: os.stat_result


class Rules:
    """What may be read below a folder.

    Where it lies in a git repository, the ignore files above it count, too, unless git
    ignores it whole: then somebody has chosen it knowing that. Of a repository inside its
    own excludes count besides. Ignore files are read
    once; make a new object when one of them changed.

    Args:
        root: A folder.
        max_bytes: Size of the largest file that may be read.
    """

    def __init__(self, root: Path, max_bytes: int = MAX_BYTES) -> None:
        self.root = root.resolve()
        self._top = os.fspath(self.root)
        self._max_bytes = max_bytes
        self._inner: dict[str, tuple[Rules, int] | None] = {"": None}
        self._begin(root_of(self.root))
        if self._below and self._ignores_all():
            del self._git_ignores
            self._begin(None)

    def _begin(self, git_top: Path | None) -> None:
        """Let the ignore files from a repository's top on count; None: from the root."""
        base = git_top or self.root
        self._git_top = git_top
        self._below = "".join(f"{each}/" for each in self.root.relative_to(base).parts)
        self._own = IgnoreTree(base, IGNORE_FILE)

    @property
    def below(self) -> str:
        """Where the root lies in the git work tree whose rules count, with a slash.

        Empty: at its top, or in none.
        """
        return self._below

    def _ignores_all(self) -> bool:
        """Whether the root itself is ignored."""
        trees = (self._git_ignores, self._own)
        return any(tree.ignores_folder(self._below[:-1]) for tree in trees)

    def allows(self, path: str) -> bool:
        """Whether a file (that need not exist yet) may be read.

        Args:
            path: From the root, with forward slashes; one that leaves the root is
                refused.
        """
        parts = path.split("/")
        if not parts[-1] or path.startswith("/") or ".." in parts:
            return False
        if not self._allows_name(path) or not self._allows_by_git(path):
            return False
        try:
            return self._is_fit(os.lstat(f"{self._top}/{path}"))
        except OSError:
            return True

    def ignores(self, path: str) -> bool:
        """Whether an ignore file names a file, from the root with forward slashes."""
        own = self._own.ignores(self._below + path)
        return own or not self._allows_by_git(path)

    def walk(self, *, git: bool = True) -> Iterator[Found]:
        """All files that may be read, in no order that means anything.

        Folders behind symbolic links are not walked, so loops end; what cannot be read
        is passed over. Where the root is a work tree, git lists the files, which is
        faster.

        Args:
            git: Whether git may be asked.
        """
        listed = self._listed("-co") if git else None
        yield from self._scan("") if listed is None else self._look_at(listed)

    def _look_at(self, listed: list[str]) -> Iterator[Found]:
        for path in listed:
            if path.endswith("/"):
                yield from self._scan(path.rstrip("/"))  # a repository inside
                continue
            if not self._allows_name(path):
                continue
            try:
                found = os.lstat(f"{self._top}/{path}")
            except OSError:
                continue
            if stat.S_ISDIR(found.st_mode):
                yield from self._scan(path)  # a submodule
            elif self._is_fit(found):
                yield Found(path, found)

    def _scan(self, start: str) -> Iterator[Found]:
        folders = [start]
        while folders:
            folder = folders.pop()
            prefix = f"{folder}/" if folder else ""
            try:
                with os.scandir(f"{self._top}/{folder}") as entries:
                    found = list(entries)
            except OSError:
                continue
            for entry in found:
                if entry.name == GIT:  # a file in other work trees
                    continue
                path = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if self._allows_folder(path, entry.name):
                        folders.append(path)
                elif self._allows_name(path) and self._allows_by_git(path):
                    try:
                        about = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue
                    if self._is_fit(about):
                        yield Found(path, about)

    def _allows_folder(self, folder: str, name: str) -> bool:
        whole = self._below + folder
        return not (
            name in VENDORED_FOLDERS
            or self._own.ignores_folder(whole)
            or self._git_ignores.ignores_folder(whole)
        )

    def _allows_name(self, path: str) -> bool:
        return (
            VENDORED_FOLDERS.isdisjoint(path.split("/")[:-1])
            and not is_secret(path)
            and not is_generated_name(path)
            and not self._own.ignores(self._below + path)
        )

    def _allows_by_git(self, path: str) -> bool:
        ignored = self._git_ignores.ignores(self._below + path)
        if ignored and path not in self._tracked:
            return False
        inner = self._inside(path.rpartition("/")[0])
        return inner is None or not inner[0].ignores(path[inner[1] :])

    def _inside(self, folder: str) -> "tuple[Rules, int] | None":
        """The rules of the repository inside that a folder belongs to, if any.

        With them: where the paths of that repository begin.
        """
        if folder not in self._inner:
            if os.path.lexists(f"{self._top}/{folder}/{GIT}"):
                found = Rules(self.root / folder, self._max_bytes), len(folder) + 1
                self._inner[folder] = found
            else:
                self._inner[folder] = self._inside(folder.rpartition("/")[0])
        return self._inner[folder]

    def _is_fit(self, found: os.stat_result) -> bool:
        return stat.S_ISREG(found.st_mode) and found.st_size <= self._max_bytes

    @cached_property
    def _git_ignores(self) -> IgnoreTree:
        top = self._git_top or self.root
        named = self._git("config", "--type=path", "core.excludesFile")
        home = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
        everywhere = Path(named.strip()) if named else Path(home, "git", "ignore")
        # note: other work trees of a repository share one that lies elsewhere
        told = self._git("rev-parse", "--git-path", "info/exclude")
        here = told.strip() if told else top / GIT / "info" / "exclude"
        weakest = (everywhere, self.root / here)
        return IgnoreTree(top, ".gitignore", weakest=weakest)

    @cached_property
    def _tracked(self) -> frozenset[str]:
        """What git tracks although a pattern names it."""
        return frozenset(self._listed("-ci") or ())

    def _listed(self, which: str) -> list[str] | None:
        """Paths by `git ls-files`; None where git is not there to tell."""
        text = self._git("ls-files", "-z", which, "--exclude-standard", "--deduplicate")
        return None if text is None else list(filter(None, text.split("\0")))

    def _git(self, *command: str) -> str | None:
        if self._git_top is None:
            return None
        # note: no file monitor that the repository names is ever started
        git = ("git", "-c", "core.fsmonitor=false")
        try:
            done = subprocess.run(
                (*git, *command),
                cwd=self._top,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=GIT_SECONDS,
                check=False,
                env=reading(),
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return os.fsdecode(done.stdout) if done.returncode == 0 else None
