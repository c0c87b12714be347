"""`codeassist inspect`, `convert`, `quantize` and `verify`, from the command line."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from codeassist.cli import main
from codeassist.quantize.checkpoint import TENSORS, TensorReader
from codeassist.quantize.convert import to_gguf
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.hugging_face.config import FAMILIES
from codeassist.quantize.importance import read_importance
from codeassist.quantize.lora import Adapter, Pair, merge, write_adapter
from tests.quantize.hf_models import CONFIGS as HUGGING_FACE
from tests.quantize.hf_models import write_folder
from tests.quantize.models import CONFIGS, checkpoint
from tests.quantize.running import logits

CONFIG = replace(
    CONFIGS["llama"], width=256, head_dim=64, ffn_width=288, tied=False, context=512
)
TOKENS = np.arange(300, 340)
ADAPTED = ("layers.0.ffn.up.weight", "layers.1.attention.q.weight")


@pytest.fixture(scope="module")
def model(tmp_path_factory, shared):
    """Give a checkpoint whose rows divide into blocks of 256, but for one kind."""
    torch.set_num_threads(1)
    folder = checkpoint(tmp_path_factory.mktemp("models") / "small", CONFIG, shared)
    to_gguf(folder, folder.parent / "small.gguf")
    return folder


@pytest.fixture
def run(capsys):
    """Run a command that succeeds; give what it printed, and its notes."""

    def run(*argv):
        status = main([*map(str, argv)])
        told = capsys.readouterr()
        assert status == 0, told.err
        return told.out, told.err

    return run


@pytest.fixture
def refused(capsys):
    """Run a command that must be refused; give its one line."""

    def run(*argv):
        assert main([*map(str, argv)]) in (2, 3)
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("codeassist: ")
        assert err.count("\n") == 1
        return err

    return run


@pytest.fixture
def code(tmp_path):
    """Write some code to measure on."""
    path = tmp_path / "code.py"
    path.write_text(
        "".join(f"def add_{n}(a, b):\n    return a + b\n" for n in range(99))
    )
    return path


def lora(scale=0.2):
    random = np.random.default_rng(0)

    def half(*shape):
        return scale * random.standard_normal(shape, np.float32)

    rows = {ADAPTED[0]: CONFIG.ffn_width, ADAPTED[1]: CONFIG.heads * CONFIG.head_dim}
    pairs = {n: Pair(half(4, CONFIG.width), half(r, 4)) for n, r in rows.items()}
    return Adapter(8.0, pairs)


@pytest.mark.parametrize("form", ["small", "small.gguf"])
def test_inspect_shows_a_model(run, model, form):
    """Shape, parameters, cache, vocabulary and types, of a folder and of a file."""
    out, _ = run("inspect", model.parent / form, "--tensors")
    assert "2 layers of 256, 4 heads of 64 over 2 of keys, swiglu 288" in out
    assert "17,220,864, all active per token" in out
    assert "KV cache (F16) 1,024 bytes a token, 524,288 in all" in out
    assert "32,000 tokens (llama default); begin 1 <s>, end 2 </s>" in out
    assert "no fill-in-the-middle tokens" in out
    assert "F32         21       68,883,456 bytes" in out
    assert "288 x 256 F32" in out


def test_inspect_speaks_to_scripts(run, model, shared):
    """The same as JSON; a vocabulary says what its sentinels are."""
    facts = json.loads(run("inspect", model, "--json")[0])
    assert facts["cost"]["parameters"] == 17_220_864
    assert facts["kv_bytes_per_token"] == 1_024
    assert facts["types"] == {"F32": {"tensors": 21, "bytes": 68_883_456}}
    path = shared / "eval" / "vocabs" / "ggml-vocab-starcoder.gguf"
    facts = json.loads(run("inspect", path, "--json")[0])
    assert facts["kind"] == "vocabulary"
    assert "<fim_prefix> 1" in facts["fim"]


def test_inspect_knows_adapters_and_hugging_face(run, tmp_path):
    """What is no decoder of ours is named for what it is."""
    write_adapter(tmp_path / "a.gguf", lora(), CONFIG)
    out, _ = run("inspect", tmp_path / "a.gguf")
    assert "GGUF, llama adapter" in out
    folder = write_folder(tmp_path / "hf", HUGGING_FACE["deepseek_v2"], shards=2)
    out, _ = run("inspect", folder)
    assert "Hugging Face checkpoint, deepseek2" in out
    assert "2 of 4 experts of 24 and 2 shared, 1 dense layers first" in out
    assert "active per token" in out
    assert "vocabulary 320 tokens (gpt2 gpt-2); " in out
    assert "hf has no fill-in-the-middle tokens" in out


def test_inspect_shows_what_cannot_be_converted(run, tmp_path):
    """Of a family or a vocabulary that is not known the rest is shown, with why."""
    folder = write_folder(tmp_path / "hf", HUGGING_FACE["llama"])
    config = HUGGING_FACE["llama"] | {"model_type": "mamba"}
    (folder / "config.json").write_text(json.dumps(config))
    out, _ = run("inspect", folder)
    assert "Hugging Face checkpoint, mamba" in out
    assert "none that can be converted" in out
    assert "vocabulary 320 tokens" in out
    assert "tensors    30, " in out
    (folder / "tokenizer.json").unlink()
    facts = json.loads(run("inspect", folder, "--json")[0])
    assert facts["vocabulary"] is None
    assert "has no tokenizer.json" in facts["fim"]


def test_help_names_the_folders_that_are_read(run):
    """Each family of Hugging Face's that can be converted stands in the help."""
    for command in ("convert", "quantize"):
        out, _ = run(command, "--help")
        assert {*FAMILIES} <= {*re.findall(r"\w+", out)}


