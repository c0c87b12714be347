"""What decides an answer beside its settings: our own code, and the bytes of a file."""

import hashlib
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import codeassist
from codeassist.errors import ModelFileError

__all__ = ["of_code", "of_weights"]

ELSEWHERE = frozenset(
    {
        "__main__.py",
        "arguments",
        "cli.py",
        "commands",
        "evaluate/replay",
        "evaluate/report",
        "finetune",
        "lsp",
        "quantize",
        "training",
    }
)
"""What neither fills holes nor scores answers."""

KINDS = frozenset({".py", ".scm"})
DECODER = "llama-cpp-python"


def of_code(
    package: Path | None = None,
    *,
    without: Collection[str] = frozenset(),
    also: Collection[str] = frozenset(),
) -> str:
    """Hash of the sources that decide answers and scores, and of the decoder's version.

    Args:
        package: Folder of the package `codeassist`; None: this one.
        without: Folders or files of it that do not count, such as `engine` for the
            answers of a system that is not ours.
        also: Folders that else do not count, such as `training` for what it made.
    """
    root = package or Path(codeassist.__file__).parent
    digest = hashlib.sha256(version(DECODER).encode())
    for name, source in sorted(_sources(root, (ELSEWHERE - {*also}) | {*without})):
        content = source.read_bytes()
        digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _sources(root: Path, elsewhere: frozenset[str]) -> Iterator[tuple[str, Path]]:
    for room in root.iterdir():  # may be a link, which a walk would not follow
        for source in room.rglob("*") if room.is_dir() else (room,):
            name = source.relative_to(root).as_posix()
            within = {name, *(p.as_posix() for p in Path(name).parents)}
            if source.suffix in KINDS and not within & elsewhere:
                yield name, source


def of_weights(path: Path) -> str:
    """A model or adapter file by name, size and time: to hash gigabytes takes too long.

    Raises:
        ModelFileError: it cannot be looked at.
    """
    try:
        status = path.stat()
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); check the name"
        raise ModelFileError(msg) from error
    written = datetime.fromtimestamp(status.st_mtime, UTC).isoformat()
    return f"{path.name}, {status.st_size} bytes, written {written}"
