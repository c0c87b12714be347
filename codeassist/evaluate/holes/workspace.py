"""A repository as its user would see it: one file has a hole, no answer is anywhere."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from codeassist.errors import InputError
from codeassist.evaluate.hole import Hole

from .repository import Repository

__all__ = ["Workspace", "workspace", "write_file"]


class Workspace:
    """A copy of a repository's files, without its history, for one hole at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def show(self, hole: Hole) -> Iterator[Hole]:
        """Cut a hole into its file, and mend the file afterwards.

        Yields:
            The hole with its ``root`` set to the copy.

        Raises:
            InputError: the file cannot be written.
        """
        file = self.root / hole.path
        whole = file.read_bytes() if file.is_file() else None
        write_file(file, (hole.prefix + hole.suffix).encode())
        try:
            yield replace(hole, root=str(self.root))
        finally:
            if whole is None:
                file.unlink()
            else:
                write_file(file, whole)


@contextmanager
def workspace(repository: Repository, since: str = "") -> Iterator[Workspace]:
    """Copy what an index may read into a temporary folder.

    The copy has neither ``.git`` nor ignored files: both could hold the answer.

    Args:
        repository: Whose files.
        since: Hash of a commit: the files are those that it had.

    Raises:
        InputError: the files cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="codeassist-") as folder:
        root = Path(folder) / repository.name
        root.mkdir()
        files = repository.files(since)
        for path, text in tqdm(
            files, "copying", unit=" files", delay=2, leave=False, disable=None
        ):
            write_file(root / path, text.encode())
        yield Workspace(root)


def write_file(file: Path, content: bytes) -> None:
    """Write over a file; a reader finds the old content or the new, nothing between.

    Raises:
        InputError: it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f"{file.name}~")
        new.write_bytes(content)
        new.replace(file)
    except OSError as error:
        msg = f"{file} cannot be written ({error.strerror}); see that TMPDIR has room"
        raise InputError(msg) from error
