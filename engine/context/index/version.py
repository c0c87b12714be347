"""Which code an index was made by: what other code made is made anew."""

from functools import cache
from hashlib import blake2b
from pathlib import Path

__all__ = ["version"]

PACKAGE = Path(__file__).parents[3]
MAKERS = (
    "languages.py",
    "grammars.py",
    "ignore/generated.py",
    "engine/context/index/*.py",
    "engine/context/outline/**/*.py",
    "engine/context/queries/*.scm",
)
"""Sources that decide what an index says of a file."""


@cache
def version(package: Path = PACKAGE) -> str:
    """The digest of the code that reads files; it changes when any of it does.

    Args:
        package: The folder that has the code.
    """
    digest = blake2b(digest_size=16)
    for pattern in MAKERS:
        for file in sorted(package.glob(pattern)):
            data = file.read_bytes()
            digest.update(f"{file.relative_to(package)}\0{len(data)}\0".encode())
            digest.update(data)
    return digest.hexdigest()
