"""Tokenizers: trained on code, and the same in the library and in llama.cpp."""

import random
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models

from codeassist.engine.decode import open_vocabulary
from codeassist.errors import ConfigError
from codeassist.fim import Fim, detect
from codeassist.training.tokenizers import (
    SENTINELS,
    Density,
    densities,
    density,
    from_byte_bpe,
    from_sentencepiece,
    train_byte_bpe,
    train_sentencepiece,
    write_vocabulary,
)

ROOT = Path(__file__).parents[2]
TRAIN = [p.read_text() for p in sorted((ROOT / "codeassist").glob("evaluate/*.py"))]
HELD_OUT = [p.read_text() for p in sorted((ROOT / "engine").glob("**/*.py"))]
GO = "func F(a int) {\n\tif a > 1 {\n\t\treturn g(a)\n\t}\n}\n" + "\t" * 19 + "x\n"
ODD = [
    "",
    " ",
    "\n\n\n    x",
    "  a  b   c\n",
    "é e\u0301 🙂 中文\u2028",
    "12345 x1y22",
    "\r\n\ta",
    GO,
]
SIZE = 2000


def _bpe():
    tokenizer = train_byte_bpe(TRAIN, SIZE)
    return lambda text: tokenizer.encode(text).ids, from_byte_bpe(tokenizer)


def _sentencepiece(**options):
    model = train_sentencepiece(TRAIN, SIZE, **options)
    return model.encode, from_sentencepiece(model)


MAKERS = {
    "bpe": _bpe,
    "sentencepiece": _sentencepiece,
    "across-words": lambda: _sentencepiece(across_words=True),
}


@pytest.fixture(scope="module", params=MAKERS)
def trained(request, tmp_path_factory):
    """The library's encoder and the vocabulary as llama.cpp opens it."""
    encode, vocabulary = MAKERS[request.param]()
    path = tmp_path_factory.mktemp("vocab") / "tokenizer.gguf"
    write_vocabulary(vocabulary, path, name="Codeassist tiny")
    assert [p.name for p in path.parent.iterdir()] == ["tokenizer.gguf"]
    return encode, open_vocabulary(path)


def test_same_ids_as_the_library(trained):
    """On held-out code, odd text and random characters llama.cpp gives the same ids."""
    encode, vocab = trained
    dice = random.Random(1)
    alphabet = [*"ab(),.:= \n\t0123_'\"", "    ", "self", "return ", "é", "🙂", "\n\n"]
    noise = ["".join(dice.choices(alphabet, k=60)) for _ in range(200)]
    for text in [*HELD_OUT, *ODD, *noise]:
        assert vocab.tokenize(text) == list(encode(text)), text
        assert vocab.tokenize(text, lead_space=False) == list(encode(text))


def test_text_comes_back(trained):
    """The tokens write the text that they were made of, byte for byte."""
    _, vocab = trained
    for text in [*HELD_OUT, *ODD]:
        assert vocab.detokenize(vocab.tokenize(text)) == text


def test_sentinels_are_real_specials(trained):
    """Each sentinel is one control token, and never comes from text."""
    encode, vocab = trained
    ids = {vocab.special(text) for text in SENTINELS}
    assert len(ids) == len(SENTINELS)
    assert all(vocab.piece(n) == b"" for n in ids)
    evil = "".join(SENTINELS) + " x ".join(SENTINELS)
    assert not ids & set(vocab.tokenize(evil))
    assert not ids & set(encode(evil))
    assert vocab.detokenize(vocab.tokenize(evil)) == evil


def test_the_engine_knows_the_form(trained):
    """`codeassist.fim` finds a form of prompt with files and an end."""
    _, vocab = trained
    contract = detect(vocab)
    assert isinstance(contract, Fim)
    rendered = contract.render("a = ", "\nb", path="m.py", files=[("u.py", "x")])
    assert vocab.detokenize(rendered.tokens, special=True) == (
        "<|file_sep|>u.py\nx\n<|file_sep|>m.py\n"
        "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>"
    )
    assert vocab.is_end(contract.end)


def test_digits_are_split_and_indentation_is_a_run(trained):
    """A number takes a token for each digit; eight spaces take one or two."""
    _, vocab = trained
    assert [vocab.piece(n) for n in vocab.tokenize("12345")] == [
        b"1",
        b"2",
        b"3",
        b"4",
        b"5",
    ]
    pieces = [vocab.piece(n) for n in vocab.tokenize("\n        return")]
    assert len(pieces) <= 4
    assert max(map(len, pieces)) >= 7


def test_size(trained):
    """A vocabulary has the size that was asked for."""
    assert trained[1].n_tokens == SIZE


@pytest.mark.parametrize("train", [train_byte_bpe, train_sentencepiece])
def test_too_small(train):
    """A size without room for the bytes is refused with the least that works."""
    with pytest.raises(ConfigError, match=r"100 is too small; .*2[67]"):
        train(TRAIN, 100)


def test_too_little_text():
    """Texts that give too few entries are refused, and say so in one line."""
    with pytest.raises(ConfigError, match="no vocabulary of 9000 from") as caught:
        train_sentencepiece(["a = 1\n"], 9000)
    assert "\n" not in str(caught.value)


def test_density():
    """Tokens per character, and the saving over another tokenizer."""
    one, two = (density(count, ["abcd", "ef"]) for count in (list, lambda t: t[::2]))
    assert (one.tokens_per_character, two.tokens_per_character) == (1, 0.5)
    assert two.saving(one) == 0.5


def test_densities_by_language():
    """Texts of a language are counted together, each tokenizer on all of them."""
    texts = [("go", "abcd"), ("lua", "ef"), ("go", "gh")]
    found = densities({"all": list, "half": lambda text: text[::2]}, iter(texts))
    assert found == {
        "go": {"all": Density(6, 6), "half": Density(3, 6)},
        "lua": {"all": Density(2, 2), "half": Density(1, 2)},
    }


def test_saved_by_the_library(tmp_path):
    """What the libraries wrote to disk gives the same vocabulary as from memory."""
    bpe, model = train_byte_bpe(TRAIN, 600), train_sentencepiece(TRAIN, 600)
    bpe.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "own.model").write_bytes(model.serialized_model_proto())
    assert from_byte_bpe(tmp_path / "tokenizer.json") == from_byte_bpe(bpe)
    assert from_sentencepiece(tmp_path / "own.model") == from_sentencepiece(model)


def test_foreign_tokenizers_are_refused():
    """A tokenizer that llama.cpp would not follow does not become a GGUF."""
    with pytest.raises(ConfigError, match="no byte-level BPE of ours"):
        from_byte_bpe(Tokenizer(models.WordLevel({"a": 0}, "a")))


def test_without_an_end(tmp_path):
    """A vocabulary without a token that ends a text is refused, and leaves no file."""
    vocabulary = from_byte_bpe(train_byte_bpe(TRAIN, 300, sentinels=["<x>"]))
    with pytest.raises(ConfigError, match="train it with that sentinel"):
        write_vocabulary(vocabulary, tmp_path / "tokenizer.gguf", name="x")
    assert list(tmp_path.iterdir()) == []


def test_deterministic():
    """The same texts give the same vocabulary."""
    assert from_sentencepiece(train_sentencepiece(TRAIN, 700)) == from_sentencepiece(
        train_sentencepiece(TRAIN, 700)
    )
    assert from_byte_bpe(train_byte_bpe(TRAIN, 700)) == from_byte_bpe(
        train_byte_bpe(TRAIN, 700)
    )
