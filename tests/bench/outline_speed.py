"""What outlines and identifiers cost on top of the bare parsing of the same files.

The judged bench is `index`, which may take half of the parsing's time on top; what is
measured here must leave it something for reading, storing and resolving. On this
environment's own packages, on one core, in CPU time.
"""

import random
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from codeassist import grammars, languages
from codeassist.engine.context.outline import dialect, identifiers, outline, parse
from tests.bench.harness import verdict

BAR = 0.35
LINES = 300_000
ROUNDS = 3

File = tuple[bytes, str]


def main() -> int:
    files = list(sources(Path(sysconfig.get_path("purelib")), LINES))
    for language in sorted({language for _, language in files}):
        outline(b"x", language)  # compiles the query
    shares = []
    for _ in range(ROUNDS):
        bare = taken(files, parse)
        outlined = taken(files, outline)
        named = taken(files, identifiers)
        shares.append((outlined + named) / bare - 1)
        print(
            f"{len(files)} files: parse {bare:.2f} s, outline {outlined:.2f} s, "
            f"identifiers {named:.2f} s",
            flush=True,
        )
    share = sorted(shares)[ROUNDS // 2]
    figure = f"{share:.2f} of the parsing's time on top"
    return verdict("outline_speed", figure, f"<= {BAR}", holds=share <= BAR)


def sources(root: Path, lines: int) -> Iterator[File]:
    """Source files of a tree, drawn by a fixed seed until there are as many lines."""
    paths = [
        path
        for path in sorted(root.rglob("*.*"))
        if languages.of_path(path.name).name in grammars.NAMES and path.is_file()
    ]
    random.Random(5).shuffle(paths)
    for path in paths:
        data = path.read_bytes()
        yield data, dialect(data, languages.of_path(path.name).name)
        lines -= data.count(b"\n")
        if lines <= 0:
            return


def taken(files: list[File], work: Callable[[bytes, str], object]) -> float:
    """CPU seconds of some work on all files."""
    start = time.process_time()
    for data, language in files:
        work(data, language)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
