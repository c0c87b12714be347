"""The protocol's types, imported sooner: what attrs compiles for them is kept.

attrs writes methods for 569 classes as text and has Python compile them, at each start
anew. The results lie in the cache folder, by the text that they come from.
"""

import contextlib
import gc
import importlib.util
import marshal
import sys
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from types import CodeType

import attr

from codeassist.config import cache_dir
from codeassist.whole import replacing

__all__ = ["kept"]

DIGEST = 16
Known = dict[bytes, CodeType]


@contextlib.contextmanager
def kept(file: Path) -> Iterator[None]:
    """Let attrs take from a file what it would compile, and add what is not in it."""
    known = _read(file)
    before, collected = len(known), gc.isenabled()
    gc.disable()  # so many classes, and nothing to collect: a tenth of the time
    maker = vars(sys.modules[f"{attr.__name__}._make"])
    maker["compile"] = _compiling(known)  # over the builtin, in that module alone
    try:
        yield
    finally:
        del maker["compile"]
        if collected:
            gc.enable()
        if len(known) > before:
            with contextlib.suppress(OSError):
                _write(file, known)


def _compiling(known: Known) -> Callable[[str, str, str], CodeType]:
    def compiled(source: str, name: str, mode: str) -> CodeType:
        key = _digest(f"{name}\0{mode}\0{source}".encode())
        if key not in known:
            known[key] = compile(source, name, mode)
        return known[key]

    return compiled


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=DIGEST).digest()


def _read(file: Path) -> Known:
    try:
        text = file.read_bytes()
    except OSError:
        return {}
    whole = _digest(text[DIGEST:]) == text[:DIGEST]
    found: Known = marshal.loads(text[DIGEST:]) if whole else {}
    return found


def _write(file: Path, known: Known) -> None:
    text = marshal.dumps(known)
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as part:
        part.write_bytes(_digest(text) + text)


_tag = f"{sys.implementation.cache_tag}-{importlib.util.MAGIC_NUMBER.hex()}"
with kept(cache_dir() / "compiled" / f"{_tag}.bin"):
    import lsprotocol.types  # noqa: F401 - all who import it later get this one
