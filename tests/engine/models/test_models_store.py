"""The store: what is here is found cheaply, checked fully, removed on request."""

import pytest

from codeassist.engine.models import resolve, store
from codeassist.errors import (
    AdapterError,
    ChecksumError,
    ModelError,
    ModelFileError,
    ModelMissingError,
    UnknownModelError,
)
from codeassist.lock import locked


@pytest.fixture(autouse=True)
def _tiny(shop):
    shop.catalog()


def test_empty_is_the_default(shop):
    """Nobody has to name a model."""
    shop.put(shop.data)
    located = resolve("")
    assert located.path == shop.path
    assert located.entry.id == "tiny"
    assert located.adapter is None


def test_a_file_of_ones_own_works_by_path(shop):
    """Any GGUF can be used without a catalog."""
    own = shop.root / "own.gguf"
    own.write_bytes(b"GGUF")
    assert resolve(str(own)) == store.Located(own, None, None)


def test_an_id_is_not_taken_for_a_file(shop, monkeypatch):
    """A file that happens to be named like a model does not take its place."""
    shop.put(shop.data)
    (shop.root / "tiny").write_bytes(b"")
    monkeypatch.chdir(shop.root)
    assert resolve("tiny").path == shop.path


def test_a_model_that_is_not_here_names_the_command():
    """The user is told which command fetches it."""
    with pytest.raises(ModelMissingError, match="run `codeassist models pull tiny`"):
        resolve("tiny")


def test_an_unknown_model_lists_the_known():
    """A slip of the pen shows what there is."""
    with pytest.raises(UnknownModelError, match=r"smollm2-135m, tiny"):
        resolve("tinny")


def test_a_file_of_another_size_is_not_loaded(shop):
    """A truncated file is seen at start, without hashing."""
    shop.put(shop.data[:-1])
    with pytest.raises(ModelFileError, match="instead of 6000000"):
        resolve("tiny")


def test_the_adapter_comes_along(shop):
    """A catalog's adapter is found with its model; a missing one is an error."""
    adapter = {"path": "a.gguf", "sha256": "0" * 64}
    shop.catalog(adapter=adapter)
    shop.put(shop.data)
    with pytest.raises(AdapterError, match="reinstall"):
        resolve("tiny")
    (shop.config / "a.gguf").write_bytes(b"x")
    assert resolve("tiny").adapter == shop.config / "a.gguf"
    with pytest.raises(ChecksumError, match="adapter"):
        store.verify(store.find("tiny"))


def test_verify_sees_one_changed_byte(shop, watcher):
    """Verify reads every byte and says what to do."""
    shop.put(shop.data)
    assert store.verify(store.find(), watcher).path == shop.path
    assert watcher.done[-1] == len(shop.data)
    shop.put(shop.data[:-1] + bytes([shop.data[-1] ^ 1]))
    with pytest.raises(ChecksumError, match="models pull tiny"):
        store.verify(store.find())


def test_remove_takes_leftovers_too(shop):
    """The file and an unfinished pull go; a second time there is nothing."""
    shop.put(shop.data)
    workspace = store.Workspace.of(store.find())
    workspace.wheels.mkdir(parents=True)
    workspace.part.write_bytes(b"12345")
    assert store.remove(store.find()) == len(shop.data) + 5
    assert shop.leftovers() == []
    assert store.remove(store.find()) == 0


def test_remove_refuses_under_a_pull(shop):
    """A file that is being fetched is not pulled from under the process."""
    shop.put(shop.data)
    entry = store.find()
    with (
        locked(store.Workspace.of(entry).lock, wait=True),
        pytest.raises(ModelError, match="stop it first"),
    ):
        store.remove(entry)
    assert shop.path.is_file()
