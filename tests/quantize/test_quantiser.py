"""llama.cpp's quantiser, called with care."""

import os
import resource
import shutil
from dataclasses import replace

import numpy as np
import pytest

from codeassist.engine.decode import native
from codeassist.errors import DiskSpaceError, ModelFileError
from codeassist.quantize import checkpoint as folders
from codeassist.quantize import quantiser
from codeassist.quantize.checkpoint import TENSORS, TensorReader
from codeassist.quantize.convert import to_checkpoint, to_gguf
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.quantiser import TYPES, quantise
from tests.quantize.models import CONFIGS, checkpoint
from tests.quantize.running import logits

WANTED = ("Q4_0", "Q5_0", "Q8_0", "Q4_K_S", "Q4_K_M", "Q5_K_M", "Q6_K", "IQ4_NL")
ERROR = {"Q8_0": 0.01, "Q6_K": 0.03, "Q5_K_M": 0.06, "Q5_0": 0.06}


@pytest.fixture(scope="module")
def wide(tmp_path_factory, shared):
    """Give a model whose rows divide into blocks of 256, but for one kind."""
    folder = tmp_path_factory.mktemp("wide")
    config = replace(CONFIGS["llama"], width=256, head_dim=64, ffn_width=288)
    checkpoint(folder, config, shared)
    to_gguf(folder, folder / "m.gguf")
    return folder


@pytest.mark.parametrize("kind", WANTED)
def test_each_type_stays_near_the_weights(wide, tmp_path, kind):
    """What llama.cpp packed, the gguf package unpacks, near what it was."""
    report = quantise(wide / "m.gguf", tmp_path / "q.gguf", kind)
    to_checkpoint(tmp_path / "q.gguf", tmp_path / "back")
    found = TensorReader(tmp_path / "back" / TENSORS)
    wanted = TensorReader(wide / TENSORS)
    for name in wanted.shapes:
        difference = np.abs(found[name] - wanted[name]).mean()
        assert difference <= ERROR.get(kind, 0.12) * np.abs(wanted[name]).mean()
    assert report.size_after < report.size_before / 3
    assert report.size_after == (tmp_path / "q.gguf").stat().st_size


def test_the_report_says_what_each_tensor_became(wide, tmp_path):
    """Types, and the fallbacks with the type that did not fit, stand in the report."""
    said = []
    report = quantise(
        wide / "m.gguf",
        tmp_path / "q.gguf",
        "Q4_K_M",
        progress=lambda *step: said.append(step),
    )
    types = GgufFile(tmp_path / "q.gguf").types
    assert {tensor.name: tensor.after for tensor in report.tensors} == types
    assert sum(report.types.values()) == len(types)
    fallen = {tensor.name: tensor.wanted for tensor in report.fallbacks}
    assert fallen.keys() == {f"blk.{n}.ffn_down.weight" for n in range(2)}
    assert set(fallen.values()) <= {"Q4_K", "Q6_K"}
    assert len(said) == len(types)
    assert said[-1][1:] == (len(types) - 1, len(types))


def test_importance_makes_the_important_channels_better(wide, tmp_path):
    """An importance matrix moves the error to channels that do not matter."""
    name = "blk.0.attn_q.weight"
    means = np.full(256, 1e-4, np.float32)
    means[:8] = 1.0
    errors = []
    for importance in (None, {name: means}):
        quantise(wide / "m.gguf", tmp_path / "q.gguf", "IQ4_NL", importance=importance)
        change = GgufFile(tmp_path / "q.gguf")[name] - GgufFile(wide / "m.gguf")[name]
        errors.append(np.square(change[:, :8]).mean())
    assert errors[1] < 0.8 * errors[0]


def test_a_mixture_of_experts_runs_quantised(models, tmp_path):
    """A quantised MoE with latent attention still gives finite logits."""
    _, path = models("deepseek2")
    quantise(path, tmp_path / "q.gguf", "Q8_0")
    assert np.isfinite(logits(tmp_path / "q.gguf", np.arange(300, 320))).all()


def test_the_log_goes_back_to_who_had_it(wide, tmp_path):
    """After quantising, the engine hears llama.cpp's complaints again."""
    native.init()
    quantise(wide / "m.gguf", tmp_path / "q.gguf", "Q8_0")
    native.complaints.clear()
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(100))
    params = native.lib.llama_model_default_params()
    path = str(tmp_path / "bad.gguf").encode()
    assert not native.lib.llama_model_load_from_file(path, params)
    assert native.complaints


def test_what_cannot_be_quantised_is_refused(wide, tmp_path, monkeypatch):
    """Unknown types, quantised sources, foreign importance, a full disk: one line."""
    source, target = wide / "m.gguf", tmp_path / "q.gguf"
    with pytest.raises(ModelFileError, match="Q9_Z is not known; take one of F32"):
        quantise(source, target, "Q9_Z")
    with pytest.raises(ModelFileError, match=r"names blk\.9"):
        quantise(source, target, "Q8_0", importance={"blk.9": np.ones(1)})
    with pytest.raises(ModelFileError, match="not 256 finite numbers"):
        quantise(source, target, "Q8_0", importance={"blk.0.attn_q.weight": np.ones(3)})
    quantise(source, tmp_path / "done.gguf", "Q8_0")
    with pytest.raises(ModelFileError, match="quantised already"):
        quantise(tmp_path / "done.gguf", target, "Q4_0")
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000)
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DiskSpaceError, match="free some"):
        quantise(source, target, "Q8_0")
    assert not [*tmp_path.glob("q.gguf*")]


def test_names_need_not_be_utf_8(wide, tmp_path):
    """Source and target may have any name that the system has."""
    source = tmp_path / os.fsdecode(b"\xff.gguf")
    shutil.copy(wide / "m.gguf", source)
    target = tmp_path / os.fsdecode(b"\xfe.gguf")
    assert quantise(source, target, "Q8_0").size_after == target.stat().st_size


@pytest.fixture
def small_files():
    """Let this process write no file of more than 100 kB."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.usefixtures("small_files")
def test_what_cannot_be_written_is_told_of_the_target(wide, tmp_path, monkeypatch):
    """Where the result does not fit the source is not blamed, and nothing stays."""
    target = tmp_path / "q.gguf"
    with pytest.raises(
        ModelFileError, match=r"q\.gguf cannot be written.*another place"
    ):
        quantise(wide / "m.gguf", target, "Q8_0")
    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(quantiser, "disk_usage", lambda _: usage)
    with pytest.raises(DiskSpaceError, match=r"q\.gguf cannot be written.*free some"):
        quantise(wide / "m.gguf", target, "Q8_0")
    assert not [*tmp_path.iterdir()]


def test_the_issues_types_are_all_there():
    """Q4_0 to Q8_0, K-quants and IQ4_NL can be named."""
    assert {*WANTED} <= TYPES.keys()
