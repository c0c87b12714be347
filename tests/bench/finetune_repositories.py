"""Three packages as their users have them: releases committed one after another.

The history that is learned ends before the newest release; the holes lie in the lines
that the newest one has and the one before it had not.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codeassist import config
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.holes.cutting import Cutting, cut
from codeassist.evaluate.holes.repository import open_repository
from codeassist.training.corpus.index import Wanted
from tests.bench.releases import history, tree

__all__ = ["PACKAGES", "Package", "grown", "new_holes"]

AUTHOR = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")


@dataclass(frozen=True, slots=True)
class Package:
    """Releases of a package, all Apache-2.0."""

    name: str
    learned: tuple[str, ...]
    """Versions, the oldest first."""

    newest: str

    @property
    def releases(self) -> list[Wanted]:
        """Those that are learned."""
        return [Wanted(self.name, version, "") for version in self.learned]


PACKAGES = (
    Package("posting", ("2.5.4", "2.7.1", "2.8.0", "2.9.2"), "2.11.1"),
    Package("sqlite-utils", ("3.38", "3.39.1", "4.0", "4.1.1"), "4.2.1"),
    Package("datasette", ("1.0a19", "1.0a25", "1.0a31", "1.0a36"), "1.0a41"),
)


def grown(name: str, releases: Sequence[Wanted]) -> Path:
    """A git repository in which each release is a commit; made on first use."""
    root = config.cache_dir() / "bench" / "histories"
    versions = "-".join(each.version for each in releases)
    target = root / f"grown-{name}-{versions}" / name
    if target.is_dir():
        return target
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".making-") as work:
        repository = Path(work) / "whole" / name
        _git(Path(work), "init", "-q", str(repository))
        for release in releases:
            for each in repository.iterdir():
                if each.name != ".git":
                    shutil.rmtree(each) if each.is_dir() else each.unlink()
            files = tree(release, root / f"{name}-{release.version}")
            shutil.copytree(files, repository, dirs_exist_ok=True)
            _git(repository, "add", "-A", "-f")
            _git(repository, *AUTHOR, "commit", "-q", "-m", release.version)
        (Path(work) / "whole").rename(target.parent)
    return target


def new_holes(package: Package, n: int, seed: int) -> tuple[Path, str, list[Hole]]:
    """The repository with the newest release, the commit before it, holes in new lines."""
    before = package.releases[-1]
    root, since = history(
        package.name, before, Wanted(package.name, package.newest, "")
    )
    holes = cut(open_repository(root), Cutting(2 * n, seed, since=since))
    own = [hole for hole in holes if hole.tags.get("dup") != "yes"]
    return root, since, own[:n]


def _git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), *arguments]
    subprocess.run(command, check=True, capture_output=True)
