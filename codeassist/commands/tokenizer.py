"""`codeassist tokenizer`: train a vocabulary for code, and count what some need."""

import argparse
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from tqdm import tqdm

from codeassist import grammars
from codeassist.engine.decode import open_vocabulary
from codeassist.engine.models.store import resolve
from codeassist.errors import ConfigError, CorpusError, installs
from codeassist.evaluate.holes.repository import Repository, open_repository
from codeassist.languages import of_path

from .source import read_text
from .target import check_target

if TYPE_CHECKING:
    from codeassist.training.tokenizers import Density, TrainedVocabulary

__all__ = ["run"]

T = TypeVar("T")
EXTRA = ("gguf", "sentencepiece", "tokenizers")
"""What tokenizers need beside what completing needs."""

SLOW_S = 2.0
"""After which a progress bar is shown."""

ALL = "all"
"""Row of all languages together."""


def run(args: argparse.Namespace) -> int:
    """Train or compare, as ``args.action`` says."""
    if missing := [name for name in EXTRA if find_spec(name) is None]:
        msg = f"tokenizer needs {missing[0]}; run {installs('train')}"
        raise ConfigError(msg)
    return _train(args) if args.action == "train" else _density(args)


# -- the source files ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _File:
    """A source file that is named, or lies in a folder that is."""

    path: str
    repository: Repository | None

    def text(self) -> str | None:
        """Its text; None where nobody wrote it by hand (generated, vendored)."""
        if self.repository is None:
            return read_text(Path(self.path))
        source = self.repository.source(self.path)
        return source.text if source else None


def _files(names: Sequence[str]) -> list[_File]:
    """Source files in languages that we have a grammar of, in a fixed order.

    Raises:
        InputError: there is no such file or folder, or no source file in it.
    """
    found: list[_File] = []
    for name in names:
        if not Path(name).is_dir():
            read_text(Path(name))  # a wrong name is told before hours are spent
            found.append(_File(name, None))
            continue
        repository = open_repository(Path(name))
        paths = sorted(repository.paths)
        inside = [path for path in paths if of_path(path).name in grammars.NAMES]
        found += [_File(path, repository) for path in inside]
    if not found:
        raise CorpusError(_nothing(names))
    return found


def _nothing(names: Sequence[str]) -> str:
    where = ", ".join(names)
    return f"there is no source that a person wrote in {where}; name a folder with some"


def _texts(files: Sequence[_File], bar: "tqdm[NoReturn]") -> Iterator[tuple[str, str]]:
    """Language and text of each file."""
    for file in files:
        text = file.text()
        bar.update()
        if text:
            yield of_path(file.path).name, text


# -- train ---------------------------------------------------------------------------


def _train(args: argparse.Namespace) -> int:
    from codeassist.training.tokenizers import write_vocabulary

    out = Path(args.out)
    check_target(out)
    files = _files(args.paths)
    read: list[int] = []
    with tqdm(
        total=len(files), desc="reading", unit=" files", delay=SLOW_S, disable=None
    ) as bar:

        def texts() -> Iterator[str]:
            for _, text in _texts(files, bar):
                read.append(len(text))
                yield text
            bar.set_description(f"learning {args.vocab} entries")

        vocabulary = _ticking(partial(_trained, args.kind, texts(), args.vocab), bar)
    if not read:
        raise CorpusError(_nothing(args.paths))
    write_vocabulary(vocabulary, out, name=out.stem)
    figures = {
        "file": str(out),
        "kind": args.kind,
        "entries": len(vocabulary.entries),
        "files": len(read),
        "characters": sum(read),
    }
    if args.json:
        print(json.dumps(figures))
        return 0
    print(
        f"{out}: {len(vocabulary.entries)} entries, from {len(read)} files with "
        f"{sum(read):,} characters"
    )
    if len(vocabulary.entries) < args.vocab:
        print(f"these files give no {args.vocab} entries; train on more")
    return 0


def _trained(kind: str, texts: Iterator[str], size: int) -> "TrainedVocabulary":
    from codeassist.training import tokenizers

    if kind == "bpe":
        return tokenizers.from_byte_bpe(tokenizers.train_byte_bpe(texts, size))
    return tokenizers.from_sentencepiece(tokenizers.train_sentencepiece(texts, size))


def _ticking(work: Callable[[], T], bar: "tqdm[NoReturn]") -> T:
    """Work in another thread, so that time is seen to pass and Ctrl-C is heard.

    The libraries say nothing while they learn, and cannot be stopped: the thread ends
    with the process.
    """
    future: Future[T] = Future()

    def target() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again by `result`
            future.set_exception(error)

    threading.Thread(target=target, daemon=True).start()
    while wait([future], timeout=1.0).not_done:
        bar.refresh()
    return future.result()


# -- density -------------------------------------------------------------------------


def _density(args: argparse.Namespace) -> int:
    from codeassist.training.tokenizers import Density, densities

    tokenizers = {
        name: open_vocabulary(resolve(name).path).tokenize for name in args.tokenizers
    }
    files = _files(args.on)
    with tqdm(
        total=len(files), desc="counting", unit=" files", delay=SLOW_S, disable=None
    ) as bar:
        rows = densities(tokenizers, _texts(files, bar))
    if not rows:
        raise CorpusError(_nothing(args.on))
    rows = dict(sorted(rows.items()))
    if len(rows) > 1:
        rows[ALL] = {
            name: sum((row[name] for row in rows.values()), Density())
            for name in tokenizers
        }
    print(json.dumps(_as_json(rows)) if args.json else _table(rows))
    return 0


def _as_json(rows: "Mapping[str, Mapping[str, Density]]") -> object:
    return {
        language: {
            name: asdict(found) | {"tokens_per_character": found.tokens_per_character}
            for name, found in row.items()
        }
        for language, row in rows.items()
    }


def _table(rows: "Mapping[str, Mapping[str, Density]]") -> str:
    """Tokens per character, and what each saves of the first one's tokens."""
    names = list(next(iter(rows.values())))
    shown = [Path(name).name for name in names]
    widths = [max(len(name), len("0.0000 (-00.0 %)")) for name in shown]
    heads = "  ".join(
        f"{name:>{width}}" for name, width in zip(shown, widths, strict=True)
    )
    lines = [f"{'tokens per character':20}  {'characters':>12}  {heads}"]
    for language, row in rows.items():
        first = row[names[0]]
        cells = [f"{first.tokens_per_character:.4f}"]
        for name in names[1:]:
            less = -100 * row[name].saving(first)
            cells.append(f"{row[name].tokens_per_character:.4f} ({less:+.1f} %)")
        told = "  ".join(
            f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)
        )
        lines.append(f"{language:20}  {first.characters:>12,}  {told}")
    return "\n".join(lines)
