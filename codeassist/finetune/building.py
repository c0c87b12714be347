"""From documents to rows: which files are asked at, shuffled, packed and written."""

import hashlib
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from itertools import groupby
from pathlib import Path
from typing import Any

from codeassist.engine.context.select import RepositoryContext, indexed
from codeassist.errors import CorpusError
from codeassist.languages import by_id
from codeassist.training.fim_data import Document, Example, Packer
from codeassist.training.fim_data.spans import Spans
from codeassist.training.packed import RowsIndex, write_rows
from codeassist.training.recipe_table import plain
from codeassist.whole import write_text

from .alone import functions_alone
from .asking import Asker
from .cuts import PLAIN, draw_cut
from .mixture import ExampleMixture
from .quotas import Quotas, quotas

__all__ = ["Built", "build", "examples_of"]

LEARNED, HELD_OUT = "learned", "held-out"
"""The two folders of rows, as `training.packed.prepare` names them."""

FEW_REPOSITORIES = 10
"""With fewer, files are held out in place of whole repositories."""

FEWEST_FILES, MOST_FILES = 4, 600
"""Files of a repository that is indexed: fewer have no context, more take too long
where there are many repositories."""

CONTEXT_S = 60.0
"""To choose what an example shows: so long that a busy machine changes none."""

CONTEXT_WINDOW = 256
"""Tokens before the cursor at the most, in examples that show other files."""

ROUNDS = 3
"""Attempts at an example for each that is wanted of a file."""

COMPILED = re.compile(
    r'^//# sourceMappingURL=|^Object\.defineProperty\(exports, "__esM', re.MULTILINE
)
"""What compilers to JavaScript leave behind."""

Progress = Callable[[int, int], None]
"""Told how many examples are made, and how many there will be."""


@dataclass(frozen=True, slots=True)
class Built:
    """What was written."""

    learned: RowsIndex
    held_out: RowsIndex | None
    examples: Mapping[str, int]
    """How many of each kind, each language, and of each property."""


def build(
    documents: Iterable[Document],
    folder: Path,
    asker: Asker,
    mixture: ExampleMixture,
    *,
    wanted: int,
    held_out: int,
    vocab_size: int,
    pad: int,
    seed: int = 0,
    about: Mapping[str, Any] | None = None,
    further: Sequence[Example] = (),
    progress: Progress = lambda _done, _total: None,
) -> Built:
    """Write ``learned`` and ``held-out`` rows below a folder, in a shuffled order.

    Equal documents, mixture and seed give equal rows. The held-out rows come from
    other repositories, or other files where there are few repositories.

    Args:
        documents: Read twice; those of one repository in a row.
        folder: Where the rows shall stand; older rows there are replaced.
        asker: Of the model.
        mixture: What is made.
        wanted: Examples to learn.
        held_out: Examples to look at now and then.
        vocab_size: Above every id.
        pad: Id that fills rows up.
        seed: Of every draw.
        about: What else is to be kept in `rows.json`.
        further: Examples to learn beside those of the documents.
        progress: Told of each example.

    Raises:
        CorpusError: there is no code, or ``folder`` holds something else.
    """
    making = _Making(asker, mixture, seed, Counter())
    parts = making.count(documents)
    total = wanted + held_out
    chosen = {
        name: quotas(
            parts[name],
            count,
            mixture.languages,
            per_file=mixture.per_file,
            per_repository=mixture.per_repository,
        )
        for name, count in ((LEARNED, wanted), (HELD_OUT, held_out))
    }
    made: dict[str, list[Example]] = {LEARNED: [], HELD_OUT: []}
    used: Counter[tuple[str, str]] = Counter()
    for name, file, example in making.stream(documents, chosen):
        made[name].append(example)
        used[file.repository, file.path] += 1
        progress(sum(map(len, made.values())), total)
    if not made[LEARNED]:
        msg = "there is nothing to learn from: no example came of the sources; name others"
        raise CorpusError(msg)
    if held_out and not made[HELD_OUT]:
        msg = (
            f"held_out = {mixture.held_out} holds none of so few files out; make it "
            f"larger, or give --held-out 0"
        )
        raise CorpusError(msg)
    made[LEARNED] += further
    told = {**(about or {}), "mixture": plain(mixture), "seed": seed}
    told["tally"] = dict(sorted(making.tally.items()))
    indexes: dict[str, RowsIndex] = {}
    for name, examples in made.items():
        if examples:
            random.Random(f"{seed}\0{name}").shuffle(examples)
            rows = Packer(mixture.length, pad=pad).stream(examples)
            indexes[name] = write_rows(
                folder / name,
                rows,
                {**told, "examples": len(examples)},
                vocab_size=vocab_size,
                pad=pad,
            )
    _note(folder / "files.tsv", used)
    return Built(indexes[LEARNED], indexes.get(HELD_OUT), told["tally"])


def examples_of(
    documents: Sequence[Document],
    wanted: int,
    asker: Asker,
    mixture: ExampleMixture,
    seed: int,
) -> list[Example]:
    """So many examples of files in one language, without others beside them."""
    making = _Making(asker, mixture, seed, Counter())
    dice = random.Random(f"{seed}\0alone")
    return [example for _, example in making.part_of(documents, wanted, dice, None)]


