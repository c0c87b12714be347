"""`codeassist train` and `presets`, on a tiny model and real code."""

import json

import numpy as np
import pytest
import torch

from codeassist.commands import presets
from codeassist.errors import (
    ConfigError,
    CorpusError,
    DiskSpaceError,
    FamilyError,
    MemoryShortError,
    TrainingError,
)
from codeassist.lock import locked
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.lora import read_adapter
from codeassist.training.checkpoint import load_decoder, read_config
from codeassist.training.log import read_log
from tests.codeassist.train.conftest import LORA, RECIPE, SIZE, parsed, vocabulary


def test_full_training(go, made, tmp_path, capsys):
    """All weights: a checkpoint, a GGUF, a log, a picture and the whole recipe."""
    assert go(RECIPE, "--gguf", "F16", "--set", "loop.lr=0.01") == 0
    out = tmp_path / "out"
    steps = read_log(out)
    learned = load_decoder(out / "checkpoint").state_dict()

    assert capsys.readouterr().out.split() == [
        str(out / "checkpoint"),
        str(out / "model.gguf"),
    ]
    assert [step["step"] for step in steps] == [1, 2, 3, 4]
    assert [step["held_out"] is None for step in steps] == [True, False, True, False]
    assert steps[-1]["loss"] < steps[0]["loss"]
    assert all(step["mfu"] > 0 for step in steps)
    assert (out / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert 'model = "' in (out / "recipe.toml").read_text()
    assert GgufFile(out / "model.gguf").n_tokens == SIZE
    assert learned.keys() == load_decoder(made / "base").state_dict().keys()


@pytest.mark.parametrize(
    ("own", "rates", "advice"),
    [
        ("bfloat16", (9e12, 1e12), "float32 is 9.0 times as fast here as bfloat16"),
        ("float32", (1e12, 3e12), "bfloat16 is 3.0 times as fast here as float32"),
        ("float32", (10e12, 12e12), ""),
        ("bfloat16", (12e12, 10e12), ""),
    ],
)
def test_a_faster_type_is_advised(go, capsys, monkeypatch, own, rates, advice):
    """Where another type is multiplied faster, that is said with the setting for it."""
    found = dict(zip(("float32", "bfloat16"), rates, strict=True))
    monkeypatch.setattr("codeassist.commands.train.fastest", lambda **_: found)
    taken = ("--steps", "1", "--set", f'loop.dtype="{own}"')
    assert go(LORA, *taken) == 0
    said = capsys.readouterr().err
    assert advice in said
    assert ("--set 'loop.dtype=" in said) == bool(advice)
    assert go(LORA, *taken) == 0  # what goes on keeps its type
    assert "loop.dtype" not in capsys.readouterr().err


def test_lora(go, made, tmp_path, capsys):
    """Adapters: one GGUF that fits the base, and a summary for scripts."""
    assert go(LORA, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    adapter = read_adapter(
        tmp_path / "out" / "adapter.gguf", read_config(made / "base")
    )

    assert summary["products"] == [str(tmp_path / "out" / "adapter.gguf")]
    assert summary["steps"] == 4
    assert adapter.alpha == 32.0
    assert len(adapter.pairs) == 2 * 7
    assert all(pair.rank == 2 and pair.b.any() for pair in adapter.pairs.values())


def test_experts_from_a_preset(go, made, tmp_path):
    """A preset gets random weights and sentinels, becomes a mixture, and is exported."""
    known = ("<|endoftext|>", "<|repo_name|>", "<|file_sep|>")
    vocabulary(made / "plain.gguf", (*known, "<a>", "<b>", "<c>"))
    text = RECIPE.replace(
        'model = "base"',
        'preset = "smollm2-135m"\nvocabulary = "plain.gguf"\n'
        "shape = { width = 32, layers = 2, heads = 4, kv_heads = 2, head_dim = 8, "
        "ffn_width = 48 }\n"
        'rename = { "<a>" = "<|fim_prefix|>", "<b>" = "<|fim_suffix|>", '
        '"<c>" = "<|fim_middle|>" }',
    )
    assert go(text + "[upcycle]\nexperts = 4\n", "--gguf", "F32") == 0
    shares = torch.tensor(read_log(tmp_path / "out")[-1]["shares"])
    file = GgufFile(tmp_path / "out" / "model.gguf")

    assert file.architecture == "deepseek"
    assert "<|fim_middle|>" in file.get("tokenizer.ggml.tokens")
    assert shares.shape == (1, 4)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(1))


def test_goes_on_above_an_adapter(go, made, tmp_path):
    """With `lora.init` the training begins at an earlier adapter, not at the base."""
    config = read_config(made / "base")
    assert go(LORA, "--set", "loop.lr=0.01") == 0
    first = tmp_path / "out" / "adapter.gguf"
    init = ("--set", f"lora.init={json.dumps(str(first))}")
    assert go(LORA, *init, "--set", "loop.lr=1e-9", out="again") == 0

    was = read_adapter(first, config).pairs
    now = read_adapter(tmp_path / "again" / "adapter.gguf", config).pairs
    assert any(abs(pair.b).max() > 0 for pair in was.values())
    for name, pair in was.items():
        np.testing.assert_allclose(
            now[name].b @ now[name].a, pair.b @ pair.a, atol=1e-4
        )


def test_dry_run(go, tmp_path, capsys):
    """Nothing is written; time, memory and disk are said, also to a script."""
    assert go(LORA, "--dry-run") == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == ["model", "memory", "disk", "time"]
    assert go(LORA, "--dry-run", "--json", "--steps", "1000000") == 0
    plan = json.loads(capsys.readouterr().out)

    assert not (tmp_path / "out").exists()
    assert plan["memory"]["total"] > 0
    assert plan["disk"] > 0
    assert plan["seconds"] > 0


def test_too_large(go, tmp_path):
    """What memory or disk cannot hold is refused with the figure, and not begun."""
    rows = ("--set", "loop.rows_per_step=100000000")
    with pytest.raises(MemoryShortError, match=r"needs [\d,]+ MB"):
        go(RECIPE, *rows, "--set", "loop.rows_per_batch=100000000")
    with pytest.raises(DiskSpaceError, match=r"needs [\d,]+ MB"):
        go(RECIPE, "--set", "loop.keep=1000000000")

    assert not (tmp_path / "out").exists()


def test_foreign_folder(go, tmp_path):
    """A folder of something else is left alone."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")

    with pytest.raises(TrainingError, match="no training's folder"):
        go(RECIPE)


def test_two_at_once(go, tmp_path):
    """A second training in the same folder is refused."""
    with (
        locked(tmp_path / "out" / ".lock", wait=False),
        pytest.raises(TrainingError, match="another training works"),
    ):
        go(RECIPE)


def test_no_code(go, tmp_path):
    """Folders that are missing, empty or without code are named."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.md").write_text("# Notes\n")
    for folder, message in (
        (tmp_path / "none", "is no folder"),
        (tmp_path / "empty", "nothing to learn from"),
    ):
        with pytest.raises(CorpusError, match=message):
            go(RECIPE, "--set", f'data.sources=["{folder}"]')


