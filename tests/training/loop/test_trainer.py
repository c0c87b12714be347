"""The loop learns, resumes to the bit, and refuses what cannot go well."""

import os
import signal
from contextlib import suppress
from dataclasses import replace

import pytest
import torch

from codeassist.errors import ConfigError, CorpusError, MemoryShortError, TrainingError
from codeassist.training.checkpoint import save_checkpoint
from codeassist.training.loop import LoopSettings, last_step, memory, train
from codeassist.training.lora import LoraParts, load_adapted
from tests.training.loop.rows import make_rows
from tests.training.shapes import EXAONE, GQA, MOE, QWEN, decoder

FAST = LoopSettings(
    steps=12, rows_per_step=4, rows_per_batch=2, lr=5e-3, dtype="float32", save_every=5
)
ROWS = make_rows(10)


class KilledError(Exception):
    """In place of a kill."""


def run(folder, settings=FAST, *, config=GQA, rows=ROWS, kill_at=None, **more):
    """The steps of a run, and its decoder; killed behind a step if need be."""
    model = more.pop("model", None) or decoder(config)
    seen = []

    def observe(step):
        seen.append(step)
        if step.step == kill_at:
            raise KilledError

    with suppress(KilledError):
        train(model, rows, settings, folder, observe=observe, **more)
    return seen, model


def curve(steps):
    return [(s.step, s.loss, s.lr, s.grad_norm, s.held_out) for s in steps]


def weights(model):
    return torch.cat([each.detach().flatten() for each in model.parameters()])


