"""The store of adapters: whole or not there, active for one base model's bytes alone."""

import json
import os
import shutil

import pytest

from codeassist.engine import adapters as store
from codeassist.engine.adapters.transfer import export, take_in, take_in_gguf
from codeassist.engine.decode.adapter import check_adapter
from codeassist.errors import AdapterError, DiskSpaceError

from .conftest import located


def test_stored_and_found(bases, stored):
    """What is added is found again, byte by byte, with its digest and its base."""
    made = stored(16, 0)
    found = store.find("mine")
    assert found == made
    assert found.path.read_bytes() == (bases / "lora-16-0.gguf").read_bytes()
    assert found.about.base.size == (bases / "base-16.gguf").stat().st_size
    assert store.adapters() == [found]


def test_a_taken_name_gets_a_number(stored):
    """A second adapter of one name replaces none; the list is by age."""
    stored(16, 0)
    assert stored(16, 1).about.name == "mine-2"
    assert [each.about.name for each in store.adapters()] == ["mine", "mine-2"]


def test_active_by_the_bytes_of_the_base(bases, stored, tmp_path):
    """An active adapter is for its base's bytes: under any name, and for no others."""
    assert store.active_for(located(bases, 16)) is None
    path = stored(16, 0).path
    store.activate("mine")
    shutil.copy(bases / "base-16.gguf", tmp_path / "copy.gguf")
    copy = located(bases, 16).__class__(tmp_path / "copy.gguf", None, None)
    assert store.active_for(located(bases, 16)) == path
    assert store.active_for(copy) == path
    assert store.active_for(located(bases, 32)) is None

    changed = bytearray((bases / "base-16.gguf").read_bytes())
    changed[-1] ^= 1
    copy.path.write_bytes(changed)  # as large as before, another model
    os.utime(copy.path, ns=(1, 1))
    assert store.active_for(copy) is None


def test_which_adapter_completes(bases, stored):
    """The named one goes before the active one, that before the catalog's."""
    theirs = bases / "lora-16-2.gguf"
    entry = located(bases, 16).__class__(bases / "base-16.gguf", None, theirs)
    assert store.chosen("", entry) == theirs
    path = stored(16, 0).path
    store.activate("mine")
    assert store.chosen("", entry) == path
    assert store.chosen(str(theirs), entry) == theirs


def test_one_active_for_each_base(bases, stored):
    """Each base has an active adapter of its own, and one at the most."""
    first, second, other = stored(16, 0), stored(16, 1), stored(32, 2)
    for name in ("mine", "mine-2", "mine-3"):
        store.activate(name)
    assert store.active(first.about.base.sha256) == second
    assert store.active(other.about.base.sha256) == other


def test_rollback(bases, stored):
    """Rolling back brings the one before, then none, then says that there is none."""
    sha = stored(16, 0).about.base.sha256
    stored(16, 1)
    store.activate("mine")
    store.activate("mine-2")
    store.activate("mine-2")  # no step of its own
    assert store.rollback(sha).about.name == "mine"
    assert store.active_for(located(bases, 16)) == store.find("mine").path
    assert store.rollback(sha) is None
    assert store.active_for(located(bases, 16)) is None
    with pytest.raises(AdapterError, match="nothing to take back"):
        store.rollback(sha)


def test_removing_the_active_one(bases, stored):
    """The one before is active again; a name that nobody has is refused with a list."""
    before = stored(16, 0)
    stored(16, 1)
    store.activate("mine")
    store.activate("mine-2")
    assert store.remove("mine-2") > 0
    assert store.active_for(located(bases, 16)) == before.path
    with pytest.raises(AdapterError, match="known are mine"):
        store.remove("mine-2")


def test_a_name_that_was_active(bases, stored):
    """Another adapter that gets a removed one's name is active of nothing."""
    sha = stored(16, 0).about.base.sha256
    store.activate("mine")
    store.remove("mine")
    assert stored(16, 1).about.name == "mine"
    assert store.active(sha) is None
    assert store.active_for(located(bases, 16)) is None


def test_a_name_that_an_older_version_left(bases, stored):
    """One that the list has for another base is not used with that base."""
    sha = stored(16, 0).about.base.sha256
    store.activate("mine")
    listed = store.active_file().read_text()
    store.remove("mine")
    stored(32, 0)
    store.active_file().write_text(listed)
    assert store.active(sha) is None
    with pytest.raises(AdapterError, match="nothing to take back"):
        store.rollback(sha)


def test_a_damaged_one_of_another_base(bases, stored):
    """It keeps no model of one's own from completing."""
    stored(16, 0)
    damaged = stored(32, 0)
    store.activate("mine-2")
    damaged.path.write_bytes(b"cut")
    assert store.active_for(located(bases, 16)) is None
    with pytest.raises(AdapterError, match="adapters remove mine-2"):
        store.active_for(located(bases, 32))


def test_a_file_below_home(bases, monkeypatch):
    """An adapter may be named by `~`, as a model may."""
    monkeypatch.setenv("HOME", str(bases))
    theirs = store.chosen("~/lora-16-0.gguf", located(bases, 16))
    assert theirs == bases / "lora-16-0.gguf"