@dataclass(frozen=True, slots=True)
class _Making:
    """Draws and makes examples."""

    asker: Asker
    mixture: ExampleMixture
    seed: int
    tally: Counter[str]

    def count(
        self, documents: Iterable[Document]
    ) -> dict[str, Counter[tuple[str, str]]]:
        """Files of each repository and language, apart by what they are kept for."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for file in documents:
            if self._asks_at(file):
                counts[self._part(file), file.repository, _language(file)] += 1
        repositories = {repository for _, repository, _ in counts}
        self.tally["repositories"] = len(repositories)
        parts: dict[str, Counter[tuple[str, str]]] = {
            LEARNED: Counter(),
            HELD_OUT: Counter(),
        }
        for (part, repository, language), number in counts.items():
            if len(repositories) >= FEW_REPOSITORIES:
                part = HELD_OUT if self._is_held_out(repository) else LEARNED
            parts[part][repository, language] += number
        return parts

    def stream(
        self, documents: Iterable[Document], chosen: Mapping[str, Quotas]
    ) -> Iterator[tuple[str, Document, Example]]:
        """The examples, repository by repository."""
        few = self.tally["repositories"] < FEW_REPOSITORIES
        for repository, group in groupby(documents, lambda file: file.repository):
            wanted = {
                (name, language): count
                for name, parts in chosen.items()
                for (owner, language), count in parts.items()
                if owner == repository
            }
            if not wanted:
                continue
            files = [replace(f, text=f.text.replace("\r\n", "\n")) for f in group]
            dice = random.Random(f"{self.seed}\0{repository}")
            shows = dice.random() < self.mixture.context
            if few:  # drawn for each example instead
                shows = self.mixture.context > 0
            with _opened(repository, files, shows=shows, few=few) as context:
                for (name, language), count in sorted(wanted.items()):
                    able = [
                        file
                        for file in files
                        if _language(file) == language
                        and self._asks_at(file)
                        and (not few or self._part(file) == name)
                    ]
                    for file, example in self.part_of(able, count, dice, context):
                        yield name, file, example

    def _asks_at(self, file: Document) -> bool:
        """Whether somebody writes such a file."""
        skipped = any(fnmatch(file.path, pattern) for pattern in self.mixture.skip)
        return not skipped and COMPILED.search(file.text) is None

    def _part(self, file: Document) -> str:
        kept = self._is_held_out(f"{file.repository}\0{file.path}")
        return HELD_OUT if kept else LEARNED

    def part_of(
        self,
        files: Sequence[Document],
        wanted: int,
        dice: random.Random,
        context: RepositoryContext | None,
    ) -> Iterator[tuple[Document, Example]]:
        """So many examples of some files, few of each."""
        made = 0
        taken: Counter[str] = Counter()
        order = dice.sample(files, len(files))
        for file in order * (ROUNDS * self.mixture.per_file):
            if made == wanted:
                return
            if taken[file.path] == self.mixture.per_file:
                continue
            example = self._example(file, dice, context)
            if example is not None:
                made += 1
                taken[file.path] += 1
                self.tally[f"language {_language(file)}"] += 1
                yield file, example

    def _example(
        self,
        file: Document,
        dice: random.Random,
        context: RepositoryContext | None,
    ) -> Example | None:
        """One example of a file; None where the draw came to nothing."""
        most = self.mixture
        language = _language(file)
        alone = dice.random() < most.alone
        if self.tally["repositories"] < FEW_REPOSITORIES and context is not None:
            context = context if dice.random() < most.context else None
        if alone:
            found = functions_alone(file.text, language)
            if not found:
                return None
            context = None
            text = found[min(dice.randrange(len(found)), dice.randrange(len(found)))]
            file = replace(file, text=text)
        if not file.text.strip():
            return None
        spans = Spans(file.text, language, longest=most.longest)
        cut = draw_cut(file.text, spans, most.kinds, dice)
        if cut is None:
            return None
        unfinished = cut.kind != PLAIN and dice.random() < most.unfinished
        window = most.window(dice)
        if context is not None and cut.kind != PLAIN:
            window = (min(window[0], CONTEXT_WINDOW), window[1])
            # the file as it is in the editor: with the hole
            after = "" if unfinished else file.text[cut.end :]
            context.index.changed(file.path, file.text[: cut.start] + after)
            context.index.wait()
        example = self.asker.example(
            file, cut, window, unfinished=unfinished, context=context
        )
        if context is not None and cut.kind != PLAIN:
            context.index.closed(file.path)
        if example is not None:
            self._note(cut.kind, alone, unfinished, context is not None)
        return example

    def _note(self, kind: str, alone: bool, unfinished: bool, shows: bool) -> None:
        self.tally[f"kind {kind}"] += 1
        if kind != PLAIN:
            self.tally["function alone"] += alone
            self.tally["unfinished"] += unfinished
            self.tally["with context"] += shows

    def _is_held_out(self, name: str) -> bool:
        return draw_of(self.seed, name) < self.mixture.held_out


def draw_of(seed: int, name: str) -> float:
    """A number from 0 to 1 that a name has: below the share it is held out."""
    drawn = hashlib.sha256(f"{seed}\0{name}".encode()).digest()[:8]
    return int.from_bytes(drawn) / 2**64


@contextmanager
def _opened(
    repository: str, files: Sequence[Document], *, shows: bool, few: bool
) -> Iterator[RepositoryContext | None]:
    """An index of the files, as their user has them in a folder; None: without."""
    too_many = len(files) >= MOST_FILES and not few
    if not shows or len(files) < FEWEST_FILES or too_many:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="codeassist-") as name:
        root = Path(name) / (Path(repository).name or "repository")
        for file in files:
            path = root / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, "utf-8", newline="")
        cache = Path(name) / ".index"
        with indexed(root, cache=cache, deadline=CONTEXT_S) as context:
            yield context


def _language(file: Document) -> str:
    return by_id(file.language, file.path).name


def _note(path: Path, used: Mapping[tuple[str, str], int]) -> None:
    """The attribution: which files were asked at, and how often."""
    lines = (
        f"{repository}\t{file}\t{count}\n"
        for (repository, file), count in sorted(used.items())
    )
    write_text(path, "".join(lines))
