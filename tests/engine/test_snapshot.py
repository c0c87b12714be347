"""Snapshots on disk: whole and of the same origin, or nothing."""

import os
from dataclasses import replace

import numpy as np
import pytest

from codeassist.engine.decode.snapshot import Origin, Snapshot, digest, read, write

ORIGIN = Origin(model="m", adapter="", n_ctx=4096, llama_cpp="0.3.36")
SNAPSHOT = Snapshot([5, 6, 151_660], np.arange(3000, dtype=np.uint8))


@pytest.fixture
def saved(tmp_path):
    """A snapshot on disk."""
    path = tmp_path / "cache" / "header.kv"
    assert write(path, SNAPSHOT, ORIGIN) == path.stat().st_size
    return path


def test_round_trip(saved):
    """What was written comes back, tokens and bytes; nothing else lies beside it."""
    found = read(saved, ORIGIN)

    assert found.tokens == SNAPSHOT.tokens
    assert np.array_equal(found.state, SNAPSHOT.state)
    assert list(saved.parent.iterdir()) == [saved]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_only_the_user_may_read_it(saved):
    """A snapshot has the user's text in it."""
    assert saved.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "other",
    [{"model": "n"}, {"adapter": "a"}, {"n_ctx": 2048}, {"llama_cpp": "0.3.37"}],
)
def test_another_origin_is_refused(saved, other):
    """Another model, adapter, context or library: no snapshot of ours."""
    assert read(saved, replace(ORIGIN, **other)) is None


def test_cut_anywhere(saved):
    """A file that ends early is refused, wherever it ends."""
    raw = saved.read_bytes()
    for size in range(0, len(raw), 61):
        saved.write_bytes(raw[:size])
        assert read(saved, ORIGIN) is None, size


def test_one_bit_anywhere(saved):
    """A flipped bit is found in the tokens and in the state."""
    raw = saved.read_bytes()
    start = raw.index(b"}\n") + 2
    for at in range(start, len(raw), 97):
        saved.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        assert read(saved, ORIGIN) is None, at


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"GGUF",
        b"codeassist KV cache 1\n",
        b"codeassist KV cache 1\n[]\n",
        b'codeassist KV cache 1\n{"tokens": "x"}\n',
        b'codeassist KV cache 1\n{"tokens": -1, "bytes": 99999999999999}\n',
        b"codeassist KV cache 1\n\xff\xfe\n",
    ],
)
def test_foreign_files(saved, raw):
    """Whatever else lies there is refused, never a traceback."""
    saved.write_bytes(raw)

    assert read(saved, ORIGIN) is None


def test_nothing_there(tmp_path):
    """An absent file is no error, and neither is a folder."""
    assert read(tmp_path / "absent", ORIGIN) is None
    assert read(tmp_path, ORIGIN) is None


def test_a_place_that_cannot_be_written(tmp_path):
    """A refusing system costs the snapshot, not the completion; no part is left."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.kv").mkdir()

    assert write(tmp_path / "file" / "a.kv", SNAPSHOT, ORIGIN) == 0
    assert write(tmp_path / "folder.kv", SNAPSHOT, ORIGIN) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.kv"]


def test_files_of_one_name_and_size_differ(tmp_path):
    """A digest sees a change at either end, and a new file of the same bytes."""
    path = tmp_path / "x.gguf"
    path.write_bytes(bytes(3_000_000))
    first = digest(path)
    path.write_bytes(bytes(2_999_999) + b"x")
    os.utime(path, ns=(1, 1))
    second = digest(path)
    os.utime(path, ns=(2, 2))

    assert len({first, second, digest(path)}) == 3
