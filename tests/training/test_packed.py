"""Rows on disk: what was written is what is read, or it is refused."""

import json
import os
import random

import numpy as np
import pytest

from codeassist.errors import CorpusError
from codeassist.training.fim_data import Document, Example, FimRecipe, Packer
from codeassist.training.packed import (
    INDEX_FILE,
    Mixture,
    PackedRows,
    Sources,
    prepare,
    ready,
    write_rows,
)
from tests.training.fim_forms import form

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


def code(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)


def test_sources_are_code(tmp_path):
    """Code is read; secrets, data, ignored and binary files are not."""
    code(tmp_path / "app", b_py="b = 1\n", a_go="package a\n", notes_md="# no\n")
    code(tmp_path / "app", data_json="{}\n", id_rsa="key\n", c_py="c = 1\n")
    (tmp_path / "app" / "secrets.toml").write_text("key = 1\n")
    (tmp_path / "app" / "binary.py").write_bytes(b"\0\1")
    (tmp_path / "app" / "latin.py").write_bytes(b"s = '\xe9'\n")
    (tmp_path / "app" / "empty.py").write_text("\n")
    (tmp_path / "app" / ".codeassistignore").write_text("c.py\n")
    found = [*Sources([tmp_path / "app"])]

    assert [each.path for each in found] == ["a.go", "b.py"]
    assert {each.repository for each in found} == {"app"}
    assert [each.language for each in found] == ["go", "python"]


def test_no_secret_is_learned(tmp_path):
    """Of a source's secrets placeholders are learned, of a file with a key nothing."""
    key = "ghp_" + "q7Rz2mK9vXc4Lp8TnB3yWd6HsJ1fGu5EaQkV"
    block = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0B\n" * 6
    code(tmp_path / "app", a_py=f'KEY = "{key}"\n', b_py=f'PEM = """{block}"""\n')

    assert [each.text for each in Sources([tmp_path / "app"])] == ['KEY = "<KEY>"\n']


@pytest.mark.parametrize("name", [b"\xff.py", b"\xff/a.py"])
def test_names_that_are_not_utf8_are_left_out(tmp_path, name):
    """A file or folder that no text can name costs itself only, a source's root nothing."""
    root = tmp_path / os.fsdecode(b"app-\xff")
    (root / os.fsdecode(name)).parent.mkdir(parents=True)
    (root / os.fsdecode(name)).write_text("a = 1\n")
    code(root, b_py="b = 1\n")
    sources = Sources([root])

    assert [(each.repository, each.path) for each in sources] == [
        ("app-\ufffd", "b.py")
    ]
    assert sources.measure()[1] == len("b = 1\n")


def test_a_loop_of_links_is_no_folder(tmp_path):
    """A link that leads to itself is refused in one line, as a missing folder is."""
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(CorpusError, match="loop is no folder"):
        Sources([tmp_path / "loop"])


def test_corpora_have_a_reader(tmp_path):
    """A folder with a corpus's index is read by its reader, others as code."""
    code(tmp_path / "app", a_py="a = 1\n")
    code(tmp_path / "corpus", corpus_json="{}")
    given = Document("x.py", "x = 1\n", "python", "of-corpus")
    read = Sources(
        [tmp_path / "corpus", tmp_path / "app"],
        {"corpus.json": lambda _: iter([given])},
    )

    assert [each.repository for each in read] == ["of-corpus", "app"]


def test_what_trainings_write_is_no_code(tmp_path):
    """Neither a training's folder nor the recipe is learned; a like-named file is."""
    code(tmp_path / "app", a_py="a = 1\n", train_toml="[loop]\nsteps = 1\n")
    code(tmp_path / "app" / "runs" / "one", recipe_toml="[loop]\n", x_py="x = 1\n")
    (tmp_path / "app" / "runs" / "one" / ".lock").touch()
    code(tmp_path / "app" / "kitchen", recipe_toml="eggs = 2\n")
    found = Sources([tmp_path / "app"], but=[tmp_path / "app" / "train.toml"])

    assert [each.path for each in found] == ["a.py", "kitchen/recipe.toml"]


def test_sources_are_measured(tmp_path):
    """A changed, renamed or added file changes the hash; nothing else does."""
    code(tmp_path / "app", a_py="a = 1\n")
    sources = Sources([tmp_path / "app"])
    first = sources.measure()
    assert sources.measure() == first

    code(tmp_path / "app", a_py="a = 2\n")
    assert sources.measure()[0] != first[0]
    code(tmp_path / "app", a_py="a = 1\n", b_py="b = 1\n")
    assert sources.measure() != first
    assert sources.measure()[1] == 2 * first[1]


def prepared(tmp_path, **changes):
    values = {"fim": FimRecipe(length=64, rate=0.0), "length": 64, "held_out": 0.3}
    return prepare(
        tmp_path / "rows",
        Sources([tmp_path / "app"]),
        Mixture(**{**values, "seed": 0, **changes}),
        form("qwen2.5-coder"),
        vocab_size=300,
        about={"changes": repr(changes)},
    )


def words(rows):
    """The words of all rows, without what ends a file."""
    vocabulary = form("qwen2.5-coder").vocabulary
    texts = (vocabulary.spelled(row.tokens) for row in rows)
    return set(" ".join(texts).replace("<|endoftext|>", " ").split())


def test_held_out_files_are_not_learned(tmp_path):
    """Every file is learned or held out, none is both, and it stays what it was."""
    names = {f"f{n}": f"word{n}\n" for n in range(40)}
    code(tmp_path / "app", **{f"{name}_py": text for name, text in names.items()})
    made = prepared(tmp_path)
    learned, held_out = words(made.learned), words(made.held_out)

    assert not learned & held_out
    assert learned | held_out == {text.strip() for text in names.values()}
    assert 4 < len(held_out) < 20
    again = prepared(tmp_path)
    assert again.reused
    assert words(again.held_out) == held_out


def test_another_mixture_makes_new_rows(tmp_path):
    """Rows of another recipe are never taken for this one's."""
    code(tmp_path / "app", **{f"f{n}_py": f"word{n}\n" for n in range(40)})
    prepared(tmp_path)
    made = prepared(tmp_path, seed=1)

    assert not made.reused
    assert prepared(tmp_path, seed=1).reused


def test_too_few_files_to_hold_out(tmp_path):
    """A share that holds nothing out of so few files is refused."""
    code(tmp_path / "app", a_py="a = 1\n")

    with pytest.raises(CorpusError, match=r"data\.held_out = 0\.001 holds none"):
        prepared(tmp_path, held_out=0.001)
    assert prepared(tmp_path, held_out=0.0).held_out is None


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