def test_convert_goes_round(run, model, tmp_path):
    """GGUF to folder to GGUF: the same bytes; half precision where it is asked for."""
    path = model.parent / "small.gguf"
    run("convert", path, tmp_path / "folder")
    run("convert", tmp_path / "folder", tmp_path / "again.gguf", "--format", "F32")
    assert (tmp_path / "again.gguf").read_bytes() == path.read_bytes()
    _, err = run("convert", path, tmp_path / "half.gguf")
    assert "half.gguf: llama, F16" in err
    assert set(GgufFile(tmp_path / "half.gguf").types.values()) == {"F16", "F32"}
    assert not [*tmp_path.glob(".codeassist-*")]


def test_convert_writes_a_folder_again(run, model, tmp_path):
    """A checkpoint becomes one of another format; what else lies there stays."""
    target = tmp_path / "half"
    run("convert", model, target)
    (target / "notes.txt").write_text("mine")
    run("convert", model, target, "--format", "BF16")
    assert set(TensorReader(target / TENSORS).formats.values()) == {"BF16"}
    names = {each.name for each in target.iterdir()}
    assert names == {each.name for each in model.iterdir()} | {"notes.txt"}


def test_convert_takes_hugging_face(run, tmp_path):
    """A folder of transformers becomes a GGUF in one step, with its caution."""
    folder = write_folder(tmp_path / "hf", HUGGING_FACE["starcoder2"])
    _, err = run("convert", folder, tmp_path / "m.gguf", "--format", "F32")
    assert "without its window: beyond 4 tokens its answers differ" in err
    file = GgufFile(tmp_path / "m.gguf")
    assert file.get("starcoder2.attention.sliding_window") == 4
    assert np.isfinite(logits(tmp_path / "m.gguf", TOKENS[:20] - 200)).all()
    run("convert", tmp_path / "m.gguf", tmp_path / "back")
    config = json.loads((tmp_path / "back" / "config.json").read_text())
    assert config["window"]["size"] == 4


def test_convert_merges_an_adapter(run, model, tmp_path):
    """A merged model says what base and adapter say, from a folder and from a file."""
    write_adapter(tmp_path / "a.gguf", lora(), CONFIG)
    merge(model, lora(), tmp_path / "wanted")
    to_gguf(tmp_path / "wanted", tmp_path / "wanted.gguf")
    wanted = logits(tmp_path / "wanted.gguf", TOKENS)
    for n, source in enumerate((model, model.parent / "small.gguf")):
        target, adapter = tmp_path / f"{n}.gguf", ("--adapter", tmp_path / "a.gguf")
        _, err = run("convert", source, target, "--format", "F32", *adapter)
        assert "warning" not in err
        np.testing.assert_allclose(logits(target, TOKENS), wanted, atol=1e-4)


def test_convert_warns_where_a_change_snaps_back(run, model, tmp_path):
    """A small change of a base that was quantised would not survive its types."""
    base = tmp_path / "base.gguf"
    run("quantize", model, base, "--type", "Q4_0", "--imatrix", "none")
    write_adapter(tmp_path / "a.gguf", lora(0.01), CONFIG)
    adapter = ("--adapter", tmp_path / "a.gguf")
    _, err = run("convert", base, tmp_path / "m.gguf", *adapter)
    assert "quantised to its types again Q4_0 keeps" in err
    assert "take Q8_0" in err
    run("convert", base, tmp_path / "grid", "--format", "BF16")
    write_adapter(tmp_path / "a.gguf", lora(0.003), CONFIG)
    _, err = run(
        "convert", tmp_path / "grid", tmp_path / "n", "--format", "BF16", *adapter
    )
    assert "BF16 keeps" in err


