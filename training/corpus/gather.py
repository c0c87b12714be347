"""One source through the stages that look at a file alone, into a folder of results."""

import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import zstandard

from codeassist.ignore.contents import Kind, redact
from codeassist.languages import of_path
from codeassist.whole import write_text

from . import filters
from .archives import ArchiveRefusedError, Member
from .contamination import Evaluation
from .duplicates import signature
from .licences import Permissions, is_licence_file
from .metadata import MANIFESTS, read_manifest
from .opt_out import package_opted_out, path_opted_out
from .recipe import Recipe
from .record import Drop, Gathered, Kept
from .sources import Source, above, read
from .tokens import grams, hashed

__all__ = ["FORMAT", "Task", "gather", "texts", "write_array"]

FORMAT = 3
"""Another one when a stage decides otherwise: kept results do not count then."""

BLANK_LINES = re.compile(r"[ \t]*\n\s*")
LARGEST_NOTICE = 200_000
"""Bytes of a licence file or a manifest that is read."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told."""

    source: Source
    recipe: Recipe
    against: str
    """File with the sorted n-grams of the evaluation sets; empty: none."""

    folder: str
    """Where this source's results stand."""


def gather(task: Task) -> Gathered:
    """Run the stages of a source, or take its results if they are there.

    Results are named by the source's bytes and the recipe; they appear as a whole.
    """
    folder = Path(task.folder)
    done = folder / "gathered.json"
    if done.is_file():
        return _loaded(done)
    folder.mkdir(parents=True, exist_ok=True)
    begin = time.process_time()
    try:
        package = _Package(task)
    except ArchiveRefusedError as error:
        found = Gathered(task.folder, 0, 0, (), (), 0.0, str(error))
    else:
        kept = _write(folder, package, task.recipe)
        found = Gathered(
            folder=task.folder,
            read_files=package.read_files,
            read_bytes=package.read_bytes,
            kept=tuple(kept),
            drops=tuple(package.drops),
            seconds=time.process_time() - begin,
        )
    write_text(done, json.dumps(asdict(found)))
    return found


def texts(folder: str) -> Iterator[str]:
    """The kept texts of a source, in the order of `Gathered.kept`."""
    with zstandard.open(
        Path(folder) / "texts.jsonl.zst", "rt", encoding="utf-8"
    ) as file:
        yield from map(json.loads, file)


def write_array(path: Path, array: np.ndarray) -> None:
    """Write an ``.npy`` file.

    Raises:
        OSError: there is no room; NumPy itself loses the last bytes without a word.
    """
    with path.open("wb") as file:
        np.save(SimpleNamespace(write=file.write), array)


def _loaded(path: Path) -> Gathered:
    told = json.loads(path.read_text(encoding="utf-8"))
    told["kept"] = tuple(Kept(**each) for each in told["kept"])
    told["drops"] = tuple(Drop(**each) for each in told["drops"])
    return Gathered(**told)


def _write(folder: Path, package: "_Package", recipe: Recipe) -> list[Kept]:
    """Run the stages over the files; write what the global stages need of each."""
    kept: list[Kept] = []
    signatures, shingles = [], []
    path = folder / "texts.jsonl.zst"
    with zstandard.open(path, "wt", encoding="utf-8") as file:
        for each, text, tokens in package.stages():
            kept.append(each)
            file.write(json.dumps(text) + "\n")
            grown = np.unique(grams(tokens, recipe.near.gram))
            signatures.append(signature(grown, recipe.near.permutations))
            shingles.append(grown)
    none = np.empty(0, np.uint64)
    rows = np.array(signatures, np.uint32).reshape(-1, recipe.near.permutations)
    write_array(folder / "signatures.npy", rows)
    write_array(folder / "shingles.npy", np.concatenate([none, *shingles]))
    ends = np.cumsum([0, *map(len, shingles)])
    write_array(folder / "offsets.npy", ends.astype(np.int64))
    return kept


