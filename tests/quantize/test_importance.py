"""Importance matrices, measured and kept."""

import numpy as np
import pytest
import torch
from gguf import GGUFReader

from codeassist.errors import ModelFileError
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.importance import ImportanceMatrix, measure, read_importance
from codeassist.quantize.quantiser import quantise
from codeassist.quantize.running import Runner
from codeassist.training.checkpoint import load_decoder
from tests.quantize.models import CONFIGS
from tests.quantize.running import logits

CHUNKS = [list(range(300, 340)), list(range(900, 930))]
DENSE = {
    "attn_q": "attention.q",
    "attn_output": "attention.o",
    "ffn_up": "ffn.up",
    "ffn_down": "ffn.down",
    "ffn_up_shexp": "ffn.shared.up",
}


@pytest.fixture(scope="module")
def measured(models):
    """Give the importance matrix of a small model."""
    made = {}

    def make(name):
        if name not in made:
            _, path = models(name)
            made[name] = measure(path, CHUNKS, origin="a test")
        return made[name]

    return make


def squares(folder, part):
    """Mean squares of a linear's inputs, by torch."""
    torch.set_num_threads(1)
    decoder, sums = load_decoder(folder), 0

    def listen(_module, inputs):
        nonlocal sums
        sums = sums + inputs[0].flatten(0, -2).double().square().sum(0)

    decoder.get_submodule(part).register_forward_pre_hook(listen)
    with torch.no_grad():
        for chunk in CHUNKS:
            decoder(torch.tensor([chunk]))
    return (sums / sum(map(len, CHUNKS))).numpy()


@pytest.mark.parametrize("name", ["llama", "deepseek"])
def test_it_is_the_mean_square_of_the_inputs(models, measured, name):
    """What llama.cpp's graph shows is what torch's linears get, layer by layer."""
    folder, _ = models(name)
    means = measured(name).means
    last = CONFIGS[name].layers - 1
    for theirs, ours in DENSE.items():
        if f"blk.{last}.{theirs}.weight" in means:
            found = means[f"blk.{last}.{theirs}.weight"]
            wanted = squares(folder, f"layers.{last}.{ours}")
            np.testing.assert_allclose(found, wanted, rtol=2e-3)


def test_experts_are_counted_apart(models, measured):
    """Each expert has its own sums, and all choices are counted."""
    config, matrix = CONFIGS["deepseek"], measured("deepseek")
    name = "blk.1.ffn_up_exps.weight"
    counts, tokens = matrix.counts[name], sum(map(len, CHUNKS))
    assert counts.shape == (config.experts.count,)
    assert counts.sum() == tokens * config.experts.used
    folder, _ = models("deepseek")
    shared = squares(folder, "layers.1.ffn.shared.up")  # sees every token once
    found = matrix.sums[name].sum(0) / tokens / config.experts.used
    assert np.corrcoef(found, shared)[0, 1] > 0.9


@pytest.mark.parametrize("name", [name for name in CONFIGS if name != "qwen2"])
def test_the_quantiser_takes_it(measured, models, tmp_path, name):
    """Names and sizes are those that the quantiser wants, of every architecture."""
    _, path = models(name)
    means = measured(name).means
    assert {*means} <= {*GgufFile(path).shapes}
    quantise(path, tmp_path / "q.gguf", "Q4_0", importance=means)
    assert np.isfinite(logits(tmp_path / "q.gguf", CHUNKS[0])).all()


def test_written_and_read_is_the_same(measured, tmp_path):
    """The file has llama.cpp's keys and shapes, and comes back as it was."""
    matrix = measured("deepseek")
    matrix.write(tmp_path / "i.gguf")
    again = read_importance(tmp_path / "i.gguf")
    for name, means in matrix.means.items():
        np.testing.assert_allclose(again.means[name], means, rtol=1e-6)
    assert (again.datasets, again.chunks, again.chunk_size) == (["a test"], 2, 40)
    reader = GGUFReader(tmp_path / "i.gguf")
    assert "general.architecture" not in reader.fields
    shapes = {each.name: [*map(int, each.shape)] for each in reader.tensors}
    assert shapes["blk.1.ffn_up_exps.weight.in_sum2"] == [64, 4]
    assert shapes["blk.1.ffn_up_exps.weight.counts"] == [1, 4]


def test_what_no_token_chose_weighs_evenly():
    """An expert without inputs gets ones, as in llama.cpp's own tool."""
    matrix = ImportanceMatrix(
        [], 8, 1, {"a": np.array([[4.0, 6.0], [0.0, 0.0]])}, {"a": np.array([2.0, 0.0])}
    )
    np.testing.assert_array_equal(matrix.means["a"], [2, 3, 1, 1])


def test_other_files_are_refused(models, measured, tmp_path):
    """A model, a damaged file and sums that do not fit are no importance matrix."""
    _, path = models("llama")
    with pytest.raises(ModelFileError, match="no importance matrix in GGUF"):
        read_importance(path)
    (tmp_path / "old.dat").write_bytes(b"\x10\0\0\0")
    with pytest.raises(ModelFileError, match="not a GGUF"):
        read_importance(tmp_path / "old.dat")
    odd = ImportanceMatrix([], 8, 1, {"a": np.ones((3, 2))}, {"a": np.ones(2)})
    odd.write(tmp_path / "odd.gguf")
    with pytest.raises(ModelFileError, match="sums and counts of a do not fit"):
        read_importance(tmp_path / "odd.gguf")


def test_a_runner_gives_the_logits_of_each_text(models):
    """Texts do not see each other, and what llama.cpp cannot load is one line."""
    _, path = models("llama")
    with Runner(path, tokens=40) as runner:
        first = runner.logits(CHUNKS[0]).copy()
        second = runner.logits(CHUNKS[1]).copy()
    np.testing.assert_allclose(first, logits(path, CHUNKS[0]), atol=0.02)
    np.testing.assert_allclose(second, logits(path, CHUNKS[1]), atol=0.02)
    with pytest.raises(ModelFileError, match=r"llama\.cpp cannot run"):
        Runner(path.parent / "config.json", tokens=8)