def test_damaged(stored):
    """A cut adapter is told of and not used; its removal is possible."""
    found = stored(16, 0)
    store.activate("mine")
    found.path.write_bytes(found.path.read_bytes()[:-8])
    told = []
    assert store.adapters(told.append) == []
    assert "adapters remove mine" in told[0]
    with pytest.raises(AdapterError, match="adapters remove mine"):
        store.active(found.about.base.sha256)
    store.remove("mine")
    assert store.active(found.about.base.sha256) is None


def test_changed_bytes_are_not_activated(stored):
    """As many bytes, but others: the adapter that was active stays it."""
    found = stored(16, 0)
    data = bytearray(found.path.read_bytes())
    data[-1] ^= 1
    found.path.write_bytes(data)
    with pytest.raises(AdapterError, match="other bytes"):
        store.activate("mine")
    assert store.active(found.about.base.sha256) is None


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}', "\0"])
def test_a_damaged_list_of_what_is_active(stored, text):
    """It is said which file to delete, whatever stands in it."""
    found = stored(16, 0)
    store.active_file().write_text(text)
    with pytest.raises(AdapterError, match=r"active\.json is damaged"):
        store.active(found.about.base.sha256)


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "a" * 200, "ä"])
def test_names_that_leave_the_store(stored, name):
    """A name is a folder's name and nothing else."""
    with pytest.raises(AdapterError, match="no name for an adapter"):
        stored(16, 0, name=name)
    with pytest.raises(AdapterError, match="no name for an adapter"):
        store.remove(name)


def test_no_room(stored, monkeypatch):
    """A full disk is refused before anything is written."""
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    with pytest.raises(DiskSpaceError, match="are needed"):
        stored(16, 0)
    assert store.adapters() == []


def checker(bases, width=16):
    def check(adapter, _base):
        check_adapter(adapter, bases / f"base-{width}.gguf")

    return check


def test_there_and_back(bases, stored, tmp_path):
    """An exported adapter comes back equal, with its report, on another machine."""
    found = stored(16, 0)
    (found.folder / "report.html").write_text("<p>good</p>")
    export(found, tmp_path / "mine.zip")
    store.remove("mine")
    taken = take_in(tmp_path / "mine.zip", checker(bases))
    assert taken.about == found.about
    assert taken.path.read_bytes() == (bases / "lora-16-0.gguf").read_bytes()
    assert (taken.folder / "report.html").read_text() == "<p>good</p>"
    again = take_in(tmp_path / "mine.zip", checker(bases), name="other")
    assert again.about.name == "other"


def test_imports_that_are_refused(bases, stored, tmp_path):
    """Cut, foreign, changed files and those of another base bring one line, no entry."""
    found = stored(16, 0)
    export(found, tmp_path / "mine.zip")
    store.remove("mine")
    whole = (tmp_path / "mine.zip").read_bytes()
    spoilt = bytearray(whole)
    spoilt[len(whole) // 2] ^= 255
    for data, width in (
        (whole[: len(whole) // 2], 16),
        (b"", 16),
        (b"PK not a zip", 16),
        ((bases / "lora-16-0.gguf").read_bytes(), 16),
        (bytes(spoilt), 16),
        (whole, 32),
    ):
        (tmp_path / "bad.zip").write_bytes(data)
        with pytest.raises(AdapterError) as error:
            take_in(tmp_path / "bad.zip", checker(bases, width))
        assert "\n" not in str(error.value)
    with pytest.raises(AdapterError, match="check the name"):
        take_in(tmp_path / "none.zip", checker(bases))
    assert store.adapters() == []


def test_a_bare_gguf(bases, tmp_path):
    """A LoRA of other tools is stored for the base that is named, if it fits it."""
    base = store.base_of(located(bases, 16))
    taken = take_in_gguf(bases / "lora-16-1.gguf", base, checker(bases), name="bare")
    assert taken.about.base == base
    store.activate("bare")
    with pytest.raises(AdapterError, match="cannot be loaded over"):
        take_in_gguf(bases / "lora-32-1.gguf", base, checker(bases), name="wide")
    with pytest.raises(AdapterError, match="not a LoRA adapter"):
        take_in_gguf(bases / "base-16.gguf", base, checker(bases), name="model")


def test_the_digest_is_taken_once(bases, monkeypatch):
    """A file of the user's own is hashed once, and again when it changed."""
    first = store.base_of(located(bases, 16))

    def refuse(_path):
        raise AssertionError("read again")

    monkeypatch.setattr("codeassist.engine.adapters.base.digest", refuse)
    assert store.base_of(located(bases, 16)) == first
    with pytest.raises(AssertionError, match="read again"):
        store.base_of(located(bases, 32))


def test_about_is_json(stored):
    """A script finds the base's digest in the adapter's folder."""
    found = stored(16, 0)
    told = json.loads((found.folder / "about.json").read_text())
    assert told["base"]["sha256"] == found.about.base.sha256
    assert told["name"] == "mine"
