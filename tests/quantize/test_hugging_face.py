"""Checkpoints of transformers become ours."""

import gzip
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from codeassist.engine.decode.model import open_vocabulary
from codeassist.errors import ModelFileError
from codeassist.quantize.checkpoint import TENSORS, TOKENIZER, TensorReader
from codeassist.quantize.convert import copy_checkpoint, to_gguf
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.hugging_face import from_hugging_face
from codeassist.quantize.hugging_face.names import hf_pieces
from codeassist.quantize.hugging_face.tokenizer import write_vocabulary
from codeassist.training.checkpoint import load_decoder
from codeassist.training.measure import logits
from tests.quantize import running
from tests.quantize.hf_models import (
    CONFIGS,
    DEEPSEEK,
    REFERENCE,
    SHOWN,
    TOKENS,
    VOCABULARY,
    decoder_of,
    weights,
    write_folder,
    write_tokenizer,
)
from tests.quantize.models import CONFIGS as OURS

names = pytest.mark.parametrize("name", CONFIGS)


@names
def test_logits_are_those_of_transformers(name, tmp_path):
    """A converted checkpoint says what transformers says of the original."""
    torch.set_num_threads(1)
    from_hugging_face(write_folder(tmp_path / "hf", CONFIGS[name]), tmp_path / "ours")
    found = logits(load_decoder(tmp_path / "ours"), TOKENS)[:, :SHOWN]
    wanted = np.load(REFERENCE)[name]
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("name", ["llama", "qwen2", "gpt_bigcode", "starcoder2"])
def test_it_goes_on_to_llama_cpp(name, tmp_path):
    """From Hugging Face's form to a GGUF: llama.cpp agrees with transformers."""
    from_hugging_face(write_folder(tmp_path / "hf", CONFIGS[name]), tmp_path / "ours")
    to_gguf(tmp_path / "ours", tmp_path / "m.gguf")
    found = running.logits(tmp_path / "m.gguf", TOKENS)[:, :SHOWN]
    wanted = np.load(REFERENCE)[name]
    within = len(wanted) if name != "starcoder2" else 4  # llama.cpp has no window there
    np.testing.assert_allclose(found[:within], wanted[:within], atol=2e-3)


@pytest.mark.parametrize("name", ["llama", "deepseek", "deepseek2", "starcoder"])
def test_the_table_reads_both_ways(name):
    """What goes out by the table comes in again as it was, experts and all."""
    config = OURS[name]
    random = np.random.default_rng(0)
    for piece in hf_pieces(config):
        theirs = [random.standard_normal(shape) for shape in piece.their_shapes]
        back = piece.to_theirs(piece.to_ours(theirs))
        for found, wanted in zip(back, theirs, strict=True):
            np.testing.assert_array_equal(found, wanted)


def test_deepseek_of_the_first_version(tmp_path):
    """DeepSeekMoE's own folder becomes a decoder of ours that llama.cpp runs, too."""
    torch.set_num_threads(1)
    config = from_hugging_face(write_folder(tmp_path / "hf", DEEPSEEK), tmp_path / "o")
    assert (config.architecture, config.experts.shared) == ("deepseek", 2)
    to_gguf(tmp_path / "o", tmp_path / "m.gguf")
    ours = logits(load_decoder(tmp_path / "o"), TOKENS)
    np.testing.assert_allclose(
        running.logits(tmp_path / "m.gguf", TOKENS), ours, atol=2e-3
    )


def test_many_files_and_half_precision(tmp_path):
    """An index of several files is followed; the result may be rounded."""
    folder = write_folder(tmp_path / "hf", CONFIGS["deepseek_v2"], shards=3)
    from_hugging_face(folder, tmp_path / "ours", format_="BF16")
    found = TensorReader(tmp_path / "ours" / TENSORS)
    wanted = weights(decoder_of(CONFIGS["deepseek_v2"]))
    np.testing.assert_allclose(
        found["layers.1.ffn.experts.up.weight"][3],
        wanted["model.layers.1.mlp.experts.3.up_proj.weight"],
        rtol=2**-8,
    )
    assert set(found.formats.values()) == {"BF16"}
    (folder / "model-1.safetensors").unlink()
    index = folder / "model.safetensors.index.json"
    with pytest.raises(ModelFileError, match=r"lacks model-1\.safetensors, of its 3"):
        from_hugging_face(folder, tmp_path / "again")
    for damaged in ("{}", '{"weight_map": {"a": ["b"]}}'):
        index.write_text(damaged)
        with pytest.raises(ModelFileError, match="names no files"):
            from_hugging_face(folder, tmp_path / "again")