class _Package:
    """The files of one source that are of a wanted language, and their licences."""

    def __init__(self, task: Task) -> None:
        self._recipe, self._name = task.recipe, task.source.name
        self._below = task.source.below
        self._evaluation: Evaluation | None = None
        if task.against:
            known = np.load(task.against, mmap_mode="r")
            self._evaluation = Evaluation(known, task.recipe.against_gram)
        self.read_files = self.read_bytes = 0
        self.drops: list[Drop] = []
        self._owners = set(task.source.owners)
        self._permissions = Permissions(task.recipe.licences.allow)
        for path, content in above(task.source, largest=LARGEST_NOTICE):
            self._notice(path, content)
        members = list(self._members(task))
        prefix = _common(members)
        self._files: list[tuple[str, bytes]] = []
        for member in members:
            self._sort(member.path.removeprefix(prefix), member)

    def _members(self, task: Task) -> Iterator[Member]:
        """All files, the contents only of those that may be wanted."""
        recipe = task.recipe
        for member in read(
            task.source,
            most=recipe.max_archive_bytes,
            largest=max(recipe.filters.max_bytes, LARGEST_NOTICE),
        ):
            self.read_files += 1
            self.read_bytes += member.size
            language = of_path(member.path).name
            wanted = language not in recipe.filters.skip_languages
            name = member.path.rpartition("/")[2]
            if wanted or name in MANIFESTS or is_licence_file(member.path):
                yield member
            else:
                yield Member(member.path, None, member.size)

    def _notice(self, path: str, content: bytes) -> None:
        """Take a file into account that says something of others, if it is one."""
        name = path.rpartition("/")[2]
        if name in MANIFESTS and (name != "copyright" or "debian/" in path):
            if said := read_manifest(path, content.decode(errors="replace")):
                self._owners |= said.owners
                self._permissions.add_manifest(path, said)
        elif is_licence_file(path):
            self._permissions.add_text(path, content.decode(errors="replace"))

    def _sort(self, path: str, member: Member) -> None:
        """To the licences, the manifests or the files."""
        content = member.content
        if content is not None and len(content) <= LARGEST_NOTICE:
            self._notice(self._below + path, content)
        language = of_path(path).name
        if language in self._recipe.filters.skip_languages:
            self._drop(path, member.size, "language", language)
        elif content is None:
            self._drop(path, member.size, "filters", "size")
        else:
            self._files.append((path, content))

    def stages(self) -> Iterator[tuple[Kept, str, np.ndarray]]:
        """The files that stay, with their text and tokens."""
        out = package_opted_out(self._recipe.opt_out, self._name, self._owners)
        for path, content in self._files:
            text = _decoded(content)
            if text is None:
                self._drop(path, len(content), "read", "not UTF-8")
            elif why := out or path_opted_out(self._recipe.opt_out, self._name, path):
                self._drop(path, len(content), "opt-out", why)
            else:
                yield from self._file(path, text)

    def _file(self, path: str, text: str) -> Iterator[tuple[Kept, str, np.ndarray]]:
        size = len(text.encode())
        permission = self._permissions.of(self._below + path, text)
        if not permission.granted:
            self._drop(path, size, "licence", permission.licence, permission.found_by)
            return
        rules = self._recipe.filters
        if why := filters.by_name(path, rules) or filters.by_text(text, rules):
            self._drop(path, size, "filters", why)
            return
        redacted = redact(text)
        if redacted.found[Kind.PRIVATE_KEY]:
            self._drop(path, size, "secrets", "private key")
            return
        tokens = hashed(redacted.text)
        shared = self._evaluation.shared(tokens) if self._evaluation else 0
        if shared:
            n = self._recipe.against_gram
            self._drop(path, size, "evaluation", f"{n}-gram", f"{shared} of them")
            return
        content = redacted.text.encode()
        kept = Kept(
            path=path,
            language=of_path(path).name,
            licence=permission.licence,
            found_by=permission.found_by,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            normal=_normal(redacted.text),
            redacted={kind.name.lower(): n for kind, n in redacted.found.items()},
        )
        yield kept, redacted.text, tokens

    def _drop(
        self, path: str, size: int, stage: str, reason: str, detail: str = ""
    ) -> None:
        self.drops.append(Drop(self._name, path, stage, reason, size, detail))


def _common(members: list[Member]) -> str:
    """The folder that all files of an archive are in, with its slash."""
    firsts = {member.path.partition("/")[0] for member in members}
    nested = all("/" in member.path for member in members)
    return f"{firsts.pop()}/" if len(firsts) == 1 and nested else ""


def _decoded(content: bytes) -> str | None:
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def _normal(text: str) -> str:
    """A hash of the text without blanks at line ends and blank lines."""
    plain = BLANK_LINES.sub("\n", text.strip())
    return hashlib.blake2b(plain.encode(), digest_size=16).hexdigest()
