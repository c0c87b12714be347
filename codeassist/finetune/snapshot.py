"""A repository as it is now, kept aside: whoever edits meanwhile changes nothing here."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from codeassist.errors import InputError
from codeassist.evaluate.holes import history
from codeassist.ignore import Rules, is_secret
from codeassist.languages import of_path
from codeassist.whole import write_text

__all__ = ["MAX_BYTES", "Snapshot", "state_of", "take"]

MAX_BYTES = 1_000_000
"""A larger file is data."""

KEPT_LINES = 300
"""New lines of code, about, that the newest commits must have to be judged by."""

KEPT_SHARE = 0.2
"""Of the repository's lines at the most."""

COMMITS = 300
"""That are looked at to find so many lines."""

ABOUT = "snapshot.json"
NOT_CODE = {"plaintext", "json", "markdown"}
NEUTRAL = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "codeassist",
    "GIT_AUTHOR_EMAIL": "codeassist@localhost",
    "GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "codeassist",
    "GIT_COMMITTER_EMAIL": "codeassist@localhost",
    "GIT_COMMITTER_DATE": "2000-01-01T00:00:00Z",
}
"""Of the copy: equal files make equal commits, and nothing is run."""

AS_THEY_ARE = "* -text -filter -ident -working-tree-encoding\n"
"""Attributes that go before those of the files."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Files of a repository, in a git repository of their own."""

    root: Path
    """Folder with the files at HEAD, named as the repository is."""

    learned: str
    """Commit, in ``root``, of the files that may be learned from."""

    kept: bool
    """Whether the files at HEAD have lines that ``learned`` lacks."""

    head: str
    """Commit of the user's repository; empty without git."""

    cutoff: str
    """That of the files that may be learned from; the same where all of them may."""

    note: str
    """What the user should know; empty where there is nothing."""


def state_of(root: Path) -> str:
    """What changes when other files would be learned from.

    Raises:
        InputError: no such folder.
    """
    if not root.is_dir():
        what = "is a file" if root.exists() else "does not exist"
        msg = f"{root} {what}; name the folder of a repository"
        raise InputError(msg)
    if head := _head(root):
        return head
    found = sorted(Rules(root, MAX_BYTES).walk())
    told = [(each.path, each.stat.st_size, each.stat.st_mtime_ns) for each in found]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def take(root: Path, folder: Path) -> Snapshot:
    """Copy the files that are tracked at HEAD; without git those that may be read.

    What the newest commits added is not to be learned, but to judge by.

    Args:
        root: Folder of the user's repository, or one in it.
        folder: Where the copy shall stand; what is there already is taken.

    Raises:
        InputError: no such folder.
    """
    about = folder / ABOUT
    target = folder / (root.resolve().name or "repository")
    if about.is_file():
        told = json.loads(about.read_text("utf-8"))
        return Snapshot(**{**told, "root": target})
    shutil.rmtree(folder, ignore_errors=True)
    target.mkdir(parents=True)
    head, note = _head(root), ""
    if head:
        before = _newest(root, head)
        trees = [_at(root, commit) for commit in dict.fromkeys((before, head))]
        if history.commit_of(root) and _dirty(root):
            note = "uncommitted changes are not learned; commit them to have them in"
    else:
        before, trees = "", [_readable(root)]
        note = "no git: the files are read as they lie there, ignored ones left out"
    learned = _commit(target, trees)
    taken = Snapshot(target, learned, len(trees) > 1, head, before, note)
    write_text(about, json.dumps({**asdict(taken), "root": ""}) + "\n")
    return taken


def _head(root: Path) -> str:
    """The commit at HEAD; empty without git, or where it has nothing of the folder."""
    head = history.commit_of(root)
    if head and any(True for _ in history.files_at(root, head, MAX_BYTES)):
        return head
    return ""


def _at(root: Path, commit: str) -> Iterator[tuple[str, bytes]]:
    rules = Rules(root, MAX_BYTES)  # as they are now: who ignores a file means it
    for path, content in history.files_at(root, commit, MAX_BYTES):
        if not rules.ignores(path) and not is_secret(path):
            yield path, content


def _readable(root: Path) -> Iterator[tuple[str, bytes]]:
    for found in sorted(Rules(root, MAX_BYTES).walk()):
        try:
            yield found.path, (root / found.path).read_bytes()
        except OSError:
            continue


def _commit(target: Path, trees: list[Iterator[tuple[str, bytes]]]) -> str:
    """Commit one tree after another; return the first commit."""
    _in_copy(target, "init", "--quiet")
    (target / ".git" / "info").mkdir(exist_ok=True)
    (target / ".git" / "info" / "attributes").write_text(AS_THEY_ARE, "ascii")
    first = ""
    for tree in trees:
        for each in target.iterdir():
            if each.name != ".git":
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        for path, content in tree:
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        _in_copy(target, "add", "--all", "--force")
        _in_copy(target, "commit", "--quiet", "--allow-empty", "--message", "files")
        first = first or history.commit_of(target)
    return first


def _newest(root: Path, head: str) -> str:
    """The commit after which the newest lines came; HEAD where there are too few.

    So many commits are kept back that about `KEPT_LINES` lines of code are new, but
    never more than `KEPT_SHARE` of all.
    """
    total = sum(
        content.count(b"\n") for path, content in _at(root, head) if _is_code(path)
    )
    best = head
    asked = ("rev-list", "--first-parent", f"-{COMMITS}", head)
    listed = history.git(root, *asked).decode("ascii").split()
    for commit in listed[1:]:
        try:
            new = sum(_added(root, commit, head))
        except InputError:  # files that a partial clone has not fetched
            break
        if new > KEPT_SHARE * total:
            break
        best = commit if new else best
        if new >= KEPT_LINES:
            break
    return best


def _added(root: Path, commit: str, head: str) -> Iterator[int]:
    """How many lines each file of code gained."""
    options = ("--numstat", "-z", "--no-renames", "--relative", "--no-ext-diff")
    told = history.git(root, "diff", *options, "--no-textconv", commit, head, "--", ".")
    for row in os.fsdecode(told).split("\0"):
        count, _, rest = row.partition("\t")
        if count.isdecimal() and _is_code(rest.partition("\t")[2]):
            yield int(count)


def _is_code(path: str) -> bool:
    return of_path(path).name not in NOT_CODE


def _dirty(root: Path) -> bool:
    asked = ("status", "--porcelain", "--untracked-files=no", "--", ".")
    return bool(history.git(root, *asked))


def _in_copy(root: Path, *arguments: str) -> None:
    """Have git do something in the copy.

    Raises:
        InputError: it refuses.
    """
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    done = subprocess.run(
        ("git", "-c", "core.fsmonitor=false", "-C", str(root), *arguments),
        env={**inherited, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", **NEUTRAL},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        msg = f"git {arguments[0]} fails in {root}: {said}"
        raise InputError(msg)
