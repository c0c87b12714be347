"""What commits brought: holes in the lines that each added, in its file as it was then."""

import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from codeassist.evaluate.holes.history import git
from codeassist.evaluate.holes.places import places
from codeassist.grammars import NAMES
from codeassist.languages import of_path
from codeassist.training.fim_data import Document

from .cuts import Cut
from .sieve import Sieve, without_secrets
from .snapshot import MAX_BYTES

__all__ = ["Change", "changes"]

COMMITS = 300
"""The newest ones; older code is mostly written anew since."""

PER_FILE = 3
"""Holes of a file and a commit at the most."""

KINDS = {"span": "random"}
"""A kind of place that is called otherwise among the cuts."""

COMMIT = re.compile(r"[0-9a-f]{40,64}")
HEADER = re.compile(r"\+\+\+ (?P<path>.+?)\t?")
HUNK = re.compile(r"@@ -\S+ \+(?P<start>\d+)(?:,(?P<count>\d+))? @@.*")
OPTIONS = (
    "--patch",
    "-U0",
    "--inter-hunk-context=0",
    "--no-renames",
    "--relative",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--submodule=short",
    "--output-indicator-new=.",  # so that no line of a file looks like a header
    "--output-indicator-old=.",
    "--dst-prefix=",
    "--diff-filter=AM",
    "--first-parent",
    "--diff-merges=first-parent",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A file behind a commit, and holes in what the commit added to it."""

    document: Document
    cuts: tuple[Cut, ...]


def changes(
    root: Path, since: str, until: str, sieve: Sieve, name: str, seed: int
) -> Iterator[Change]:
    """The newest commit's first; files that may not be learned from are left out.

    Args:
        root: Folder of the user's repository, or one in it.
        since: Commit whose own change does not count.
        until: The last commit that counts.
        sieve: Of the repository.
        name: Of the repository, as its prompts have it.
        seed: Of the draw of holes.
    """
    for commit, path, rows in _added(root, since, until):
        language = of_path(path).name
        if language not in NAMES:
            continue
        content = git(root, "show", f"{commit}:./{path}")
        if len(content) > MAX_BYTES:
            continue
        text, _ = sieve.read(path, content)
        clean, secrets = without_secrets(text)
        if not clean or secrets:  # another text has other lines
            continue
        cuts = _cuts(clean, language, rows, f"{seed} {commit} {path}")
        if cuts:
            yield Change(Document(path, clean, language, name), cuts)


def _cuts(text: str, language: str, rows: frozenset[int], seed: str) -> tuple[Cut, ...]:
    """Holes that lie in some lines, of kinds that are drawn."""
    data = text.encode()
    found = places(data, language, seed=seed, rows=rows)
    cuts = [
        Cut(KINDS.get(kind, kind), len(data[:start].decode()), len(data[:end].decode()))
        for kind, ranges in found.items()
        for start, end in ranges
    ]
    return tuple(random.Random(seed).sample(cuts, min(PER_FILE, len(cuts))))


def _added(
    root: Path, since: str, until: str
) -> Iterator[tuple[str, str, frozenset[int]]]:
    """Commit, path and lines, from 0, that the commit added."""
    which = f"-{COMMITS}", f"{since}..{until}", "--", "."
    told = os.fsdecode(git(root, "log", *OPTIONS, "--format=%x00%H", *which))
    for entry in told.split("\0")[1:]:
        commit, _, diff = entry.partition("\n")
        if not COMMIT.fullmatch(commit):  # a file has a zero byte
            continue
        path, rows = "", dict[str, set[int]]()
        for line in diff.split("\n"):
            if header := HEADER.fullmatch(line):
                path = header["path"]
            elif hunk := HUNK.fullmatch(line):
                start, count = int(hunk["start"]), int(hunk["count"] or 1)
                rows.setdefault(path, set()).update(range(start - 1, start - 1 + count))
        for path, numbers in sorted(rows.items()):
            if numbers and not path.startswith('"'):
                yield commit, path, frozenset(numbers)
