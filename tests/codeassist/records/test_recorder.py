"""The recorder writes what it is told, and no failure reaches the teller."""

import logging
import sqlite3
import stat
import time
from contextlib import closing

import pytest

from codeassist.errors import InputError
from codeassist.records import (
    Checked,
    Figures,
    Recorder,
    Records,
    Shown,
    Taken,
    Texts,
    Told,
    file,
)
from codeassist.records import recorder as recording
from codeassist.records.entries import Snippet, new_id
from codeassist.records.file import open_records, prune
from tests.codeassist.records.entries import NOW, TEXTS, asked


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Of a file that is not there yet; rows of the year 2023 are young."""
    monkeypatch.setattr(file, "KEPT_DAYS", 100_000)
    return tmp_path / "folder" / "records.sqlite3"


def told(path, *entries):
    """Records of some entries."""
    recorder = Recorder(path)
    for entry in entries:
        recorder.add(entry)
    recorder.join()
    return Records(path)


def test_request_comes_back_whole(path):
    """A request is read as it was told, with its snippets and texts."""
    snippet = Snippet("lib.py", ("defines far_away",), 12)
    entry = asked("a1", texts=TEXTS, snippets=(snippet,), logprob=-0.5, recalled=True)

    assert told(path, entry).one("a1") == entry


def test_of_older_texts_the_lines_that_were_taken_stay(path, monkeypatch):
    """Texts go with age; of a suggestion that was taken whole its line stays, for
    `finetune --accepted`, and is not replayed."""
    texts = Texts("def f():\n    x = ", "  # why\nmore\n", "1 + 1")
    entries = [asked(name, texts=texts) for name in ("taken", "left")]
    entries += [Shown(name, NOW, "python", 5) for name in ("taken", "left")]
    entries.append(Taken("taken", NOW, 5, whole=True, how="command"))
    entries.append(Checked("taken", 30, "1 + 1", "x = 1 + 1"))
    newer = [asked(f"n{n}", texts=TEXTS) for n in range(file.KEPT_TEXTS)]
    records = told(path, *entries, *newer)

    (kept,) = records.standing()
    assert kept.texts == Texts("    x = ", "  # why", "1 + 1")
    for name in ("taken", "left"):
        with pytest.raises(InputError, match="is not kept"):
            records.one(name)
    assert records.one("n0").texts == TEXTS


def test_only_the_user_may_read(path):
    """The file and its companions have mode 0600, also one that was there before."""
    path.parent.mkdir()
    path.touch(0o644)
    with closing(open_records(path)) as connection:
        connection.execute("DELETE FROM texts")
        modes = {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}

    assert modes == {0o600}


def test_fate_of_suggestions(path):
    """Shown, told, accepted and checked come to figures; one not drawn is not shown."""
    there, gone = "return total + 1", "something else"
    figures = told(
        path,
        Shown("a", NOW, "python", 16),
        Taken("a", NOW, 16, whole=True, how="command"),
        Checked("a", 30, there, f"def f():\n    {there}\n"),
        Checked("a", 90, there, gone),
        Shown("b", NOW, "go", 9, seen=False),
        Told("b"),
        Taken("b", NOW, 4, whole=False, how="part"),
        Shown("c", NOW, "go", 9, seen=False),
    )

    still = {30: (1, 1), 90: (0, 1), 180: (0, 0), 360: (0, 0)}
    nothing = dict.fromkeys(still, (0, 0))
    python, go = Figures(1, 1, 0, 16, still), Figures(1, 0, 1, 4, nothing)
    assert figures.by_language(0) == {"python": python, "go": go}
    assert figures.figures(0) == Figures(2, 1, 1, 20, still)
    assert list(figures.by_day(0).values()) == [Figures(2, 1, 1, 20, still)]
    assert figures.figures(NOW + 1) == Figures(0, 0, 0, 0, nothing)


def test_last_requests(path):
    """The last requests come oldest first, and say what was accepted."""
    taken = Taken("r3", NOW, 5, whole=True, how="edit")
    shown = Shown("r3", NOW, "python", 5)
    records = told(path, *(asked(f"r{n}") for n in range(5)), shown, taken)

    last = records.last(3)
    assert [(each.asked.id, each.taken) for each in last] == [
        ("r2", False),
        ("r3", True),
        ("r4", False),
    ]


def test_texts_of_the_last_requests_only(path, monkeypatch):
    """Older texts go, and leave no trace in the file; the requests stay."""
    monkeypatch.setattr(file, "WHOLE_TEXTS", file.WHOLE_TEXTS.replace("200", "2"))
    entries = [asked(f"r{n}", texts=Texts(f"MARK{n}", "", "")) for n in range(5)]
    records = told(path, *entries)

    assert records.one("r4").texts.before == "MARK4"
    with pytest.raises(InputError, match="is not kept; it is for the last"):
        records.one("r1")
    data = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert b"MARK3" in data
    assert b"MARK1" not in data


@pytest.mark.parametrize("name", [".env", "ignored.py", "own.py", "build/lib.py"])
def test_text_of_ignored_files(path, tmp_path, name):
    """The text of a secret or ignored file is never kept; the request is."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / ".gitignore").write_text("ignored.py\nbuild/\n")
    (root / ".codeassistignore").write_text("own.py\n")
    entry = asked("a", root=str(root), path=name, texts=Texts("SECRET", "", "MORE"))
    fine = asked("b", root=str(root), path="fine.py", texts=TEXTS)
    records = told(path, entry, fine)

    assert records.one("b") == fine
    with pytest.raises(InputError, match="never for secret or ignored files"):
        records.one("a")
    assert len(records.last(9)) == 2
    data = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert b"SECRET" not in data


