"""Agreement of two models, what rounding leaves, and the text they are measured on."""

import numpy as np
import psutil
import pytest

from codeassist.errors import MemoryShortError, ModelFileError, SourceFileError
from codeassist.quantize.agreement import agree, losses
from codeassist.quantize.checkpoint import TENSORS, TensorReader
from codeassist.quantize.lora import Adapter, Pair
from codeassist.quantize.rounding import kept, rounded, survivors
from codeassist.quantize.sample import chunked, read_sample
from codeassist.training.measure import load_exact

RANDOM = np.random.default_rng(0)


def test_agreement_of_known_logits():
    """Differences, divergence and first choices are what a hand computes."""
    first = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]], np.float32))
    second = np.log(np.array([[0.25, 0.5, 0.25], [0.1, 0.8, 0.1]], np.float32))
    found = agree([([0, 1], first, second)])
    assert found.positions == 2
    assert found.largest == pytest.approx(np.log(2), rel=1e-6)
    assert found.mean == pytest.approx(2 * np.log(2) / 6, rel=1e-6)
    assert found.divergence == pytest.approx(0.25 * np.log(2) / 2, rel=1e-6)
    assert found.same_top == 0.5
    assert found.spread == pytest.approx(first.std(), rel=1e-6)
    np.testing.assert_allclose(found.first, [-np.log(0.25)], rtol=1e-6)
    np.testing.assert_allclose(found.second, [-np.log(0.5)], rtol=1e-6)


def test_a_decoder_that_memory_cannot_hold_is_refused(models, monkeypatch):
    """The need is estimated before anything is read, and both figures are told."""
    folder, _ = models("llama")
    free = psutil.virtual_memory()._replace(available=1_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    with pytest.raises(MemoryShortError, match=r"0\.0 GB in float32, 0\.0 GB are free"):
        load_exact(folder)


def test_losses_over_many_rows():
    """Work in parts of rows gives what one stroke gives."""
    logits = RANDOM.standard_normal((100, 7)).astype(np.float32)
    ids = RANDOM.integers(7, size=100).tolist()
    table = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    wanted = [-table[at, ids[at + 1]] for at in range(99)]
    np.testing.assert_allclose(losses(ids, logits), wanted, rtol=1e-5)


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q8_0", "Q5_0", "Q4_K", "Q6_K"])
def test_rounding_is_near_and_settles(kind):
    """Every type gives back nearly what it got."""
    weight = RANDOM.standard_normal((4, 512)).astype(np.float32)
    found = rounded(weight, kind)
    assert found.shape == weight.shape
    assert np.abs(found - weight).mean() < {"Q4_K": 0.09}.get(kind, 0.05)


def test_a_small_change_snaps_back_on_its_own_grid():
    """Weights that lie on a grid lose a small change; others keep it on the whole."""
    weight = RANDOM.standard_normal((64, 512)).astype(np.float32)
    change = 0.004 * RANDOM.standard_normal(weight.shape).astype(np.float32)
    on_grid = rounded(weight, "Q4_0")
    assert kept(on_grid, change, "Q4_0") < 0.3
    assert kept(on_grid, change, "Q8_0") > 0.8
    assert kept(weight, change, "F32") == pytest.approx(1, abs=1e-3)
    with pytest.raises(ModelFileError, match="40 columns do not divide"):
        rounded(np.zeros((2, 40), np.float32), "Q4_0")


def test_survivors_are_told_by_type(models):
    """Each type is tried on the weights that would have it."""
    folder, _ = models("llama")
    names = ("layers.0.ffn.up.weight", "layers.1.attention.q.weight")
    reader = TensorReader(folder / TENSORS)
    pairs = {
        name: Pair(
            RANDOM.standard_normal((2, reader.shapes[name][1])).astype(np.float32),
            RANDOM.standard_normal((reader.shapes[name][0], 2)).astype(np.float32),
        )
        for name in names
    }
    kinds = {names[0]: "Q8_0", names[1]: "F32", "layers.1.ffn.up.weight": "Q4_0"}
    found = survivors(reader, Adapter(1.0, pairs), kinds, 1.0)
    assert found.keys() == {"Q8_0", "F32"}
    assert found["F32"] == pytest.approx(1, abs=1e-3)


def test_a_sample_is_the_named_text(tmp_path, monkeypatch):
    """Files are read as they are; a folder gives its code and not its data."""
    (tmp_path / "a.py").write_text("one = 1\n")
    (tmp_path / "b.rs").write_text("fn two() {}\n")
    (tmp_path / "c.bin").write_bytes(bytes(50))
    (tmp_path / ".env").write_text("KEY=secret\n")
    found = read_sample([tmp_path / "a.py", tmp_path], 1_000)
    assert found.text.count("one = 1") == 2
    assert "fn two" in found.text
    assert "secret" not in found.text
    assert str(tmp_path) in found.origin
    assert len(read_sample([tmp_path / "a.py"], 3).text) == 3
    with pytest.raises(SourceFileError, match="cannot be read"):
        read_sample([tmp_path / "none.py"], 10)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceFileError, match="there is no code in"):
        read_sample([tmp_path / "empty"], 10)
    monkeypatch.chdir(tmp_path / "empty")
    own = read_sample([], 20_000)
    assert own.origin == "codeassist's own source"
    assert len(own.text) >= 20_000
    monkeypatch.chdir(tmp_path)
    assert read_sample([], 20).origin == f"code in {tmp_path}"


def test_pieces_begin_as_the_vocabulary_wants():
    """Ids are cut into pieces of one length, the beginning token within it."""
    ids = list(range(10, 20))
    assert chunked(ids, tokens=9, length=4, begin=None) == [
        [10, 11, 12, 13],
        [14, 15, 16, 17],
    ]
    assert chunked(ids, tokens=5, length=4, begin=1) == [[1, 10, 11, 12], [1, 13, 14]]
    with pytest.raises(SourceFileError, match="has 1 tokens; name more"):
        chunked([5], tokens=9, length=4, begin=None)
