"""What commands say where there is nothing to read."""

import pytest

from codeassist.errors import InputError
from codeassist.records import Recorder, Records, RecordsError
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
