"""From files to rows on disk: balanced, shuffled, held out by repository."""

import re
from importlib.resources import files

import pytest

from codeassist.errors import ConfigError, CorpusError
from codeassist.finetune import ExampleMixture, build, read_mixture
from codeassist.training.fim_data import NO_DOCUMENT, Document
from codeassist.training.packed import PackedRows
from tests.finetune.bytes_model import JOINED, asker, spelled

END = 260
MIXTURE = {"length": 1500, "middle": 700, "plain": 600, "context": 0.0}


def source(name, n):
    return (
        f"class {name.title()}:\n"
        f"    def first_{n}_of_{name}(self, amount):\n"
        f"        total = self.base + amount * {n}\n"
        f"        return total if total > 0 else None\n\n"
        f"    def second_{n}_of_{name}(self):\n"
        f"        for part in self.parts:\n"
        f"            part.update({n})\n"
    )


def repositories(count, files=6):
    return [
        Document(f"src/{name}_{n}.py", source(name, n), "python", name)
        for name in (f"repo{number:02}" for number in range(count))
        for n in range(files)
    ]


def built(folder, documents, wanted=60, held_out=10, share=0.08, **changes):
    mixture = {**MIXTURE, **changes, "held_out": share}
    return build(
        documents,
        folder,
        asker(**mixture),
        ExampleMixture(**mixture),
        wanted=wanted,
        held_out=held_out,
        vocab_size=JOINED + 1,
        pad=END,
        seed=3,
    )


def examples(folder):
    """Each example's text."""
    rows = PackedRows(folder)
    for row in (rows[n] for n in range(len(rows))):
        for number in range(row.documents.max() + 1):
            yield spelled(row.tokens[row.documents == number])


def owners(folder):
    """The repository of each example, where it can be told."""
    names = (re.search(r"repo\d\d", text.lower()) for text in examples(folder))
    return [found[0] for found in names if found]


def test_rows_hold_what_was_wanted(tmp_path):
    """So many examples, each with one end; the rest of a row is padding."""
    made = built(tmp_path, repositories(20), held_out=10)
    found = list(examples(tmp_path / "learned"))
    assert len(found) == 60
    assert len(list(examples(tmp_path / "held-out"))) == 10
    assert made.examples["language python"] == 70
    assert all(text.count("<|endoftext|>") <= 1 for text in found)
    row = PackedRows(tmp_path / "learned")[0]
    assert (row.tokens[row.documents == NO_DOCUMENT] == END).all()
    assert row.mask.any()


def test_other_repositories_are_held_out(tmp_path):
    """No repository is both learned and looked at."""
    built(tmp_path, repositories(30), held_out=20)
    learned, held_out = owners(tmp_path / "learned"), owners(tmp_path / "held-out")
    assert len(learned) > 30
    assert len(held_out) > 5
    assert not set(learned) & set(held_out)


def test_few_repositories_hold_out_files(tmp_path):
    """With one repository its files are divided instead."""
    built(tmp_path, repositories(1, files=40), held_out=8, share=0.4)
    numbers = {
        name: set(re.findall(r"_(\d+)_of_", " ".join(examples(tmp_path / name))))
        for name in ("learned", "held-out")
    }
    assert numbers["learned"]
    assert numbers["held-out"]
    assert not numbers["learned"] & numbers["held-out"]


def test_too_few_to_hold_any_out(tmp_path):
    """Where the share holds nothing out, the error says what to change."""
    with pytest.raises(CorpusError, match="--held-out 0"):
        built(tmp_path, repositories(1, files=4), share=0.0)
    assert not (tmp_path / "learned").exists()


def test_repositories_are_mixed(tmp_path):
    """The examples in front come from as many repositories as those behind."""
    built(tmp_path, repositories(20), wanted=100)
    found = owners(tmp_path / "learned")
    assert len(set(found[:30])) > 10
    assert found != sorted(found)


def test_equal_input_gives_equal_rows(tmp_path):
    """The seed decides, nothing else."""
    for name in ("one", "two"):
        built(tmp_path / name, repositories(12))
    one, two = (
        sorted((tmp_path / n / "learned").glob("*.npz")) for n in ("one", "two")
    )
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_skipped_and_compiled_files_are_not_asked_at(tmp_path):
    """Patterns leave files out, and so do traces of a compiler."""
    compiled = source("repo99", 1) + "//# sourceMappingURL=a.js.map\n"
    documents = [
        *repositories(1, files=20),
        Document("dist/a.py", source("repo98", 1), "python", "repo00"),
        Document("src/b.py", compiled, "python", "repo00"),
    ]
    built(tmp_path, documents, held_out=0, skip=("dist/*",))
    noted = (tmp_path / "files.tsv").read_text()
    assert "src/repo00_1.py" in noted
    assert "dist/a.py" not in noted
    assert "src/b.py" not in noted


def test_context_shows_other_files(tmp_path):
    """With context the engine's own index chooses what is shown."""
    documents = repositories(1, files=8)
    documents.append(
        Document(
            "src/use.py",
            "from repo00_3 import Repo00\n\n\ndef use(amount):\n"
            "    return Repo00().first_3_of_repo00(amount)\n",
            "python",
            "repo00",
        )
    )
    made = built(
        tmp_path, documents, wanted=12, held_out=0, context=1.0, alone=0.0, length=6000
    )
    assert made.examples["with context"] > 6
    texts = list(examples(tmp_path / "learned"))
    shown = [text for text in texts if text.startswith("<|repo_name|>repo00\n")]
    assert shown
    assert all("<|file_sep|>src/" in text for text in shown)


def test_nothing_to_learn_from(tmp_path):
    """Files without any code are an error that says so."""
    blank = [Document(f"a{n}.py", "\n\n", "python", "r") for n in range(20)]
    with pytest.raises(CorpusError, match="nothing to learn from"):
        built(tmp_path, blank)
    assert not (tmp_path / "learned").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("context = 2", "context is 2"),
        ("kinds = {line = -1}", "kinds has no share above 0"),
        ("kinds = {lime = 1}", "kinds knows no 'lime'"),
        ("before = {wide = 1}", "before has 'wide'"),
        ("lenght = 9", "did you mean length"),
        ("length = 100", "length is 100; give twice middle"),
        ("per_file = 0", "per_file is 0"),
        ("x = [", "not valid TOML"),
    ],
)
def test_a_mixture_that_cannot_be_meant(tmp_path, text, said):
    """Each wrong setting is refused in one line that names it."""
    path = tmp_path / "mixture.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said) as caught:
        read_mixture(path)
    assert str(path) in str(caught.value)


def test_the_houses_mixture_is_sound():
    """The recipe that ships can be read, and is the one for many languages."""
    path = files("codeassist.training") / "recipes" / "codeassist-fim-examples.toml"
    mixture = read_mixture(path)
    assert sum(mixture.languages.values()) == pytest.approx(1)
    assert sum(mixture.kinds.values()) == pytest.approx(1)


def test_the_mixture_for_a_gpu_asks_alike():
    """It has the kinds and languages of the house's, in other shares."""
    recipes = files("codeassist.training") / "recipes"
    house, more = (
        read_mixture(recipes / f"codeassist-fim-{name}examples.toml")
        for name in ("", "gpu-")
    )
    assert more.kinds.keys() == house.kinds.keys()
    assert more.languages.keys() == house.languages.keys()
    assert (more.length, more.middle) == (house.length, house.middle)