@pytest.mark.parametrize("config", [GQA, QWEN, MOE], ids=["gqa", "tied", "moe"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_loss_falls(tmp_path, config, dtype):
    """A few steps teach simple sequences, in both types."""
    settings = replace(FAST, steps=25, lr=1e-2, dtype=dtype, clip=5.0)
    steps, model = run(tmp_path, settings, config=config)
    assert steps[-1].loss < 0.4 * steps[0].loss
    assert all(step.grad_norm > 0 for step in steps)
    learned = {each.dtype for each in model.parameters()}
    assert learned == {torch.float32}


@pytest.mark.parametrize("more", [{}, {"ema": 0.9}, {"schedule": "wsd"}])
def test_a_resumed_run_equals_one_that_went_through(tmp_path, more):
    """Killed twice, a run gives the same losses and weights to the bit."""
    settings = replace(FAST, held_out_every=4, **more)
    held_out = make_rows(3, seed=9)
    whole, expected = run(tmp_path / "whole", settings, held_out=held_out)
    first, _ = run(tmp_path / "cut", settings, held_out=held_out, kill_at=7)
    second, _ = run(tmp_path / "cut", settings, held_out=held_out, kill_at=11)
    third, found = run(tmp_path / "cut", settings, held_out=held_out)
    assert [second[0].step, third[0].step] == [6, 11]
    assert curve(first[:5] + second[:5] + third) == curve(whole)
    assert torch.equal(weights(found), weights(expected))


def test_adapters_with_dropout_resume_to_the_bit(tmp_path):
    """What is dropped hangs on the step alone; frozen weights are not saved."""
    save_checkpoint(tmp_path / "base", GQA, decoder(GQA).state_dict())
    lora = LoraParts(rank=2, dropout=0.2)

    def go(name, kill_at=None):
        model = load_adapted(tmp_path / "base", lora)
        return run(tmp_path / name, model=model, kill_at=kill_at)

    whole, expected = go("whole")
    first, _ = go("cut", 8)
    second, found = go("cut")
    assert curve(first[:5] + second) == curve(whole)
    assert torch.equal(weights(found), weights(expected))
    learned = sum(p.numel() for p in found.parameters() if p.requires_grad)
    saved = (tmp_path / "cut/state/step-00000012/tensors.safetensors").stat().st_size
    assert 12 * learned < saved < 12 * learned + 40_000
    assert len(list((tmp_path / "cut/state").iterdir())) == FAST.keep


def test_small_batches_equal_a_large_one(tmp_path):
    """Rows with few learned tokens weigh as much in one batch as in four."""
    large, one = run(tmp_path / "a", replace(FAST, rows_per_batch=4, steps=6))
    small, four = run(tmp_path / "b", replace(FAST, rows_per_batch=1, steps=6))
    for a, b in zip(large, small, strict=True):
        assert a.loss == pytest.approx(b.loss, rel=1e-5)
        assert a.grad_norm == pytest.approx(b.grad_norm, rel=1e-4)
        assert (a.tokens, a.learned_tokens) == (b.tokens, b.learned_tokens)
    assert torch.allclose(weights(one), weights(four), atol=1e-4)


def test_recomputing_changes_nothing(tmp_path):
    """Forgotten activations come back as they were."""
    plain, _ = run(tmp_path / "a", replace(FAST, steps=3), config=EXAONE)
    again, _ = run(
        tmp_path / "b", replace(FAST, steps=3, recompute=True), config=EXAONE
    )
    assert curve(plain) == curve(again)


def test_experts_report_their_shares(tmp_path):
    """Each layer with experts says what part of the choices each of them got."""
    steps, _ = run(tmp_path, replace(FAST, steps=2), config=MOE)
    assert len(steps[0].shares) == 2
    assert all(sum(layer) == pytest.approx(1) for layer in steps[0].shares)
    assert steps[0].balance >= 1


def test_frozen_parameters_stay(tmp_path):
    """Only what requires a gradient changes."""
    model = decoder(GQA)
    model.requires_grad_(False)
    model.layers[1].ffn.down.weight.requires_grad_(True)
    before = {name: each.clone() for name, each in model.named_parameters()}
    run(tmp_path, replace(FAST, steps=2), model=model)
    changed = {n for n, p in model.named_parameters() if not torch.equal(p, before[n])}
    assert changed == {"layers.1.ffn.down.weight"}


@pytest.mark.parametrize(
    "signals",
    [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGTERM]],
    ids=["^C", "docker stop", "^C to torchrun"],
)
def test_a_signal_saves_and_goes_on(tmp_path, signals, capsys):
    """The step under way is finished and saved; the next call goes on behind it."""
    whole, _ = run(tmp_path / "whole")

    def observe(step):
        if step.step == 3:
            for number in signals:
                os.kill(os.getpid(), number)

    outcome = train(decoder(GQA), ROWS, FAST, tmp_path / "cut", observe=observe)
    assert (outcome.stopped, outcome.steps, last_step(tmp_path / "cut")) == (
        "interrupted",
        3,
        3,
    )
    assert capsys.readouterr().err.count("ending after this step; ^C again") == 1
    rest, _ = run(tmp_path / "cut")
    assert curve(rest) == curve(whole[3:])


def test_a_second_ctrl_c_ends_at_once(tmp_path):
    """Who cannot wait for the step gets what the last save has."""

    def observe(step):
        if step.step == 7:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        train(decoder(GQA), ROWS, FAST, tmp_path, observe=observe)
    assert last_step(tmp_path) == 5
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path):
    """Weights with a NaN are never saved, and the message says where it happened."""
    model = decoder(GQA)

    def poison(step):
        if step.step == 6:
            model.layers[0].attention.q.weight.data[0, 0] = float("nan")

    with pytest.raises(TrainingError, match=r"loss \(nan\).*step 7, rows \d.*00000005"):
        train(model, ROWS, FAST, tmp_path, observe=poison)
    assert last_step(tmp_path) == 5


def test_weights_that_are_not_finite_are_not_saved(tmp_path):
    """A last step that throws the weights out of all bounds is no success."""
    settings = replace(FAST, lr=3e38, warmup=0, weight_decay=10.0, save_every=1)
    with pytest.raises(TrainingError, match=r"after step 1 weight/.* not finite"):
        run(tmp_path, replace(settings, steps=1))
    assert last_step(tmp_path) == 0


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"lr": 1e-3}, r"loop\.lr was 0\.005 and is 0\.001"),
        ({"steps": 20}, r"loop\.steps was 12 and is 20"),
        ({"seed": 1}, r"loop\.seed was 0 and is 1"),
    ],
)
def test_other_settings_are_refused(tmp_path, change, wrong):
    """What changes the curve is named; nothing is overwritten."""
    run(tmp_path, kill_at=6)
    with pytest.raises(TrainingError, match=wrong):
        run(tmp_path, replace(FAST, **change))
    assert last_step(tmp_path) == 5


