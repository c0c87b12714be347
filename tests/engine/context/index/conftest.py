"""Small repositories, and indexes of them that end with the test."""

import pytest

from codeassist.engine.context.index import RepositoryIndex

SECONDS = 60
"""More than any of these tests takes."""


def names(index, path):
    return [place.name for place in index.definitions_in(path)]


def refreshed(index, *paths):
    index.refresh(paths or None)
    assert index.wait(SECONDS)


@pytest.fixture
def write(tmp_path):
    """Writes files of a repository: path to text or bytes."""

    def write(files):
        for path, text in files.items():
            file = tmp_path / "repository" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            data = text.encode() if isinstance(text, str) else text
            file.write_bytes(data)
        return tmp_path / "repository"

    return write


@pytest.fixture
def opened(tmp_path):
    """Opens an index of a folder and waits until it knows all; closes it at the end."""
    indexes = []

    def opened(root, *, cache=None, **options):
        options = {"processes": 1, "watched": False} | options
        index = RepositoryIndex(root, cache=cache or tmp_path / "cache", **options)
        indexes.append(index)
        index.start()
        assert index.wait(SECONDS)
        return index

    yield opened
    for index in indexes:
        index.close()


@pytest.fixture
def known(tmp_path):
    """The paths that an index knows."""

    def known(index):
        return sorted(path for path, _ in index.snapshot.files())

    return known
