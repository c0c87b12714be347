"""Where files come from: folders, git repositories at HEAD, archives.

Of folders and repositories only what `codeassist.ignore.Rules` lets be read, with the
ignore files as they are now.
"""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

from codeassist.errors import CorpusError
from codeassist.git import reading
from codeassist.ignore import Found, Rules

from .archives import ENDINGS, ArchiveRefusedError, Member, members
from .licences import is_licence_file
from .metadata import MANIFESTS

__all__ = ["Kind", "Source", "above", "of_path", "read"]

NAMED = re.compile(r"(?P<name>.+?)[-_](?P<version>v?\d[^-_]*?)(\.orig)?")
"""Name and version in the name of an archive, without its ending."""

WHEEL = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)-.+")
FETCHED = re.compile(r"(?:\w+://[^/]+/|[^/:]+:)(?P<owner>[^/]+)/.+")
"""Of which owner a repository is, in the address of one that is not on this machine."""

INCOMPLETE = "an incomplete clone; clone it whole, or run `git fsck` there"


class Kind(Enum):
    """How a source is read."""

    FOLDER = "folder"
    GIT = "git"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Source:
    """What one repository's documents come from."""

    kind: Kind
    place: str
    """Absolute path."""

    name: str
    version: str
    """Of the archive; of a repository its commit; of a folder empty."""

    sha256: str
    """Of the archive; of a folder over names and contents, those above it that count
    included; of git over the commit and the names."""

    size: int
    """Bytes: of the archive, or of all files."""

    owners: frozenset[str] = frozenset()
    """Of the repositories that git fetches from; small letters."""

    below: str = ""
    """Where a folder lies in a git work tree, with a slash; empty: at its top, or in
    none."""


def of_path(path: Path) -> Source:
    """Look at a folder, a git repository or an archive.

    Raises:
        CorpusError: there is none of these.
    """
    place = path.expanduser()
    if place.exists():  # what does not may be a loop of links
        place = place.resolve()
    if place.is_dir():
        return _git(place) if (place / ".git").exists() else _folder(place)
    ending = next((e for e in ENDINGS if place.name.lower().endswith(e)), None)
    if ending is None or not place.is_file():
        msg = f"{path} is neither a folder nor an archive ({' '.join(ENDINGS)})"
        raise CorpusError(msg)
    stem = _text(place.name)[: -len(ending)]
    match = (WHEEL if ending == ".whl" else NAMED).fullmatch(stem)
    name, version = (match["name"], match["version"]) if match else (stem, "")
    digest, size = _digest(place), place.stat().st_size
    return Source(Kind.ARCHIVE, str(place), name, version, digest, size)


def read(source: Source, *, most: int, largest: int) -> Iterator[Member]:
    """The regular files, always in the same order.

    Args:
        source: Its folder must be as it was.
        most: Bytes of all files.
        largest: Bytes of a file that is read.

    Raises:
        ArchiveRefusedError: it cannot be read, or only at a risk.
    """
    place = Path(source.place)
    match source.kind:
        case Kind.ARCHIVE:
            yield from members(place, most=most, largest=largest)
        case Kind.GIT:
            yield from _committed(place, source.version, largest)
        case Kind.FOLDER:
            for path, about in _walk(place):
                size = about.st_size
                content = (place / path).read_bytes() if size <= largest else None
                yield Member(path, content, size)


def above(source: Source, *, largest: int) -> Iterator[tuple[str, bytes]]:
    """Licences and manifests above a folder that is a part of a git work tree.

    With their paths from its top; links, and files of more bytes, are left out.
    """
    for path, file in _notices(Path(source.place), source.below):
        if file.stat().st_size <= largest:
            yield path, file.read_bytes()


def _notices(place: Path, below: str) -> Iterator[tuple[str, Path]]:
    for to, folder in zip(PurePosixPath(below).parents, place.parents, strict=False):
        for file in sorted(folder.iterdir()):
            path = str(to / _text(file.name))
            wanted = file.name in MANIFESTS or is_licence_file(path)
            if wanted and file.is_file() and not file.is_symlink():
                yield path, file


def _text(name: str) -> str:
    """A name of the file system as a text, whatever bytes it has."""
    return os.fsencode(name).decode(errors="replace")


