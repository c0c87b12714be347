"""GGUF to checkpoint and back loses nothing."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy
from gguf import GGUFReader, GGUFWriter

from codeassist.decoder import tensor_shapes
from codeassist.errors import DiskSpaceError, ModelFileError
from codeassist.quantize import checkpoint as folders
from codeassist.quantize.checkpoint import TENSORS, TOKENIZER, TensorReader
from codeassist.quantize.convert import load_config, to_checkpoint, to_gguf
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.layout import pair_up, split_up
from codeassist.quantize.quantiser import quantise
from tests.quantize.models import CONFIGS, checkpoint
from tests.quantize.running import logits

TOKENS = np.arange(300, 340)
names = pytest.mark.parametrize("name", CONFIGS)


@names
def test_a_written_model_runs_in_llama_cpp(models, name):
    """A GGUF of each architecture loads in llama.cpp and gives finite logits."""
    _, path = models(name)
    found = logits(path, TOKENS)
    assert np.isfinite(found).all()
    assert found.std() > 0.1


@names
def test_there_and_back_is_the_same_to_the_bit(models, name, tmp_path):
    """GGUF to checkpoint to GGUF keeps configuration, tensors and metadata."""
    _, path = models(name)
    assert to_checkpoint(path, tmp_path / "folder") == CONFIGS[name]
    to_gguf(tmp_path / "folder", tmp_path / "again.gguf")
    assert (tmp_path / "again.gguf").read_bytes() == path.read_bytes()


@names
def test_the_folder_holds_what_the_decoder_wants(models, name, tmp_path):
    """The safetensors library reads a folder's tensors, named and shaped as ours."""
    folder, path = models(name)
    to_checkpoint(path, tmp_path)
    found = safetensors.numpy.load_file(tmp_path / TENSORS)
    wanted = safetensors.numpy.load_file(folder / TENSORS)
    shapes = {key: value.shape for key, value in found.items()}
    assert shapes == tensor_shapes(CONFIGS[name])
    for key, value in wanted.items():
        np.testing.assert_array_equal(found[key], value)


@pytest.mark.parametrize("format_", ["F16", "BF16"])
def test_half_precision_goes_round_unchanged(models, tmp_path, format_):
    """F16 and BF16 lose once and then nothing more."""
    folder, _ = models("deepseek2")
    to_gguf(folder, tmp_path / "a.gguf", format_=format_)
    to_checkpoint(tmp_path / "a.gguf", tmp_path / "b", format_=format_)
    first, half = TensorReader(folder / TENSORS), TensorReader(tmp_path / "b" / TENSORS)
    for name in first.shapes:
        np.testing.assert_allclose(half[name], first[name], rtol=2**-8, atol=1e-7)
    to_gguf(tmp_path / "b", tmp_path / "c.gguf", format_=format_)
    a, c = GgufFile(tmp_path / "a.gguf"), GgufFile(tmp_path / "c.gguf")
    assert a.types == c.types
    assert np.isfinite(logits(tmp_path / "c.gguf", TOKENS)).all()