def test_no_sentinels(go, made):
    """A vocabulary that cannot say a hole is refused, and it is said what to do."""
    vocabulary(made / "plain.gguf", ("<|endoftext|>",))
    text = RECIPE.replace(
        'model = "base"',
        'preset = "smollm2-135m"\nvocabulary = "plain.gguf"\n'
        "shape = { width = 64, layers = 1, heads = 1, kv_heads = 1 }",
    )
    with pytest.raises(FamilyError, match=r"base\.rename"):
        go(text)


def test_rename_of_what_is_not_there(go):
    """A token that the vocabulary does not have cannot be renamed."""
    with pytest.raises(ConfigError, match="has no '<none>'"):
        go(RECIPE, "--set", 'base.rename={"<none>"="<x>"}')


def test_gguf_of_an_adapter(go):
    """--gguf beside [lora] is refused before anything is done."""
    with pytest.raises(ConfigError, match="--gguf belongs to full training"):
        go(LORA, "--gguf", "F16")


def test_presets(capsys):
    """The published figures: StarCoder's cache at 16,384 tokens, and all names."""
    assert presets.run(parsed("presets", "starcoder-15b", "--length", "16384")) == 0
    assert "KV cache 335,544,320 bytes at 16,384 tokens" in capsys.readouterr().out
    assert presets.run(parsed("presets", "--json")) == 0
    shown = json.loads(capsys.readouterr().out)

    assert (
        shown["deepseek-coder-v2"]["active"] < shown["deepseek-coder-v2"]["parameters"]
    )
    assert shown["starcoder2-15b"]["config"]["kv_heads"] == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [(("gpt-5",), "No preset is called"), (("--length", "0"), "above 0")],
)
def test_presets_that_are_not_there(words, message):
    """An unknown name or an unfit length is refused."""
    with pytest.raises(ConfigError, match=message):
        presets.run(parsed("presets", *words))
