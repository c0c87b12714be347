"""What the commands on weights have in common: where a model lies, and progress."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tqdm import tqdm

from codeassist.engine.decode.model import open_vocabulary
from codeassist.engine.models.store import resolve
from codeassist.errors import InputError
from codeassist.fim import detect
from codeassist.quantize.sample import Sample, chunked, read_sample

if TYPE_CHECKING:
    from codeassist.quantize.convert import Progress

__all__ = ["check_place", "chunks_of", "locate", "on_disk", "sample_of", "steps"]

CHARACTERS = 5
"""Of a token, at the most on average."""


def locate(name: str) -> Path:
    """The file or folder that a model is, by its path or by an id of the catalog.

    Raises:
        ModelError: neither.
    """
    path = Path(name).expanduser()
    return path if path.exists() else resolve(name).path


def check_place(target: Path, *read: Path) -> None:
    """Refuse to write onto what is read, and a file where a folder is.

    Raises:
        InputError: the target is one of the paths that are read, or NAME.gguf is a
            folder.
    """
    if target.exists() and any(
        each.exists() and target.samefile(each) for each in read
    ):
        msg = f"{target} is what is read; name another place"
        raise InputError(msg)
    if target.suffix == ".gguf" and target.is_dir():
        msg = f"{target} is a folder; name a file"
        raise InputError(msg)


def on_disk(path: Path) -> int:
    """Bytes of a file, or of a folder's files."""
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.iterdir() if each.is_file())


def sample_of(args: argparse.Namespace) -> Sample:
    """The text that ``--text`` and ``--tokens`` name.

    Raises:
        InputError: too little text, or a file that cannot be read.
    """
    if args.tokens < 2:
        msg = f"--tokens {args.tokens} measures nothing; give some hundred"
        raise InputError(msg)
    named = [Path(name).expanduser() for name in args.text]
    return read_sample(named, args.tokens * CHARACTERS)


def chunks_of(
    sample: Sample, tokens: int, vocabulary: Path, length: int
) -> list[list[int]]:
    """Text in a model's tokens.

    Args:
        sample: The text.
        tokens: How many of it to take.
        vocabulary: GGUF that has the vocabulary.
        length: Tokens of one piece.

    Raises:
        InputError: too little text.
        ModelFileError: a vocabulary that llama.cpp cannot open.
    """
    words = open_vocabulary(vocabulary)
    ids, begin = words.tokenize(sample.text), detect(words).bos
    return chunked(ids, tokens=tokens, length=length, begin=begin)


@contextmanager
def steps(what: str, unit: str = "tensor") -> Iterator["Progress"]:
    """A bar with rate and remaining time, where somebody watches."""
    bar: tqdm[NoReturn] = tqdm(desc=what, unit=unit, disable=None, leave=False, delay=1)

    def tell(name: str, done: int, total: int) -> None:
        if done < bar.n:  # the next job of the same kind
            bar.reset()
        bar.total = total
        bar.set_postfix_str(name, refresh=False)
        bar.update(done - bar.n)

    with bar:
        yield tell
