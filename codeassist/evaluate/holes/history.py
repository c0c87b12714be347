"""What git knows of a folder: its files, a revision's files, the lines added since."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from codeassist.errors import InputError
from codeassist.git import reading

__all__ = ["added_lines", "commit_of", "files_at", "git", "listed", "resolve"]

HEADER = re.compile(rb'\+\+\+ (?P<path>"?.+?"?)\t?')
HUNK = re.compile(rb"@@ -\S+ \+(?P<start>\d+)(?:,(?P<count>\d+))? @@.*")
REGULAR = b"100"
"""How the mode of a file starts that is neither a link nor a submodule."""


class _GitError(InputError):
    """Git refused, is absent, or the folder is none of its."""


def listed(root: Path) -> tuple[str, ...] | None:
    """Files that are tracked, or untracked and not ignored; None without git.

    A folder that git ignores as a whole (an unpacked package in ``build/``) counts
    as one without git.
    """
    try:
        names = git(
            root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"
        )
        if not names and git(root, "rev-parse", "--show-prefix").strip():
            return None
    except _GitError:
        return None
    return _paths(names)


def commit_of(root: Path) -> str:
    """Hash of the commit that is checked out; empty without git or without any."""
    try:
        return git(root, "rev-parse", "--verify", "HEAD").decode().strip()
    except _GitError:
        return ""


def resolve(root: Path, revision: str) -> str:
    """Hash of the commit that a revision names.

    Raises:
        InputError: no git, or no such revision.
    """
    try:
        git(root, "rev-parse", "--git-dir")
    except _GitError as error:
        msg = f"{root} has no git history; leave out --since"
        raise InputError(msg) from error
    try:
        name = f"{revision}^{{commit}}"
        found = git(root, "rev-parse", "--verify", "--end-of-options", name)
    except (_GitError, ValueError) as error:
        msg = f"{revision!r} is no revision of {root}; see git log"
        raise InputError(msg) from error
    return found.decode().strip()


def added_lines(root: Path, commit: str) -> dict[str, frozenset[int]]:
    """Lines, from 0, of the files in the folder that were not there at a commit.

    Lines that are not committed yet count, and so do all of an untracked file.
    """
    options = (
        "-U0",
        "--inter-hunk-context=0",
        "-M",
        "--relative",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
    )
    # note: lines of the files begin with a dot, so that none looks like a header
    indicators = (
        "--output-indicator-new=.",
        "--output-indicator-old=.",
        "--dst-prefix=",
    )
    diff = git(root, "diff", *options, *indicators, commit, "--", ".")
    lines: dict[str, set[int]] = {}
    path = ""
    for line in diff.split(b"\n"):
        if header := HEADER.fullmatch(line):
            path = _text(header["path"])
        elif hunk := HUNK.fullmatch(line):
            start, count = int(hunk["start"]), int(hunk["count"] or 1)
            lines.setdefault(path, set()).update(range(start - 1, start - 1 + count))
    added = {path: frozenset(numbers) for path, numbers in lines.items()}
    for path in _paths(git(root, "ls-files", "-z", "--others", "--exclude-standard")):
        text = root / path
        added[path] = frozenset(range(_line_count(text)))
    return added


def files_at(root: Path, commit: str, max_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Path and content of the regular files that the folder held at a commit.

    Those of more than ``max_bytes`` are left out.
    """
    entries = []
    for entry in git(root, "ls-tree", "-r", "-z", commit).split(b"\0")[:-1]:
        about, _, name = entry.partition(b"\t")
        mode, _, blob = about.split()
        if mode.startswith(REGULAR) and (path := _text(name)):
            entries.append((path, blob))
    sizes = _sizes(root, [blob for _, blob in entries])
    entries = [
        each for each in entries if sizes.get(each[1], max_bytes + 1) <= max_bytes
    ]
    with _start(root, "cat-file", "--batch") as batch:
        assert batch.stdin is not None
        assert batch.stdout is not None
        for path, blob in entries:
            batch.stdin.write(blob + b"\n")
            batch.stdin.flush()
            _, _, size = batch.stdout.readline().split()
            content = batch.stdout.read(int(size) + 1)[:-1]
            yield path, content


def _sizes(root: Path, blobs: Sequence[bytes]) -> dict[bytes, int]:
    """Bytes of each blob; one that a partial clone has not fetched is left out."""
    told = git(root, "cat-file", "--batch-check", given=b"\n".join((*blobs, b"")))
    rows = (line.split() for line in told.splitlines())
    return {row[0]: int(row[2]) for row in rows if len(row) == 3}


def _paths(names: bytes) -> tuple[str, ...]:
    return tuple(sorted({path for name in names.split(b"\0") if (path := _text(name))}))


def _text(name: bytes) -> str:
    """A file's name; empty for one that is quoted or not UTF-8: it is left out."""
    try:
        return "" if name.startswith(b'"') else name.decode()
    except UnicodeDecodeError:
        return ""


def _line_count(path: Path) -> int:
    try:
        return path.read_bytes().count(b"\n") + 1 if path.is_file() else 0
    except OSError:
        return 0


def git(root: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What git says of a folder, as its user has set it up; nothing is fetched or run.

    Args:
        root: The folder.
        arguments: Of git.
        given: What it reads.

    Raises:
        InputError: it refuses, or is not there.
    """
    try:
        with _start(root, *arguments) as process:
            answer, complaint = process.communicate(given)
    except OSError as error:
        msg = f"git cannot be started ({error.strerror}); install it"
        raise _GitError(msg) from error
    if process.returncode:
        lines = complaint.decode(errors="replace").strip().split("\n")
        why = next((line for line in lines if line.startswith("fatal: ")), lines[0])
        msg = f"git {arguments[0]} fails in {root}: {why}"
        raise _GitError(msg)
    return answer


def _start(root: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start git; nothing that the folder's settings name is run, nothing is fetched."""
    return subprocess.Popen(
        [
            *("git", "-C", str(root), "--no-pager"),
            *("-c", "core.fsmonitor=false", "-c", "core.quotePath=false"),
            *("-c", "log.showSignature=false"),
            *arguments,
        ],
        env=reading(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if arguments[-1] != "--batch" else None,
    )
