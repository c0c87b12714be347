"""What commands say where there is nothing to read."""

import pytest

from codeassist.errors import InputError
from codeassist.records import Checked, Recorder, Records, RecordsError, Shown, Taken
from tests.codeassist.records.entries import TEXTS, asked


def test_no_file(tmp_path):
    """Without records a command says how they come."""
    with pytest.raises(RecordsError, match="nothing is recorded yet"):
        Records(tmp_path / "none").last(3)


def test_damaged_file(tmp_path):
    """A damaged file is told in one line, and left alone."""
    path = tmp_path / "records.sqlite3"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(RecordsError, match="cannot be read"):
        Records(path).figures(0)
    assert path.read_bytes() == b"no database" * 100


def test_beginning_of_an_id(tmp_path):
    """A beginning names a request, if it is the beginning of one only."""
    path = tmp_path / "records.sqlite3"
    recorder = Recorder(path)
    for name in ("abc1", "abd2"):
        recorder.add(asked(name, texts=TEXTS, at=9e9))
    recorder.join()
    records = Records(path)

    assert records.one("abd").id == "abd2"
    with pytest.raises(InputError, match="several requests begin"):
        records.one("ab")
    for name in ("", "x", "ab%"):
        with pytest.raises(InputError, match="no request begins"):
            records.one(name)


def test_outcomes(tmp_path):
    """What was shown and is known to the gate counts: taken and still there, or not."""
    path = tmp_path / "records.sqlite3"
    recorder = Recorder(path)
    of = {"model": "m", "adapter": "a", "at": 9e9}
    for name, chance, more in (
        ("taken", 0.9, of),
        ("left", 0.8, of),
        ("gone", 0.7, of),
        ("unknown", None, of),
        ("recalled", 0.9, {**of, "recalled": True}),
        ("other", 0.9, {**of, "adapter": "b"}),
        ("early", 0.9, {**of, "at": 1.0}),
    ):
        recorder.add(asked(name, chance=chance, **more))
        recorder.add(Shown(name, more["at"], "python", 5))
    recorder.add(asked("unseen", chance=0.9, **of))
    recorder.add(Shown("unseen", 9e9, "python", 5, seen=False))
    for name in ("taken", "gone"):
        recorder.add(Taken(name, 9e9, 5, whole=True, how="command"))
    recorder.add(Checked("taken", 30, "1 + 1", "x = 1 + 1"))
    recorder.add(Checked("gone", 30, "1 + 1", "nothing"))
    recorder.join()
    records = Records(path)

    assert records.outcomes("m", "a", 5.0) == [(0.7, False), (0.8, False), (0.9, True)]
    assert records.newest_model() == ("m", "a")


def test_standing(tmp_path):
    """What was taken whole and was there when it was looked for last, with its texts."""
    path = tmp_path / "records.sqlite3"
    recorder = Recorder(path)
    for name, whole, looks in (
        ("kept", True, {30: "x = 1 + 1", 90: "x = 1 + 1"}),
        ("later", True, {30: "x = 1 + 1", 90: "gone"}),
        ("part", False, {30: "x = 1 + 1"}),
        ("unknown", True, {}),
    ):
        recorder.add(asked(name, texts=TEXTS, at=9e9))
        recorder.add(Shown(name, 9e9, "python", 5))
        recorder.add(Taken(name, 9e9, 5, whole=whole, how="command"))
        for seconds, place in looks.items():
            recorder.add(Checked(name, seconds, "1 + 1", place))
    recorder.add(asked("left", texts=TEXTS, at=9e9))
    recorder.join()

    (kept,) = Records(path).standing()
    assert (kept.id, kept.texts) == ("kept", TEXTS)
