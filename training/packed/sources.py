"""The files that are learned from: folders of code, and corpora that were built."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

from codeassist.errors import CorpusError
from codeassist.ignore import Rules, is_by_hand
from codeassist.ignore.contents import Kind, redact
from codeassist.languages import of_path
from codeassist.training.fim_data import Document
from codeassist.training.folder import is_training

__all__ = ["CorpusReader", "Sources"]

MAX_BYTES = 1_000_000
"""A larger file is data."""

NOT_CODE = {"plaintext", "json", "markdown"}


class CorpusReader(Protocol):
    """Reads the documents of a corpus folder."""

    def __call__(self, folder: Path, /) -> Iterator[Document]:
        """Its documents, those of one repository in a row."""


class Sources:
    """The documents of some folders, read anew by each loop over them.

    Trainings' folders in them are passed over: what one writes there is no code.

    Args:
        folders: Of code (what `codeassist.ignore.Rules` lets be read, its secrets
            replaced), or corpora.
        corpora: How folders are read that hold a file of this name.
        but: Files that are no code either, say the recipe.

    Raises:
        CorpusError: no such folder.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        corpora: Mapping[str, CorpusReader] | None = None,
        *,
        but: Iterable[Path] = (),
    ) -> None:
        named = [*folders]
        for folder in named:
            if not folder.is_dir():
                msg = f"{folder} is no folder; name one of code in data.sources"
                raise CorpusError(msg)
        self._folders = [folder.resolve() for folder in named]
        self._corpora = corpora or {}
        self._but = {path.resolve() for path in but}

    def __iter__(self) -> Iterator[Document]:
        for folder in self._folders:
            readers = (
                reader
                for marker, reader in self._corpora.items()
                if (folder / marker).is_file()
            )
            yield from next(readers, self._documents)(folder)

    def measure(self) -> tuple[str, int]:
        """Read everything once.

        Returns:
            A hash of all names and texts, and how many characters they have.

        Raises:
            CorpusError: there is no code.
        """
        digest, characters = hashlib.sha256(), 0
        for each in self:
            digest.update(f"{each.repository}\0{each.path}\0{each.text}\0".encode())
            characters += len(each.text)
        if not characters:
            names = ", ".join(map(str, self._folders))
            msg = f"there is nothing to learn from in {names}; name folders of code"
            raise CorpusError(msg)
        return digest.hexdigest(), characters

    def _documents(self, root: Path) -> Iterator[Document]:
        """The code of a folder that may be read and that a person wrote.

        Left out are names that cannot be printed: some are not UTF-8.
        """
        name = os.fsencode(root.name).decode(errors="replace")
        paths = (found.path for found in Rules(root, MAX_BYTES).walk())

        @cache
        def in_training(folder: Path) -> bool:
            return folder != root and (
                is_training(folder) or in_training(folder.parent)
            )

        for path in sorted(filter(str.isprintable, paths)):
            language, file = of_path(path).name, root / path
            if language in NOT_CODE or file in self._but or in_training(file.parent):
                continue
            text = _read(file)
            if text is not None and text.strip():
                yield Document(path, text, language, name)


def _read(path: Path) -> str | None:
    """The text of a file, its secrets replaced.

    None for what is generated, holds a private key, or cannot be read as text.
    """
    try:
        content = path.read_bytes()
        clean = redact(content.decode("utf-8-sig")) if is_by_hand(content) else None
    except (OSError, UnicodeDecodeError):
        return None
    return None if clean is None or clean.found[Kind.PRIVATE_KEY] else clean.text