def _folder(place: Path) -> Source:
    sha, size, below = hashlib.sha256(), 0, _text(_rules(place).below)
    for path, about in _walk(place):
        sha.update(f"{path}\0{_digest(place / path)}\n".encode())
        size += about.st_size
    for path, file in _notices(place, below):
        sha.update(f"/{path}\0{_digest(file)}\n".encode())
    name, owners = _text(place.name), _owners(place) if below else frozenset[str]()
    digest = sha.hexdigest()
    return Source(Kind.FOLDER, str(place), name, "", digest, size, owners, below)


def _walk(place: Path) -> list[Found]:
    """Regular files, a folder's own before those further down, both sorted.

    Hidden folders and links are left out, and names that cannot be printed: some are
    not UTF-8.
    """
    found = (
        each
        for each in _rules(place).walk()
        if each.path.isprintable() and "/." not in f"/{each.path.rpartition('/')[0]}"
    )
    return sorted(found, key=lambda each: (each.path.split("/")[:-1], each.path))


def _rules(place: Path) -> Rules:
    return Rules(place, max_bytes=sys.maxsize)  # the size is the recipe's matter


def _git(place: Path) -> Source:
    commit = _run(place, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
    rows = _listed(place, commit)
    told = "\0".join((commit, *(path for path, _, _ in rows)))
    digest = hashlib.sha256(told.encode()).hexdigest()
    size = sum(size for _, _, size in rows)
    name, owners = _text(place.name), _owners(place)
    return Source(Kind.GIT, str(place), name, commit, digest, size, owners)


def _owners(place: Path) -> frozenset[str]:
    """Those that git fetches from; none where it cannot read the repository."""
    try:
        remotes = _run(place, "remote", "-v").decode(errors="replace").split()
    except CorpusError:
        return frozenset()
    found = map(FETCHED.fullmatch, remotes)
    return frozenset(match["owner"].lower() for match in found if match)


def _listed(place: Path, commit: str) -> list[tuple[str, str, int]]:
    """Path, blob and size of each regular file of a commit that may be read."""
    rules = _rules(place)
    listing = ("ls-tree", "-r", "-l", "-z", commit)
    rows = _run(place, *listing, advice=INCOMPLETE).split(b"\0")
    found = []
    for row in filter(None, rows):
        facts, _, path = row.partition(b"\t")
        mode, _, blob, size = facts.split()
        name = path.decode(errors="surrogateescape")
        regular = mode.startswith(b"100") and name.isprintable()
        if not regular or not rules.allows(name):
            continue  # links, submodules, what nobody is to read
        if not size.isdigit():
            msg = f"{place}: git cannot read {name}; {INCOMPLETE}"
            raise CorpusError(msg)
        found.append((name, blob.decode(), int(size)))
    return found


def _committed(place: Path, commit: str, largest: int) -> Iterator[Member]:
    rows = _listed(place, commit)
    wanted = [blob for _, blob, size in rows if size <= largest]
    with subprocess.Popen(
        _git_command(place, "cat-file", "--batch"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=reading(),
    ) as git:
        assert git.stdin is not None
        assert git.stdout is not None
        for path, blob, size in rows:
            if size > largest:
                yield Member(path, None, size)
                continue
            git.stdin.write(f"{blob}\n".encode())
            git.stdin.flush()
            git.stdout.readline()
            content = git.stdout.read(size)
            git.stdout.read(1)
            yield Member(str(PurePosixPath(path)), content, size)
        git.stdin.close()
    if git.returncode and wanted:
        msg = "git cannot read its objects; run git fsck"
        raise ArchiveRefusedError(msg)


def _run(place: Path, *arguments: str, advice: str = "commit something") -> bytes:
    command = _git_command(place, *arguments)
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=reading())
    except OSError as error:
        msg = f"git cannot be started ({error.strerror}); install it"
        raise CorpusError(msg) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        msg = f"{place}: {said[-1][:160] if said else 'git failed'}; {advice}"
        raise CorpusError(msg)
    return done.stdout


def _git_command(place: Path, *arguments: str) -> Sequence[str]:
    # note: a repository of another owner is read, nothing of it is run
    return ("git", "-c", "safe.directory=*", "-C", str(place), *arguments)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
