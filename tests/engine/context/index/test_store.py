"""What is kept between two starts is used when it is whole, and made anew otherwise."""

import errno
import json
import os
import time
from pathlib import Path

import pytest

from codeassist.engine.context.index import RepositoryIndex, store
from codeassist.engine.context.index.columns import DamagedError, pack, unpack
from codeassist.engine.context.index.version import MAKERS, PACKAGE, version
from tests.engine.context.index.conftest import SECONDS
from tests.engine.context.index.repositories import SHOP


@pytest.fixture
def root(write):
    """The shop's folder."""
    return write(SHOP)


@pytest.fixture
def kept(root, opened, tmp_path):
    """The folder of an index that was made and closed."""
    opened(root).close()
    (folder,) = (tmp_path / "cache").iterdir()
    return folder


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_only_the_user_can_read_it(kept):
    """The folder of an index is nobody else's."""
    assert kept.stat().st_mode & 0o077 == 0


def segments(folder):
    return sorted(folder.glob("*.segment"))


def parsed(monkeypatch):
    """Counts how many files are parsed from now on."""
    from codeassist.engine.context.index import building

    counted = []
    outline = building.outline

    def counting(data, language):
        counted.append(language)
        return outline(data, language)

    monkeypatch.setattr(building, "outline", counting)
    return counted


def test_warm_start(root, kept, opened, monkeypatch):
    """The second start parses nothing, but for what changed in between."""
    (root / "shop" / "money.py").write_text("def other(): ...\n", encoding="utf-8")
    (root / "web" / "view.ts").unlink()
    counted = parsed(monkeypatch)
    index = opened(root)
    assert counted == ["python"]
    assert index.definitions("total_price")[0].path == "shop/cart.py"
    assert index.definitions("other")[0].path == "shop/money.py"
    assert index.definitions("round_up") == []
    assert index.definitions("show") == []


def test_files_stay_few(root, opened, tmp_path):
    """Segments that were merged are deleted; the manifest names all that are left."""
    index = opened(root)
    for number in range(20):
        (root / f"part_{number}.py").write_text("x = 1\n", encoding="utf-8")
        index.refresh([f"part_{number}.py"])
        assert index.wait(SECONDS)
    (kept,) = (tmp_path / "cache").iterdir()
    named = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))["segments"]
    assert len(named) < 12
    assert {path.name for path in segments(kept)} == set(named)


def _cut(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _flip(file):
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    file.write_bytes(data)


def _empty(file):
    file.write_bytes(b"")


def _foreign(file):
    file.write_bytes(os.urandom(4096))


@pytest.mark.parametrize("damage", [_cut, _flip, _empty, _foreign, Path.unlink])
def test_damaged_segment(root, kept, opened, damage):
    """A segment that is not whole is made anew."""
    for file in segments(kept):
        damage(file)
    index = opened(root)
    assert index.definitions("total_price")[0].path == "shop/cart.py"
    index.close()
    again = opened(root)
    assert len(again.snapshot.layers) == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 0}', '{"format": 1}', "\0"]
)
def test_damaged_manifest(root, kept, opened, text):
    """A manifest that means nothing is replaced."""
    (kept / "manifest.json").write_text(text, encoding="utf-8")
    assert opened(root).definitions("total_price")
    told = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    assert told["segments"]


def test_made_by_other_code(root, kept, opened, monkeypatch):
    """What another release made of the files is made anew, once."""
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    (kept / "manifest.json").write_text(json.dumps(manifest | {"format": 1}))
    counted = parsed(monkeypatch)
    opened(root).close()
    assert len(counted) == len(SHOP)
    opened(root)
    assert len(counted) == len(SHOP)


@pytest.mark.parametrize("pattern", MAKERS)
def test_the_version_is_that_of_the_code(tmp_path, pattern):
    """A byte more in any source that decides what is known of a file is another version."""
    for maker in MAKERS:
        for file in PACKAGE.glob(maker):
            copy = tmp_path / "codeassist" / file.relative_to(PACKAGE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    whole = version(tmp_path / "codeassist")
    version.cache_clear()
    last = max((tmp_path / "codeassist").glob(pattern))
    last.write_bytes(last.read_bytes() + b"\n")

    assert whole == version()
    assert whole != version(tmp_path / "codeassist")


def test_full_disk(root, opened, monkeypatch, tmp_path):
    """Without room on the disk the index works from memory, and leaves no litter."""

    def full(self, data):
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    index = opened(root)
    assert index.definitions("total_price")[0].path == "shop/cart.py"
    left = [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert left == []


def test_no_cache_folder(root, opened, tmp_path):
    """A cache folder that cannot be made is no error either."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder", encoding="utf-8")
    assert opened(root, cache=blocked).definitions("total_price")


def test_litter_is_swept(root, kept, opened):
    """What killed servers left is removed once it is old; young files stay."""
    old, young = kept / "old.segment", kept / ".young.part"
    for file in (old, young):
        file.write_bytes(b"x")
    _age(old)
    opened(root)
    assert not old.exists()
    assert young.exists()


def test_an_old_index_is_no_litter(root, kept, opened, monkeypatch):
    """What the manifest names, and the manifest itself, are used however old they are."""
    for file in kept.iterdir():
        _age(file)
    counted = parsed(monkeypatch)
    index = opened(root)
    assert counted == []
    assert index.definitions("total_price")


def _age(file):
    """Make a file look as if it had lain there for long."""
    before = time.time() - store.KEPT_SECONDS - 60
    os.utime(file, (before, before))


def test_two_at_once(root, opened):
    """Two servers of one repository share the cache and both know everything."""
    one, other = opened(root), opened(root)
    (root / "new.py").write_text("def fresh(): ...\n", encoding="utf-8")
    for index in (one, other):
        index.refresh(["new.py"])
        assert index.wait(SECONDS)
        assert index.definitions("fresh")
    assert opened(root).definitions("fresh")


def test_close_at_once(root, tmp_path):
    """An index that is closed while it is made ends, and the next start is whole."""
    index = RepositoryIndex(root, cache=tmp_path / "cache", processes=1, watched=False)
    index.start()
    index.close()
    again = RepositoryIndex(root, cache=tmp_path / "cache", processes=1, watched=False)
    again.start()
    assert again.wait(SECONDS)
    assert again.definitions("total_price")
    again.close()


def test_block_round_trip(root, kept):
    """A block gives back its arrays; every cut of it is noticed."""
    (file,) = segments(kept)
    block = file.read_bytes()
    arrays = unpack(memoryview(block), check=True)
    assert pack(arrays) == block
    for end in (0, 5, 21, 28, 40, 200, len(block) - 1):
        with pytest.raises(DamagedError):
            unpack(memoryview(block)[:end], check=True)
