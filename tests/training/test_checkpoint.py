"""A checkpoint comes back as it was, and bad ones are refused in one line."""

import json

import pytest
import torch

from codeassist.decoder import DecoderConfig
from codeassist.errors import ConfigError, ModelFileError
from codeassist.training import checkpoint
from codeassist.training.checkpoint import load_decoder, read_config, save_checkpoint
from tests.training.shapes import EXAONE, FAMILIES, GQA, MOE, QWEN, decoder, tokens


@pytest.fixture
def saved(tmp_path):
    folder = tmp_path / "deep" / "model"
    save_checkpoint(folder, MOE, decoder(MOE).state_dict())
    return folder


@pytest.mark.parametrize("config", FAMILIES.values(), ids=FAMILIES)
def test_configurations_survive_json(config):
    """Writing to JSON and reading gives an equal configuration."""
    assert DecoderConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize("config", [EXAONE, QWEN], ids=["moe", "tied"])
def test_a_decoder_comes_back(tmp_path, config):
    """The loaded decoder gives the same logits and can be trained."""
    model, ids = decoder(config), tokens(config, 1, 10)
    save_checkpoint(tmp_path / "m", config, model.state_dict())
    loaded = load_decoder(tmp_path / "m")
    assert loaded.config == config
    assert torch.equal(loaded(ids).logits, model(ids).logits)
    assert all(each.requires_grad for each in loaded.parameters())
    assert {path.name for path in tmp_path.iterdir()} == {"m"}


def test_types_are_kept_or_cast(tmp_path):
    """bfloat16 stays bfloat16 unless another type is asked for."""
    save_checkpoint(tmp_path / "m", GQA, decoder(GQA).bfloat16().state_dict())
    assert load_decoder(tmp_path / "m").norm.weight.dtype == torch.bfloat16
    wide = load_decoder(tmp_path / "m", dtype=torch.float32)
    assert {each.dtype for each in wide.parameters()} == {torch.float32}


def test_saving_again_replaces_the_whole(saved, tmp_path):
    """A newer checkpoint takes the older one's place, tokenizer included."""
    tokenizer = tmp_path / "t.gguf"
    tokenizer.write_bytes(b"GGUF")
    save_checkpoint(saved, GQA, decoder(GQA).state_dict(), tokenizer=tokenizer)
    assert read_config(saved) == GQA
    assert (saved / "tokenizer.gguf").read_bytes() == b"GGUF"
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_a_failed_save_leaves_the_old_one(saved, monkeypatch):
    """An error while writing leaves the older checkpoint and no rubbish."""

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(saved, GQA, decoder(GQA).state_dict())
    assert read_config(saved) == MOE
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_a_killed_save_leaves_nothing_for_ever(saved, monkeypatch):
    """The next save clears what a kill left; the checkpoint was whole meanwhile."""

    def die(*_args, **_options):
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save_file", die)
        patch.setattr(checkpoint.shutil, "rmtree", lambda *_args, **_options: None)
        with pytest.raises(SystemExit):
            save_checkpoint(saved, GQA, decoder(GQA).state_dict())
    assert read_config(saved) == MOE
    assert len([*saved.parent.iterdir()]) == 2
    save_checkpoint(saved, MOE, decoder(MOE).state_dict())
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_foreign_folders_are_left_alone(tmp_path):
    """A folder that is no checkpoint is not overwritten."""
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ModelFileError, match="is no checkpoint"):
        save_checkpoint(tmp_path, GQA, decoder(GQA).state_dict())


def test_a_truncated_file_is_named(saved):
    """A file cut short is refused, not read as zeros."""
    weights = saved / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(ModelFileError, match=r"model\.safetensors cannot be read"):
        load_decoder(saved)


def test_missing_files_are_named(saved, tmp_path):
    """What is no checkpoint is told from one without weights."""
    with pytest.raises(ModelFileError, match=r"has no config\.json"):
        load_decoder(tmp_path)
    (saved / "model.safetensors").unlink()
    with pytest.raises(ModelFileError, match=r"has no model\.safetensors"):
        load_decoder(saved)


def test_a_foreign_configuration_is_told(saved):
    """A configuration that says other shapes than the tensors have is refused."""
    other = {**MOE.to_dict(), "ffn_width": 96}
    (saved / "config.json").write_text(json.dumps(other))
    with pytest.raises(ModelFileError, match=r"layers\.0\.ffn\.gate\.weight of shape"):
        load_decoder(saved)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"hidden_size": 3}, "unknown key 'hidden_size'"),
        ({"experts": {"count": 4}}, "experts: missing key 'used'"),
        ({"kv_heads": 5}, "6 heads over 5"),
        ({"width": "wide"}, "wrong type"),
        ({"rope": {"scaling": {"kind": "yarn", "factor": 4}}}, "original_context"),
    ],
)
def test_bad_configurations_are_told(saved, change, wrong):
    """Unknown and missing keys and impossible shapes are named."""
    (saved / "config.json").write_text(json.dumps({**MOE.to_dict(), **change}))
    with pytest.raises(ConfigError, match=wrong):
        read_config(saved)