def test_types_of_metadata_and_foreign_keys_survive(models, tmp_path):
    """A key that we have no word for, and a value's own type, come through."""
    folder, _ = models("llama")
    shutil.copytree(folder, tmp_path / "own")
    plain = GgufFile(folder / TOKENIZER)
    writer = GGUFWriter(tmp_path / "own" / TOKENIZER, "llama")
    for key, value in plain.values.items():
        if key.startswith("tokenizer."):
            writer.add_key_value(key, value.content, value.kind, value.item)
    writer.add_uint64("llama.context_length", 512)
    writer.add_string("llama.something.else", "kept")
    writer.add_uint32("llama.expert_count", 8)
    writer.add_uint32("qwen2.block_count", 8)
    writer.add_array("general.languages", ["en", "de"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    to_gguf(tmp_path / "own", tmp_path / "m.gguf")
    found = GGUFReader(tmp_path / "m.gguf").fields
    assert found["llama.context_length"].types[0].name == "UINT64"
    assert found["llama.something.else"].contents() == "kept"
    assert found["general.languages"].contents() == ["en", "de"]
    assert "llama.expert_count" not in found
    assert "qwen2.block_count" not in found


@pytest.fixture
def split(models, tmp_path):
    """Give a model in three files, as llama.cpp's own tool leaves them."""
    file = GgufFile(models("llama")[1])
    writer = GGUFWriter(tmp_path / "m.gguf", "llama", split_max_tensors=8)
    for key, value in file.values.items():
        if key != "general.architecture":
            writer.add_key_value(key, value.content, value.kind, value.item)
    for name in file.shapes:
        writer.add_tensor(name, file.raw(name)[0])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return sorted(tmp_path.glob("m-*.gguf"))


def test_a_model_in_many_files_is_read_whole(models, split, tmp_path):
    """Named by its first file, a split model is the one that it was before."""
    _, path = models("llama")
    assert to_checkpoint(split[0], tmp_path / "folder") == CONFIGS["llama"]
    to_gguf(tmp_path / "folder", tmp_path / "again.gguf")
    assert (tmp_path / "again.gguf").read_bytes() == path.read_bytes()
    sizes = [
        quantise(each, tmp_path / "q.gguf", "Q8_0").size_before
        for each in (split[0], path)
    ]
    assert sizes[0] >= sizes[1]


def test_a_part_of_a_model_is_refused_by_name(split):
    """Another file than the first names the first; a missing one is named."""
    with pytest.raises(ModelFileError, match=f"part 2 of 3.*name {split[0].name}"):
        GgufFile(split[1])
    split[2].unlink()
    with pytest.raises(ModelFileError, match=f"{split[2].name}: cannot be read"):
        GgufFile(split[0])
    alone = split[0].rename(split[0].with_name("renamed.gguf"))
    with pytest.raises(ModelFileError, match=r"part 1 of 3.*as llama\.cpp does"):
        GgufFile(alone)


def test_metadata_reads_as_the_package_reads_it(models):
    """Our quick reader finds what the gguf package's own finds."""
    _, path = models("llama")
    found = GgufFile(path).values
    wanted = GGUFReader(path).fields
    assert [*found] == [key for key in wanted if not key.startswith("GGUF.")]
    for key, value in found.items():
        assert value.content == wanted[key].contents()
        assert value.kind == wanted[key].types[0]


def test_the_permutations_undo_each_other():
    """Rows of q and k go from neox to norm order and back, per head."""
    rows = np.arange(2 * 6)
    assert [*pair_up(rows, heads=2)] == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]
    weight = np.random.default_rng(0).standard_normal((24, 5))
    for heads in (1, 2, 4):
        there = pair_up(weight, heads=heads)
        np.testing.assert_array_equal(split_up(there, heads=heads), weight)


@pytest.mark.parametrize("name", ["qwen2", "deepseek"])
def test_the_order_of_rope_is_the_architectures(models, tmp_path, shared, name):
    """A decoder with the other RoPE order is permuted on its way out."""
    config = CONFIGS[name]
    turned = replace(config.rope, interleaved=not config.rope.interleaved)
    other = replace(config, rope=turned)
    folder, _ = models(name)
    checkpoint(tmp_path, other, shared)
    to_gguf(tmp_path, tmp_path / "m.gguf")
    ours = TensorReader(folder / TENSORS)["layers.1.attention.k.weight"]
    turn = split_up if name == "qwen2" else pair_up
    found = GgufFile(tmp_path / "m.gguf")["blk.1.attn_k.weight"]
    np.testing.assert_array_equal(found, turn(ours, heads=config.kv_heads))
    assert load_config(tmp_path) == other


@pytest.mark.parametrize("size", [0, 3, 20, 5_000, 900_000, -1])
def test_a_truncated_file_is_refused_in_one_line(models, tmp_path, size):
    """A GGUF that is cut anywhere is an error that says so, and leaves nothing."""
    _, path = models("llama")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ModelFileError, match="cut") as caught:
        to_checkpoint(cut, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def patched(models, tmp_path, old, new):
    _, path = models("llama")
    data = path.read_bytes()
    assert old in data
    (tmp_path / "bad.gguf").write_bytes(data.replace(old, new, 1))
    return tmp_path / "bad.gguf"


def test_bad_files_are_refused_in_one_line(models, tmp_path):
    """Foreign architectures, types and names, and a missing tokenizer, are errors."""
    cases = {
        "of architecture mamba": (
            b"\5\0\0\0\0\0\0\0llama",
            b"\5\0\0\0\0\0\0\0mamba",
        ),
        "has no tokenizer": (b"ggml.tokens\x09", b"ggml.tokenZ\x09"),
        "no tensor output_norm.weight": (b"output_norm.w", b"output_nerm.w"),
        "no llama.block_count": (b"llama.block_count", b"llama.black_count"),
    }
    for message, (old, new) in cases.items():
        with pytest.raises(ModelFileError, match=message) as caught:
            to_checkpoint(patched(models, tmp_path, old, new), tmp_path / "out")
        assert "\n" not in str(caught.value)
    assert not [*tmp_path.glob("out/*")]


def test_an_unknown_tensor_type_is_refused(models, tmp_path):
    """A type that the gguf package does not know is named."""
    name = b"output_norm.weight"
    old = name + b"\1\0\0\0" + (64).to_bytes(8, "little") + b"\0\0\0\0"
    bad = patched(models, tmp_path, old, old[:-4] + b"\xc8\0\0\0")
    with pytest.raises(ModelFileError, match=r"200.* is not a valid"):
        to_checkpoint(bad, tmp_path / "out")


def test_damaged_folders_are_refused(models, tmp_path):
    """A folder without a tokenizer, with another's, cut short, or odd, is an error."""
    folder, _ = models("llama")
    other, _ = models("qwen2")

    def broken(change, message):
        shutil.rmtree(tmp_path / "f", ignore_errors=True)
        shutil.copytree(folder, tmp_path / "f")
        change(tmp_path / "f")
        with pytest.raises(ModelFileError, match=message) as caught:
            to_gguf(tmp_path / "f", tmp_path / "m.gguf")
        assert "\n" not in str(caught.value)
        assert not [*tmp_path.glob("m.gguf*")]

    def edit(**values):
        def change(where):
            config = CONFIGS["llama"].to_dict() | values
            (where / "config.json").write_text(json.dumps(config))

        return change

    def cut(where):
        data = (where / TENSORS).read_bytes()
        (where / TENSORS).write_bytes(data[:-1])

    broken(lambda where: (where / TOKENIZER).unlink(), "has no tokenizer.gguf")
    broken(lambda where: shutil.copy(other / TOKENIZER, where), "151936 tokens")
    broken(lambda where: (where / "config.json").unlink(), "cannot be read")
    broken(lambda where: (where / "config.json").write_text("{"), "is damaged")
    broken(edit(colour="red"), "unknown key 'colour'")
    broken(edit(layers=3), "no tensor layers.2")
    broken(edit(layers=1), "a tensor layers.1.*no place")
    broken(edit(architecture="mamba"), "cannot be converted")
    broken(edit(ffn_width=64), "its configuration says")
    broken(cut, "cut short")
    broken(lambda where: (where / TENSORS).write_bytes(b"abc"), "not a safetensors")


def test_what_llama_cpp_cannot_run_is_not_written(models, shared, tmp_path):
    """A decoder that the architecture has no place for is refused by name."""
    config = CONFIGS["deepseek"]
    experts = replace(config.experts, renormalise=True)
    checkpoint(tmp_path, replace(config, experts=experts), shared)
    with pytest.raises(ModelFileError, match="cannot run this as deepseek"):
        to_gguf(tmp_path, tmp_path / "m.gguf")


def test_a_full_disk_is_noticed_first(models, tmp_path, monkeypatch):
    """Nothing is begun that the disk cannot hold."""
    folder, path = models("llama")
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DiskSpaceError, match="1 MB free"):
        to_checkpoint(path, tmp_path / "a")
    with pytest.raises(DiskSpaceError, match="1 MB free"):
        to_gguf(folder, tmp_path / "m.gguf")
    assert not [*tmp_path.glob("a/*")]


def test_progress_is_told(models, tmp_path):
    """Each tensor is named before it is read, and the end is told."""
    _, path = models("starcoder")
    said = []
    to_checkpoint(path, tmp_path, progress=lambda *step: said.append(step))
    assert said[0] == ("token_embd.weight", 0, said[0][2])
    assert said[-1][1] == said[-1][2] == len(said) - 1
    assert any("attn_qkv" in name for name, _, _ in said)
