"""Calibrations as data."""

import pytest

from codeassist.engine.gates import calibration
from codeassist.engine.gates.calibration import (
    NAME,
    Calibration,
    calibration_of,
    read,
    written,
)
from codeassist.errors import ConfigError


def one(model, adapter="", bias=1.5):
    return Calibration(bias, 2.5, -1.0, model, adapter)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The user's own file."""
    monkeypatch.setattr(calibration, "data_dir", lambda: tmp_path)
    return tmp_path / NAME


def test_what_is_written_is_read(own):
    """Names with any characters come back as they were."""
    told = [one("a"), one('C:\\models\\"x".gguf', "lora.gguf", -0.25)]
    own.write_text(written(told), "utf-8")

    assert read(own) == told


def test_the_nearest_counts(own):
    """Model and adapter, another of its adapters, the model, the first that ships."""
    known = [one("a", bias=1), one("a", "b", bias=2), one("a", "c", bias=3)]
    own.write_text(written([*known, one("d", bias=4)]), "utf-8")

    assert calibration_of("a", "c").bias == 3
    assert calibration_of("a", "fine-tuned on it").bias == 2
    assert calibration_of("a").bias == 1
    assert calibration_of("d", "fine-tuned on it").bias == 4
    assert calibration_of("unknown").model == "qwen2.5-coder-0.5b"


def test_the_users_own_come_first(own):
    """A calibration that the user saved is taken instead of a shipped one."""
    own.write_text(written([one("qwen2.5-coder-0.5b", bias=9)]), "utf-8")

    assert calibration_of("qwen2.5-coder-0.5b").bias == 9


@pytest.mark.parametrize(
    "text",
    ["calibrations = 1", "[[calibrations]]\nmodel = 'a'\n", "no toml", "\udcff", ""],
)
def test_a_damaged_file_is_said(own, text):
    """One line says which file it is, and what to do."""
    own.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(ConfigError, match=r"calibrations\.toml holds .* delete it"):
        calibration_of("a")


def test_chances_are_chances():
    """They are between 0 and 1, grow with the log-probability, and know the place."""
    chance = one("a").chance
    least, less, more = (chance(each, behind_sign=False) for each in (-1e9, -2.0, 0.0))

    assert 0 <= least < less < more <= 1
    assert chance(0.0, behind_sign=True) < more
