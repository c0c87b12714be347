"""Sources: which files are learned from, and the rows that are prepared of them."""

import os

import pytest

from codeassist.errors import CorpusError
from codeassist.training.fim_data import Document, FimRecipe
from codeassist.training.packed import Mixture, Sources, prepare
from tests.training.fim_forms import form


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