def test_quantize_measures_and_says_what_fell_back(run, model, tmp_path, code):
    """An importance matrix is measured and kept; fallbacks come with their reason."""
    target = tmp_path / "q.gguf"
    out, err = run("quantize", model, target, "--text", code, "--tokens", 300)
    assert "importance of 30" in err
    assert "288 is not a multiple of 256: Q" in out
    matrix = read_importance(tmp_path / "q.imatrix.gguf")
    assert matrix.datasets == [str(code)]
    assert matrix.chunks == 1
    reused = ("--imatrix", tmp_path / "q.imatrix.gguf", "--json")
    facts = json.loads(run("quantize", model, tmp_path / "r.gguf", *reused)[0])
    assert facts["importance"] == [str(code)]
    assert (tmp_path / "r.gguf").read_bytes() == target.read_bytes()
    assert facts["size_after"] == target.stat().st_size


def test_quantize_has_types_of_its_own_for_both_ends(run, model, tmp_path):
    """Output and embedding can be named apart."""
    own = ("--output-type", "q8_0", "--embedding-type", "Q5_0", "--imatrix", "none")
    run("quantize", model, tmp_path / "q.gguf", "--type", "q4_0", *own)
    types = GgufFile(tmp_path / "q.gguf").types
    assert types["output.weight"] == "Q8_0"
    assert types["token_embd.weight"] == "Q5_0"
    assert types["blk.0.attn_q.weight"] == "Q4_0"


def test_verify_compares_torch_and_llama_cpp(run, model, tmp_path, code):
    """A checkpoint and its GGUF agree; a quantised one is told what it lost."""
    text = ("--text", code, "--tokens", 100, "--json")
    same = json.loads(run("verify", model, model.parent / "small.gguf", *text)[0])
    assert same["positions"] == 101
    assert same["largest_difference"] < 0.02
    assert same["same_top"] == 1
    assert same["became"] == {"F32 to F32": 21}
    run("quantize", model, tmp_path / "q.gguf", "--type", "Q4_0", "--imatrix", "none")
    lost = json.loads(run("verify", model, tmp_path / "q.gguf", *text)[0])
    assert lost["divergence"] > 10 * same["divergence"]
    assert lost["bytes"][1] < lost["bytes"][0] / 3
    ratio = lost["perplexity_ratio"]
    assert ratio["low"] < ratio["mean"] < ratio["high"]
    out, _ = run("verify", model, tmp_path / "q.gguf", *text[:-1], "--tensors")
    assert "15 tensors F32 to Q4_0" in out
    assert "blk.0.attn_q.weight" in out


def test_bad_input_is_one_line(refused, model, tmp_path, shared, code):
    """Missing, foreign and unfit files, types and places: refused, nothing written."""
    target, none = tmp_path / "t.gguf", ("--imatrix", "none")
    path = model.parent / "small.gguf"
    (tmp_path / "f.gguf").mkdir()
    foreign = tmp_path / "hf"
    foreign.mkdir()
    (foreign / "config.json").write_text('{"model_type": "mamba"}')
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(path.read_bytes()[:5_000_000])
    words = shared / "eval" / "vocabs" / "ggml-vocab-starcoder.gguf"
    assert "neither a file" in refused("inspect", tmp_path / "none")
    assert "cut short" in refused("inspect", cut)
    assert "has no config.json" in refused("inspect", tmp_path)
    assert "cut short" in refused("convert", cut, target)
    assert "what is read" in refused("convert", path, path)
    assert "what is read" in refused("convert", model, path, "--adapter", path)
    assert "what is read" in refused("quantize", path, path, *none)
    assert "is a folder" in refused("quantize", path, tmp_path / "f.gguf", *none)
    assert "something else" in refused("convert", path, tmp_path)
    assert "not a LoRA" in refused("convert", path, target, "--adapter", words)
    peft = refused("convert", path, target, "--adapter", tmp_path)
    assert "convert_lora_to_gguf.py makes one of a PEFT folder" in peft
    assert refused("adapters", "import", tmp_path) == peft
    assert "write --type" in refused("quantize", path, target, "--type", "Q9", *none)
    assert "as NAME.gguf" in refused("quantize", path, tmp_path / "t", *none)
    types = ("--type", "Q4_0", "--output-type", "X")
    assert "X is not known" in refused("quantize", path, target, *types, *none)
    assert "no importance matrix" in refused(
        "quantize", path, target, "--imatrix", path
    )
    assert "measures nothing" in refused("quantize", path, target, "--tokens", 0)
    nothing = ("--text", tmp_path / "none.py")
    assert "cannot be read" in refused("verify", path, path, *nothing)
    assert "one vocabulary" in refused("verify", path, words, "--text", code)
    assert "has no model" in refused("quantize", foreign, target)
    for wrong in (types, ("--imatrix", tmp_path / "none"), nothing):  # looked at first
        assert "has no model" not in refused("quantize", foreign, target, *wrong)
    assert not [*tmp_path.glob("t*")]
