"""Speeds in the cache folder."""

import json
from dataclasses import replace

import pytest

from codeassist.engine.latency import kept
from codeassist.engine.latency.kept import Setup
from tests.engine.latency.machines import speed

SETUP = Setup("model", "", 2, -1, "cpu", "0.3.36")


def test_what_is_written_is_read(tmp_path):
    """A speed comes back as it was, and nothing else is left in the folder."""
    path = kept.write(SETUP, speed(), tmp_path)

    assert kept.read(SETUP, tmp_path) == speed()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"adapter": "lora"},
        {"threads": 1},
        {"gpu_layers": 0},
        {"cpu": "another"},
        {"llama_cpp": "0.3.37"},
    ],
)
def test_another_setup_knows_nothing_of_it(tmp_path, change):
    """A speed counts for its own model, adapter, threads, processor and library."""
    kept.write(SETUP, speed(), tmp_path)

    assert kept.read(replace(SETUP, **change), tmp_path) is None


def test_a_foreign_file_is_ignored(tmp_path):
    """A file of another setup under this one's name does not count."""
    path = kept.write(SETUP, speed(), tmp_path)
    other = kept.write(replace(SETUP, cpu="another"), speed(9), tmp_path)
    other.replace(path)

    assert kept.read(SETUP, tmp_path) is None


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"null",
        b'{"format": 1',
        b'{"format": 1, "speed": {}}',
    ],
)
def test_a_broken_file_is_ignored(tmp_path, broken):
    """A file that is cut, empty or no JSON is as good as none."""
    kept.write(SETUP, speed(), tmp_path).write_bytes(broken)

    assert kept.read(SETUP, tmp_path) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("prompt", []),
        ("prompt", [[0, 0.1]]),
        ("prompt", [[4, 0.1], [1, 0.2]]),
        ("prompt", [[1, -0.1]]),
        ("prompt", [[1, float("nan")]]),
        ("prompt", [[float("inf"), 1]]),
        ("prompt", "fast"),
        ("token_s", 0),
        ("token_s", None),
        ("overhead_s", float("inf")),
        ("others", {}),
    ],
)
def test_times_that_cannot_be_are_ignored(tmp_path, key, value):
    """A file with the right form and impossible values does not count."""
    path = kept.write(SETUP, speed(), tmp_path)
    told = json.loads(path.read_text())
    told["speed"][key] = value
    path.write_text(json.dumps(told))

    assert kept.read(SETUP, tmp_path) is None


def test_the_name_of_the_processor(tmp_path):
    """The maker's name where the system tells it, else what Python knows."""
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Fast One: 9\n\nprocessor\t: 1\n")

    assert kept.cpu_name(cpuinfo) == "Fast One: 9"
    assert kept.cpu_name(tmp_path / "absent")