@pytest.mark.parametrize("damage", ["text", "half", "foreign", "version"])
def test_file_that_is_not_ours(path, damage):
    """A damaged or foreign file, or a later version's, is set aside, a new one begun."""
    told(path, *(asked(new_id(), texts=TEXTS) for _ in range(50)))
    if damage == "text":
        path.write_text("this is no database at all\n" * 200)
    elif damage == "half":
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    else:
        mark = "application_id" if damage == "foreign" else "user_version"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA {mark} = 7")
    before = path.read_bytes()
    records = told(path, asked("new"))

    assert [each.asked.id for each in records.last(99)] == ["new"]
    assert path.with_name("records.sqlite3.aside").read_bytes() == before


def test_what_was_set_aside_before_stays(path):
    """A second file that is set aside takes no other name's place."""
    for marker in ("first", "second"):
        told(path, asked(marker))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA user_version = 7")
    told(path, asked("third"))

    for tail, marker in (("aside", "first"), ("aside-2", "second")):
        kept = path.with_name(f"records.sqlite3.{tail}")
        with closing(sqlite3.connect(kept)) as connection:
            assert connection.execute("SELECT id FROM requests").fetchall() == [
                (marker,)
            ]


def test_the_version_before(path):
    """A file that an older version wrote is gone on with; what it lacks is unknown."""
    told(path, asked("old"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE requests DROP COLUMN chance")
        connection.execute("PRAGMA user_version = 1")
    records = told(path, asked("new", chance=0.75))

    kept = {each.asked.id: each.asked.chance for each in records.last(9)}
    assert kept == {"old": None, "new": 0.75}


def test_locked_file(path, monkeypatch, caplog):
    """While another program locks the file nothing is lost and nobody is told twice."""
    monkeypatch.setattr(file, "BUSY_S", 0.0)
    monkeypatch.setattr(recording, "BATCH_S", 0.0)
    with closing(open_records(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        recorder = Recorder(path)
        with caplog.at_level(logging.WARNING):
            for name in ("first", "second"):
                recorder.add(asked(name))
                while recorder._scheduled:
                    time.sleep(0)
        other.execute("ROLLBACK")
    recorder.add(asked("third"))
    recorder.join()

    names = [each.asked.id for each in Records(path).last(9)]
    assert names == ["first", "second", "third"]
    assert [r.message for r in caplog.records] == [
        f"no records are written to {path}: database is locked"
    ]


def test_full_disk(path):
    """A full disk costs records, never an exception; later ones are written again."""
    recorder = Recorder(path)
    recorder._connection = open_records(path)
    recorder._connection.close()
    recorder._connection = FullDisk()
    recorder.add(asked("lost or late"))
    recorder.add(asked("too"))
    recorder._write()
    recorder.add(asked("fine"))
    recorder.join()

    assert Records(path).last(9)[-1].asked.id == "fine"


class FullDisk:
    """A connection whose disk has no room."""

    in_transaction = False

    def execute(self, *_):
        msg = "database or disk is full"
        raise sqlite3.OperationalError(msg)

    def close(self):
        pass


def test_folder_that_cannot_be(path, caplog):
    """Where the folder cannot be made there are no records, and one line says so."""
    path.parent.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        recorder = Recorder(path)
        recorder.add(asked("a"))
        recorder.join()

    assert len(caplog.records) == 1


def test_lone_surrogate(path):
    """A text that SQLite cannot hold is kept without what is wrong with it."""
    records = told(path, asked("a", texts=Texts("x\ud800", "", "")))

    assert records.one("a").texts.before == "x?"


def test_old_rows_go(tmp_path):
    """Rows older than 90 days are deleted, younger ones stay."""
    now = time.time()
    path = tmp_path / "records.sqlite3"
    day = 86_400
    old, young = asked("old", at=now - 91 * day), asked("young", at=now - 89 * day)
    told(path, old, young)
    with closing(open_records(path)) as connection:
        prune(connection, now)

    assert [each.asked.id for each in Records(path).last(9)] == ["young"]


def test_size_is_bounded(path, monkeypatch):
    """In a file that grew too large the older half of all rows goes, and the room."""
    told(path, *(asked(f"{n}", path="x" * 900) for n in range(400)))
    before = path.stat().st_size
    monkeypatch.setattr(file, "MAX_BYTES", before // 2)
    with closing(open_records(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    left = [each.asked.id for each in Records(path).last(999)]
    assert 150 < len(left) < 250
    assert left[-1] == "399"
    assert path.stat().st_size < 0.7 * before


def test_two_servers(path):
    """Two servers of one user write into one file."""
    one, other = Recorder(path), Recorder(path)
    for n in range(20):
        one.add(asked(f"one{n}"))
        other.add(asked(f"other{n}"))
    one.close()
    other.join()
    one.join()

    assert len(Records(path).last(99)) == 40
