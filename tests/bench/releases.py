"""Source releases of the package index, unpacked as data: trees, and a short history."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from tqdm import tqdm

from codeassist import config
from codeassist.training.corpus.archives import members
from codeassist.training.corpus.index import Index, Wanted

__all__ = ["history", "tree"]

LARGEST = 10_000_000
MOST = 500_000_000

AUTHOR = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")


def tree(release: Wanted, target: Path) -> Path:
    """The files of a release, in a folder; fetched on first use."""
    if target.is_dir():
        return target
    root = config.cache_dir() / "bench"
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetching-") as name,
        tqdm(desc=release.name, unit="B", unit_scale=True, leave=False) as bar,
    ):
        archive = Index(root / "releases").fetch(release, bar.update)
        _write(archive, Path(name) / "tree")
        (Path(name) / "tree").rename(target)
    return target


def history(name: str, old: Wanted, new: Wanted) -> tuple[Path, str]:
    """A git repository of two releases, and the hash of the older one's commit."""
    root = config.cache_dir() / "bench" / "histories"
    target = root / f"{name}-{old.version}-{new.version}" / name
    if not target.is_dir():
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".making-") as work:
            repository = Path(work) / "whole" / name
            _git(Path(work), "init", "-q", str(repository))
            for release in (old, new):
                for each in repository.iterdir():
                    if each.name != ".git":
                        shutil.rmtree(each) if each.is_dir() else each.unlink()
                files = tree(release, root / f"{name}-{release.version}")
                shutil.copytree(files, repository, dirs_exist_ok=True)
                _git(repository, "add", "-A", "-f")
                _git(repository, *AUTHOR, "commit", "-q", "-m", release.version)
            (Path(work) / "whole").rename(target.parent)
    return target, _git(target, "rev-parse", "HEAD~1").strip()


def _write(archive: Path, folder: Path) -> None:
    """All files of an archive, without the folder that they all lie in."""
    for member in members(archive, most=MOST, largest=LARGEST):
        path = folder / member.path.partition("/")[2]
        if member.content is not None and path != folder:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(member.content)


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