def test_what_breaks_off_leaves_a_folder_as_it_was(tmp_path):
    """A conversion that is interrupted changes no checkpoint, and makes no folder."""
    source = write_folder(tmp_path / "hf", CONFIGS["llama"])
    from_hugging_face(source, tmp_path / "ours")
    before = {each.name: each.read_bytes() for each in (tmp_path / "ours").iterdir()}

    def interrupt(_name, done, total):
        if done == total - 1:
            raise KeyboardInterrupt

    other = write_folder(tmp_path / "other", CONFIGS["qwen2"])
    for make, read in (
        (from_hugging_face, other),
        (copy_checkpoint, tmp_path / "ours"),
    ):
        for name in ("ours", "new") if make is from_hugging_face else ("new",):
            with pytest.raises(KeyboardInterrupt):
                make(read, tmp_path / name, progress=interrupt)
    after = {each.name: each.read_bytes() for each in (tmp_path / "ours").iterdir()}
    assert after == before
    assert {each.name for each in tmp_path.iterdir()} == {"hf", "other", "ours"}


def test_the_vocabulary_is_qwens(tmp_path, shared):
    """Qwen's tokenizer.json becomes the vocabulary that llama.cpp's converter makes."""
    data = gzip.decompress(
        (shared / "eval/vocabs/qwen2.5-tokenizer.json.gz").read_bytes()
    )
    (tmp_path / "tokenizer.json").write_bytes(data)
    write_vocabulary(tmp_path, tmp_path / TOKENIZER, architecture="qwen2", size=151936)
    found = GgufFile(tmp_path / TOKENIZER)
    wanted = GgufFile(shared / "eval" / "vocabs" / "ggml-vocab-qwen2.5.gguf")
    for key in ("model", "pre", "tokens", "merges"):
        key = f"tokenizer.ggml.{key}"
        assert found.get(key) == wanted.get(key), key
    kinds = zip(
        *(f.get("tokenizer.ggml.token_type") for f in (found, wanted)), strict=True
    )
    others = {n: pair for n, pair in enumerate(kinds) if len(set(pair)) > 1}
    # note: repo_name and file_sep, which Qwen's own GGUF has as we do
    assert others == {151663: (3, 4), 151664: (3, 4)}


def test_tokens_are_those_of_the_tokenizer(tmp_path):
    """llama.cpp cuts text into the ids that the library gives."""
    tokenizer: Tokenizer = write_tokenizer(tmp_path)
    write_vocabulary(
        tmp_path, tmp_path / TOKENIZER, architecture="llama", size=VOCABULARY
    )
    text = "def half(a):\n    return aheadh + chil éß 🙂 bkdl\t# end\n\n\nan"
    vocabulary = open_vocabulary(tmp_path / TOKENIZER)
    assert vocabulary.tokenize(text) == tokenizer.encode(text).ids
    assert vocabulary.special("<|endoftext|>") == 298


def test_a_vocabulary_beside_it_wins(tmp_path, shared):
    """A folder that has tokenizer.gguf needs no tokenizer.json."""
    folder = write_folder(tmp_path / "hf", CONFIGS["llama"])
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelFileError, match=r"has no tokenizer\.json"):
        from_hugging_face(folder, tmp_path / "ours")
    (folder / "tokenizer.model").write_bytes(b"")
    with pytest.raises(ModelFileError, match=r"tokenizer\.model is not read: put"):
        from_hugging_face(folder, tmp_path / "ours")
    vocabulary = shared / "eval" / "vocabs" / "ggml-vocab-starcoder.gguf"
    shutil.copy(vocabulary, folder / TOKENIZER)
    from_hugging_face(folder, tmp_path / "ours")
    assert GgufFile(tmp_path / "ours" / TOKENIZER).n_tokens == 49152


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("Mellum-4b", "Mellum-4b"),
        ("models--JetBrains--Mellum-4b/snapshots/5f2e7c", "Mellum-4b"),
        (os.fsdecode(b"M\xffllum"), "M\N{REPLACEMENT CHARACTER}llum"),
    ],
)
def test_a_model_is_called_by_its_repository(tmp_path, place, name):
    """The name, by which its family is found, is no hash of a cache, nor a dot."""
    folder = tmp_path / place
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_folder(tmp_path / "hf", CONFIGS["llama"]).rename(folder)
    from_hugging_face(folder, tmp_path / "ours")
    assert GgufFile(tmp_path / "ours" / TOKENIZER).get("general.name") == name


