"""Rows on disk: what was written is what is read, or it is refused."""

import json
import random

import numpy as np
import pytest

from codeassist.errors import CorpusError
from codeassist.training.fim_data import Example, Packer
from codeassist.training.packed import (
    INDEX_FILE,
    PackedRows,
    ready,
    write_rows,
)

LENGTH, PAD = 96, 7


def examples(number, vocab_size, seed=0):
    dice, chance = random.Random(seed), np.random.default_rng(seed)
    for _ in range(number):
        size = dice.randrange(2, LENGTH + 1)
        tokens = chance.integers(vocab_size, size=size).astype(np.int32)
        yield Example(tokens, chance.random(size) < 0.4)


def rows(number=200, vocab_size=150_000):
    packer = Packer(LENGTH, pad=PAD, open_rows=8)
    return list(packer.stream(examples(number, vocab_size)))


def write(folder, given, vocab_size=150_000, **options):
    about = {"from": "tests"}
    return write_rows(folder, given, about, vocab_size=vocab_size, pad=PAD, **options)


def same(row, other):
    parts = ("tokens", "mask", "documents", "positions")
    return all(
        np.array_equal(getattr(row, part), getattr(other, part))
        and getattr(row, part).dtype == getattr(other, part).dtype
        for part in parts
    )


@pytest.mark.parametrize("vocab_size", [50_000, 65_536, 65_537, 150_000])
def test_any_order(tmp_path, vocab_size):
    """Every row comes back as it was, in any order, from narrow and from wide ids."""
    given = rows(vocab_size=vocab_size)
    write(tmp_path / "rows", given, vocab_size)
    read = PackedRows(tmp_path / "rows")
    order = random.Random(1).sample(range(len(given)), len(given))

    assert len(read) == len(given)
    assert all(same(read[n], given[n]) for n in order)


def test_shards_are_bounded(tmp_path, monkeypatch):
    """No shard grows past the bound, and rows are found across shards."""
    monkeypatch.setattr("codeassist.training.packed.writing.BLOCK_TOKENS", 400)
    given = rows()
    write(tmp_path / "rows", given, shard_bytes=12_000)
    sizes = [path.stat().st_size for path in (tmp_path / "rows").glob("*.npz")]
    read = PackedRows(tmp_path / "rows")

    assert len(sizes) > 3
    assert max(sizes) <= 12_000
    assert all(same(read[n], row) for n, row in enumerate(given))


def test_index_counts(tmp_path):
    """`rows.json` counts rows, real tokens and learned tokens."""
    given = rows()
    write(tmp_path / "rows", given)
    index = PackedRows(tmp_path / "rows").index

    assert index.rows == len(given)
    assert index.tokens == sum(int((row.documents >= 0).sum()) for row in given)
    assert index.learned == sum(int(row.mask.sum()) for row in given)
    assert (index.length, index.pad) == (LENGTH, PAD)
    assert index.about == {"from": "tests"}


def test_killed_writer(tmp_path):
    """A writer that dies leaves no folder of rows, and the next one begins afresh."""
    folder = tmp_path / "rows"
    rest = tmp_path / ".rows.part"
    rest.mkdir()
    (rest / "00000.npz").write_bytes(b"half")

    def dying():
        yield from rows()[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(folder, dying())
    assert not folder.exists()

    write(folder, rows())
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_old_rows_stay_until_the_new_are_whole(tmp_path):
    """Rows that cannot be replaced are still there."""
    folder = tmp_path / "rows"
    given = rows()
    write(folder, given)

    with pytest.raises(CorpusError, match="nothing to learn from"):
        write(folder, iter(()))
    assert same(PackedRows(folder)[0], given[0])


def test_foreign_folder(tmp_path):
    """A folder of something else is not overwritten."""
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(CorpusError, match="holds no rows"):
        write(tmp_path, rows())
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("where", [10, 5000, -30])
def test_damaged_shard(tmp_path, where):
    """A single changed byte is found before any row of its shard is used."""
    write(tmp_path / "rows", rows())
    shard = tmp_path / "rows" / "00000.npz"
    content = bytearray(shard.read_bytes())
    content[where] ^= 1
    shard.write_bytes(content)

    with pytest.raises(CorpusError, match=r"00000\.npz is damaged"):
        PackedRows(tmp_path / "rows")[0]


def test_missing_shard(tmp_path):
    """A shard that is gone is named."""
    write(tmp_path / "rows", rows())
    (tmp_path / "rows" / "00000.npz").unlink()

    with pytest.raises(CorpusError, match=r"00000\.npz is damaged"):
        PackedRows(tmp_path / "rows")[0]


@pytest.mark.parametrize(
    ("key", "value"), [("format", 2), ("rows", 3), ("width", 1), ("shards", [])]
)
def test_damaged_index(tmp_path, key, value):
    """An index that is not ours, or does not add up, is refused."""
    write(tmp_path / "rows", rows())
    path = tmp_path / "rows" / INDEX_FILE
    index = json.loads(path.read_text())
    path.write_text(json.dumps(index | {key: value}))

    with pytest.raises(CorpusError, match="delete the folder"):
        PackedRows(tmp_path / "rows")


def test_no_index(tmp_path):
    """A folder without rows is refused."""
    with pytest.raises(CorpusError, match=r"has no rows\.json"):
        PackedRows(tmp_path)


def test_past_the_end(tmp_path):
    """A row that is not there is an IndexError, so that plain loops end."""
    given = rows(20)
    write(tmp_path / "rows", given)

    assert len(list(PackedRows(tmp_path / "rows"))) == len(given)


def test_rows_of_something_else(tmp_path):
    """Rows that are there already are taken as they are, with or without held out."""
    write(tmp_path / "rows" / "learned", rows())
    found = ready(tmp_path / "rows", length=LENGTH, vocab_size=150_000)
    assert found.reused
    assert found.held_out is None

    write(tmp_path / "rows" / "held-out", rows(20))
    found = ready(tmp_path / "rows", length=LENGTH, vocab_size=150_000)
    assert found.held_out is not None
    assert len(found.held_out) < len(found.learned)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"length": 64, "vocab_size": 150_000}, "data.length is 64 .* made for 96"),
        ({"length": LENGTH, "vocab_size": 9}, "vocabulary is 9 .* made for 150000"),
    ],
)
def test_rows_for_another_model(tmp_path, wanted, said):
    """Rows of another length or vocabulary are refused, and so is a folder of none."""
    write(tmp_path / "rows" / "learned", rows())
    with pytest.raises(CorpusError, match=said):
        ready(tmp_path / "rows", **wanted)
    with pytest.raises(CorpusError, match=r"has no rows\.json"):
        ready(tmp_path / "none", **wanted)
