"""`codeassist examples` makes rows of a folder, in the tokens of a real vocabulary."""

import argparse
import json
import shutil
from pathlib import Path

import pytest

import codeassist.training as training
from codeassist.arguments.examples import add_examples
from codeassist.commands import examples
from codeassist.engine.decode import open_vocabulary
from codeassist.errors import CodeassistError
from codeassist.training.packed import PackedRows
from codeassist.training.tokenizers import (
    SENTINELS,
    from_byte_bpe,
    train_byte_bpe,
    write_vocabulary,
)

CODE = sorted(Path(training.__file__).parent.glob("*.py"))[:14]
END = "<|endoftext|>"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Some code, and vocabularies with and without sentinels."""
    folder = tmp_path_factory.mktemp("made")
    texts = [file.read_text() for file in CODE[:3]]
    for name, sentinels in (("fim", SENTINELS), ("plain", (END,))):
        trained = from_byte_bpe(train_byte_bpe(texts, 400, sentinels=sentinels))
        write_vocabulary(trained, folder / f"{name}.gguf", name="tiny")
    (folder / "code").mkdir()
    for file in CODE:
        shutil.copy(file, folder / "code")
    (folder / "mixture.toml").write_text(
        "length = 3000\nmiddle = 1200\nplain = 600\ncontext = 0\nalone = 0\nheld_out = 0.3\n"
    )
    return folder


@pytest.fixture
def go(made, tmp_path):
    """Runs the command in that folder."""

    def run(*words, model="fim"):
        parser = argparse.ArgumentParser()
        add_examples(parser.add_subparsers())
        words = [str(made / w) if w in ("code", "mixture.toml") else w for w in words]
        out = ["--out", str(tmp_path / "rows"), "--model", str(made / f"{model}.gguf")]
        return examples.run(parser.parse_args(["examples", *words, *out]))

    return run


def test_rows_of_a_folder(go, made, tmp_path, capsys):
    """The rows hold prompts with a text that stands in the folder, and are told of."""
    words = ("mixture.toml", "code", "--count", "30", "--held-out", "5", "--json")
    assert go(*words) == 0
    told = json.loads(capsys.readouterr().out)
    rows = PackedRows(tmp_path / "rows" / "learned")
    assert told["learned"]["rows"] == len(rows)
    assert told["held_out"]["rows"] == len(PackedRows(tmp_path / "rows" / "held-out"))
    vocab = open_vocabulary(made / "fim.gguf")
    middle = vocab.special("<|fim_middle|>")
    sources = "".join(file.read_text() for file in CODE)
    row = next(rows[n] for n in range(len(rows)) if middle in rows[n].tokens)
    learned = row.tokens[row.mask & (row.documents == row.documents.max())]
    text = vocab.detokenize([int(token) for token in learned[:-1]])
    assert text.strip() in sources


def test_told_in_words(go, capsys):
    """Without --json the rows and the kinds are said in lines."""
    assert go("mixture.toml", "code", "--count", "8", "--held-out", "0") == 0
    out = capsys.readouterr().out
    assert "learned: " in out
    assert "language python" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mixture.toml",), "there is no folder"),
        (("a.toml", "b.toml", "code"), "b.toml is a second mixture"),
        (("no-such-folder",), "no-such-folder is no folder"),
        (("code", "--count", "0"), "--count 0"),
    ],
)
def test_input_that_cannot_be_meant(go, words, said):
    """Wrong input is one line that says what to do."""
    with pytest.raises(CodeassistError, match=said):
        go(*words)


def test_a_model_without_sentinels(go):
    """A vocabulary that cannot fill in is refused before anything is read."""
    with pytest.raises(CodeassistError, match="name a model that fills in"):
        go("mixture.toml", "code", model="plain")