def test_a_folder_of_any_name_says_what_it_came_from(tmp_path, monkeypatch):
    """What a checkpoint was loaded from stands in the vocabulary, too."""
    values = CONFIGS["llama"] | {"_name_or_path": "JetBrains/Mellum-4b-base"}
    monkeypatch.chdir(write_folder(tmp_path / "5f2e7c", values))
    from_hugging_face(Path(), tmp_path / "ours")
    found = GgufFile(tmp_path / "ours" / TOKENIZER)
    assert found.get("general.name") == "5f2e7c"
    assert found.get("general.basename") == "Mellum-4b-base"


def test_mistral_has_llamas_tensors(tmp_path):
    """Mistral's folders are read as llama, unless they have a window."""
    values = CONFIGS["llama"] | {"model_type": "mistral", "sliding_window": None}
    config = from_hugging_face(write_folder(tmp_path / "hf", values), tmp_path / "ours")
    assert config == decoder_of(CONFIGS["llama"])
    with pytest.raises(ModelFileError, match="sliding window"):
        decoder_of(values | {"sliding_window": 4096})


def test_damaged_weights_are_told_by_what_they_are(tmp_path):
    """Pointers, old formats and headers that lie: one line that says what to do."""
    folder = write_folder(tmp_path / "hf", CONFIGS["llama"])
    data = (folder / TENSORS).read_bytes()

    def refused(message):
        with pytest.raises(ModelFileError, match=message) as caught:
            from_hugging_face(folder, tmp_path / "ours")
        assert "\n" not in str(caught.value)

    (folder / TENSORS).write_bytes(data.replace(b"[48,32]", b"[48,31]", 1))
    refused("damaged .*is not of its size")
    (folder / TENSORS).write_bytes(b"version https://git-lfs and more\n")
    refused("run `git lfs pull`")
    (folder / TENSORS).unlink()
    refused("has no model.safetensors; name a model")
    (folder / "pytorch_model.bin").write_bytes(b"")
    refused(r"pytorch_model\.bin is not read, save it as safetensors")


def test_what_cannot_be_converted_is_refused(tmp_path):
    """Foreign families, odd decoders, missing keys and tensors: one line each."""
    folder = write_folder(tmp_path / "hf", CONFIGS["llama"])
    usual = dict(CONFIGS["llama"])

    def refused(message, **values):
        (folder / "config.json").write_text(json.dumps(usual | values))
        with pytest.raises(ModelFileError, match=message) as caught:
            from_hugging_face(folder, tmp_path / "ours")
        assert "\n" not in str(caught.value)
        assert not [*tmp_path.glob("ours/config.json")]

    refused("model_type mamba.*known are llama", model_type="mamba")
    refused("RoPE scaling llama3", rope_scaling={"rope_type": "llama3", "factor": 8})
    refused("biases on a part", attention_bias=True)
    refused("5 heads over 2", num_attention_heads=5)
    refused("no tensor model.layers.3", num_hidden_layers=4)
    refused("a tensor model.layers.2.*no place", num_hidden_layers=2)
    refused("its configuration says", intermediate_size=64)
    refused("already .gptq.; take", quantization_config={"quant_method": "gptq"})
    del usual["hidden_size"]
    refused("no 'hidden_size'")


def test_other_tokenizers_are_refused(tmp_path):
    """SentencePiece, unknown patterns and broken files are errors that say so."""
    write_tokenizer(tmp_path)
    state = json.loads((tmp_path / "tokenizer.json").read_text())
    (added,) = state["added_tokens"]

    def refused(message, **values):
        (tmp_path / "tokenizer.json").write_text(json.dumps(state | values))
        with pytest.raises(ModelFileError, match=message) as caught:
            write_vocabulary(
                tmp_path, tmp_path / "t.gguf", architecture="llama", size=VOCABULARY
            )
        assert "\n" not in str(caught.value)

    refused("over characters", model=state["model"] | {"byte_fallback": True})
    refused("Metaspace", pre_tokenizer={"type": "Metaspace"})
    refused(
        r"cut by a\\nb",
        pre_tokenizer={"type": "Split", "pattern": {"Regex": "a\nb"}},
    )
    refused("words are not cut", pre_tokenizer=None)
    refused("known", model=None)
    refused("it has 321 tokens", added_tokens=[added | {"id": VOCABULARY}])
    assert not [*tmp_path.glob("t.gguf*")]
