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
from codeassist.quantize.sample import chunked, read_sample

if TYPE_CHECKING:
    from codeassist.quantize.convert import Progress

__all__ = ["locate", "on_disk", "steps", "text_of"]

CHARACTERS = 5
"""Of a token, at the most on average."""


def locate(name: str) -> Path:
    """The file or folder that a model is, by its path or by an id of the catalog.

    Raises:
        ModelError: neither.
    """
    path = Path(name).expanduser()
    return path if path.exists() else resolve(name).path


def on_disk(path: Path) -> int:
    """Bytes of a file, or of a folder's files."""
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.iterdir() if each.is_file())


def text_of(
    args: argparse.Namespace, vocabulary: Path, length: int
) -> tuple[str, list[list[int]]]:
    """Real text in a model's tokens, as ``--text`` and ``--tokens`` say.

    Args:
        args: With these two.
        vocabulary: GGUF that has the vocabulary.
        length: Tokens of one piece.

    Returns:
        Where the text comes from, and its pieces.

    Raises:
        InputError: too little text, or a file that cannot be read.
        ModelFileError: a vocabulary that llama.cpp cannot open.
    """
    if args.tokens < 2:
        msg = f"--tokens {args.tokens} measures nothing; give some hundred"
        raise InputError(msg)
    words = open_vocabulary(vocabulary)
    named = [Path(name).expanduser() for name in args.text]
    sample = read_sample(named, args.tokens * CHARACTERS)
    ids, begin = words.tokenize(sample.text), detect(words).bos
    return sample.origin, chunked(ids, tokens=args.tokens, length=length, begin=begin)


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
