"""Sources to rows on disk, once: they are made anew only when something changed."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codeassist.errors import CorpusError, TrainingError
from codeassist.fim import Fim
from codeassist.training.fim_data import Document, Examples, FimRecipe, Packer

from .index import INDEX_FILE
from .reading import PackedRows
from .sources import Sources
from .writing import write_rows

__all__ = ["Mixture", "Prepared", "are_there", "begun", "prepare", "ready"]

LEARNED, HELD_OUT = "learned", "held-out"
"""The two folders of rows."""

Progress = Callable[[int, int], None]
"""Told how many characters are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """How documents become rows."""

    fim: FimRecipe
    length: int
    """Tokens of a row."""

    held_out: float
    """Share of the documents that are not learned."""

    seed: int

    def holds_out(self, document: Document) -> bool:
        """Whether a document is not learned; it hangs on its name and the seed."""
        name = f"{self.seed}\0{document.repository}\0{document.path}"
        drawn = hashlib.sha256(name.encode()).digest()[:8]
        return int.from_bytes(drawn) < self.held_out * 2**64


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows to learn, and rows to look at now and then."""

    learned: PackedRows
    held_out: PackedRows | None
    reused: bool
    """They were there already."""


def prepare(
    folder: Path,
    sources: Sources,
    mixture: Mixture,
    contract: Fim,
    *,
    vocab_size: int,
    about: Mapping[str, Any],
    progress: Progress | None = None,
) -> Prepared:
    """Make the rows, or find that they are there.

    A killed preparation leaves nothing that the next one would take for rows.

    Args:
        folder: Where the two folders of rows stand.
        sources: What is learned from.
        mixture: How it is cut and packed.
        contract: The model's form of prompt.
        vocab_size: Above every id.
        about: What else the rows hang on: the recipe and the vocabulary, as JSON has
            them.
        progress: Told every few files.

    Raises:
        CorpusError: nothing to learn from, or no room in ``folder``.
    """
    digest, characters = sources.measure()
    text = json.dumps({"sources": digest, **about}, sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()
    there = _there(folder, key, held_out=mixture.held_out > 0)
    if there is not None:
        return there
    if mixture.held_out and not any(map(mixture.holds_out, sources)):
        msg = (
            f"data.held_out = {mixture.held_out} holds none of so few files out; "
            f"make it larger, or 0"
        )
        raise CorpusError(msg)
    seen = [0]

    def part(*, held_out: bool) -> Iterator[Document]:
        for document in sources:
            if mixture.holds_out(document) is held_out:
                seen[0] += len(document.text)
                yield document
                if progress:
                    progress(seen[0], characters)

    for name in reversed(_names(mixture.held_out > 0)):
        examples = Examples(contract, mixture.fim, seed=mixture.seed)
        packer = Packer(mixture.length, pad=contract.end)
        write_rows(
            folder / name,
            packer.stream(examples.stream(part(held_out=name == HELD_OUT))),
            {**about, "key": key, "holes": examples.tally},  # filled by and by
            vocab_size=vocab_size,
            pad=contract.end,
        )
    made = _there(folder, key, held_out=mixture.held_out > 0)
    assert made is not None
    return Prepared(made.learned, made.held_out, reused=False)


def are_there(folder: Path, *, held_out: bool) -> bool:
    """Whether a folder has rows, and held-out ones where they are wanted."""
    return all((folder / name / INDEX_FILE).is_file() for name in _names(held_out))


def begun(folder: Path, about: Mapping[str, Any], *, held_out: bool) -> Prepared:
    """The rows that a run has begun with, whatever its sources are by now.

    Args:
        folder: Where `are_there` says that there are some.
        about: As of `prepare`.
        held_out: Whether there are held-out rows.

    Raises:
        CorpusError: they are damaged.
        TrainingError: they were made otherwise.
    """
    found = {name: PackedRows(folder / name) for name in _names(held_out)}
    wanted = json.loads(json.dumps(about))
    for rows in found.values():
        other = [n for n in wanted if rows.index.about.get(n) != wanted[n]]
        if other:
            msg = (
                f"{rows.folder} is of another run: {', '.join(other)} changed; put the "
                f"recipe back or name another folder with --out"
            )
            raise TrainingError(msg)
    return Prepared(found[LEARNED], found.get(HELD_OUT), reused=True)


def ready(folder: Path, *, length: int, vocab_size: int) -> Prepared:
    """Rows that something else has made, say `codeassist examples`, as they are.

    Args:
        folder: Of the two folders of rows; the held-out one may be missing.
        length: Tokens that a row must have.
        vocab_size: Of the model.

    Raises:
        CorpusError: there are no rows, or they are of another length or vocabulary.
    """
    learned = PackedRows(folder / LEARNED)
    held_out = folder / HELD_OUT
    for name, given, wanted in (
        ("data.length", length, learned.index.length),
        ("the vocabulary", vocab_size, learned.index.vocab_size),
    ):
        if given != wanted:
            msg = f"{name} is {given} and {folder} was made for {wanted}; use the same"
            raise CorpusError(msg)
    has_held_out = (held_out / INDEX_FILE).is_file()
    return Prepared(
        learned, PackedRows(held_out) if has_held_out else None, reused=True
    )


def _there(folder: Path, key: str, *, held_out: bool) -> Prepared | None:
    """Rows of an earlier run; None where they are missing or of something else."""
    if not are_there(folder, held_out=held_out):
        return None
    found = {name: PackedRows(folder / name) for name in _names(held_out)}
    if any(rows.index.about.get("key") != key for rows in found.values()):
        return None
    return Prepared(found[LEARNED], found.get(HELD_OUT), reused=True)


def _names(held_out: bool) -> tuple[str, ...]:
    return (LEARNED, HELD_OUT) if held_out else (LEARNED,)