def test_other_rows_and_decoders_are_refused(tmp_path):
    """Rows, shapes and frozen weights belong to a state."""
    run(tmp_path / "a", kill_at=6)
    with pytest.raises(TrainingError, match="the rows changed"):
        run(tmp_path / "a", rows=make_rows(10, seed=5))
    with pytest.raises(TrainingError, match="the decoder changed"):
        run(tmp_path / "a", config=QWEN)
    model = decoder(GQA)
    model.embedding.weight.requires_grad_(False)
    with pytest.raises(TrainingError, match="what is learned changed"):
        run(tmp_path / "a", model=model)
    run(tmp_path / "b", model=model, kill_at=6)
    other = decoder(GQA, seed=1)
    other.embedding.weight.requires_grad_(False)
    with pytest.raises(TrainingError, match="the frozen weights changed"):
        run(tmp_path / "b", model=other)


def test_more_steps_go_on_where_the_rate_was_the_same(tmp_path):
    """A constant rate can be prolonged, and what changes no result may change."""
    constant = replace(FAST, schedule="constant", warmup=3)
    longer = replace(constant, steps=16)
    whole, _ = run(tmp_path / "whole", longer)
    run(tmp_path / "cut", constant)
    rest, _ = run(tmp_path / "cut", replace(longer, save_every=2, keep=1))
    assert curve(rest) == curve(whole[12:])
    assert [p.name for p in (tmp_path / "cut/state").iterdir()] == ["step-00000016"]


def test_a_run_that_is_done_stays_done(tmp_path):
    """Called again it makes no step and gives the same weights."""
    _, first = run(tmp_path)
    again, second = run(tmp_path)
    assert not again
    assert torch.equal(weights(first), weights(second))


def test_too_little_memory_is_told_first(tmp_path, monkeypatch):
    """A run that cannot fit is refused with the figures."""
    free = type("Free", (), {"available": 10_000})
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: free)
    with pytest.raises(MemoryShortError, match=r"MB \(weights .* are free: lower"):
        run(tmp_path)


def test_memory_that_runs_out_is_told(tmp_path, monkeypatch):
    """torch's own error becomes one line with the way out."""

    def full(*_args, **_options):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    model = decoder(GQA)
    monkeypatch.setattr(model.layers[1], "forward", full)
    with pytest.raises(MemoryShortError, match=r"ran out at step 1.*rows_per_batch"):
        run(tmp_path, model=model)


def test_nothing_to_learn_is_told(tmp_path):
    """No rows, and no parameter to learn, are refused."""
    with pytest.raises(CorpusError, match="no rows"):
        run(tmp_path, rows=[])
    with pytest.raises(ConfigError, match="add adapters"):
        run(tmp_path, model=decoder(GQA).requires_grad_(False))


def test_the_decoder_is_whole_afterwards(tmp_path):
    """After success and failure the output layer is where it was."""
    model = decoder(GQA)
    output = model.output
    run(tmp_path / "a", model=model, kill_at=2)
    assert model.output is output
    assert set(model.state_dict()) == set(decoder(GQA).state_dict())


def test_no_more_threads_than_cores(tmp_path):
    """A recipe of a larger machine, or a slip of the finger, takes the cores that are."""
    seen, before = [], torch.get_num_threads()
    train(
        decoder(GQA),
        ROWS,
        replace(FAST, steps=1, threads=100_000),
        tmp_path,
        observe=lambda _step: seen.append(torch.get_num_threads()),
    )
    assert seen == [os.cpu_count()]
    assert torch.get_num_threads() == before
