"""Settings, rates, order, batches and the chunked loss, each by itself."""

from dataclasses import astuple, replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from codeassist.errors import ConfigError
from codeassist.training.checkpoint import save_checkpoint
from codeassist.training.fim_data import NO_DOCUMENT, Row
from codeassist.training.loop import LoopSettings, learner
from codeassist.training.loop.batches import Order, make_batch
from codeassist.training.loop.learner import learning
from codeassist.training.loop.schedule import learning_rate
from codeassist.training.lora import LoraParts, load_adapted, merge
from codeassist.training.model import Decoder
from tests.training.loop.rows import make_rows
from tests.training.shapes import GQA, MOE, QWEN, decoder


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"steps": 0}, r"loop\.steps must be 1 or more"),
        ({"rows_per_step": 6, "rows_per_batch": 4}, r"\(6\) must be a multiple"),
        ({"rows_per_batch": 0}, r"loop\.rows_per_batch must be 1"),
        ({"lr": 0.0}, r"loop\.lr must be above 0"),
        ({"schedule": "linear"}, "schedule is one of cosine, wsd, constant"),
        ({"warmup": 1.5}, "warmup is a share below 1 or a number of steps"),
        ({"betas": (0.9, 1.0)}, "betas are two numbers"),
        ({"ema": 1.0}, "ema lies between"),
        ({"save_every": 0}, "a crash loses all"),
        ({"dtype": "float16"}, "dtype is one of float32, bfloat16"),
        ({"seed": -1}, "seed must be 0 or more"),
        ({"parallel": "tensor"}, "parallel is one of none, ddp, fsdp"),
    ],
)
def test_bad_settings_are_told(values, wrong):
    """What cannot be meant is refused by name."""
    with pytest.raises(ConfigError, match=wrong):
        LoopSettings(**values)


def test_rates_rise_and_fall():
    """Warmup ends at the height; cosine and WSD end at the final share."""
    settings = LoopSettings(steps=100, lr=1.0, warmup=0.1, final_lr=0.2, decay=0.25)

    def rates(schedule):
        own = replace(settings, schedule=schedule)
        return [learning_rate(own, step) for step in range(101)]

    cosine, wsd, constant = map(rates, ("cosine", "wsd", "constant"))
    assert cosine[:10] == wsd[:10] == pytest.approx([n / 10 for n in range(1, 11)])
    assert (cosine[10], cosine[55], cosine[100]) == pytest.approx((1, 0.6, 0.2))
    assert set(wsd[10:76]) == {1.0} == set(constant[10:])
    assert (wsd[88], wsd[100]) == pytest.approx((1 - 0.8 * 13 / 25, 0.2))


def test_every_epoch_is_a_permutation():
    """Steps go through all rows, anew in each epoch, and ask for none before them."""
    order = Order(7, rows_per_step=3, seed=1)
    taken = [index for step in range(14) for index in order(step)]
    epochs = [taken[n : n + 7] for n in range(0, 42, 7)]
    assert all(sorted(epoch) == [*range(7)] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1
    assert Order(7, rows_per_step=3, seed=1)(9) == taken[27:30]
    assert Order(7, rows_per_step=3, seed=2)(0) != taken[:3]


def test_a_batch_says_what_is_to_be_predicted():
    """Targets are the masked tokens; each is asked for one place before it."""
    rows = make_rows(3)
    batch = make_batch(rows)
    targets = [row.tokens[1:][row.mask[1:]] for row in rows]
    assert batch.targets.tolist() == np.concatenate(targets).tolist()
    for row, keep in zip(rows, batch.keep, strict=True):
        assert keep[:-1].tolist() == row.mask[1:].tolist()[: len(keep) - 1]


def test_padding_does_not_weigh_in_the_balance():
    """Shares and balance of a padded batch are those of its real tokens alone."""
    row = make_rows(1, length=256, documents=1, seed=1)[0]
    size = int((row.documents != NO_DOCUMENT).sum())
    assert size < 200
    short = Row(*(part[:size] for part in astuple(row)))
    with learning(decoder(MOE), None) as learned:
        alone = learned(make_batch([short], trim=False))
        padded = learned(make_batch([row], trim=False))
    torch.testing.assert_close(padded.balance, alone.balance)
    torch.testing.assert_close(padded.shares, alone.shares)


def test_padding_is_not_computed():
    """What all rows end with is cut off, and one document needs no mask."""
    rows = make_rows(2, length=256, documents=4)
    cut = [replace(r, documents=np.where(np.arange(256) < 70, 0, -1)) for r in rows]
    for row in cut:
        row.mask[70:] = False
    batch = make_batch(cut)
    assert batch.ids.shape == (2, 96)
    assert batch.documents is None is batch.positions
    assert make_batch(cut, trim=False).ids.shape == (2, 256)
    assert make_batch(rows).documents is not None


@pytest.mark.parametrize("config", [GQA, QWEN, MOE], ids=["untied", "tied", "moe"])
def test_the_loss_is_that_of_all_logits(config, monkeypatch):
    """In chunks, its value and gradients equal cross-entropy over whole logits."""
    monkeypatch.setattr(learner, "CHUNK_BYTES", 2 * 97 * 17)
    rows = make_rows(3)
    batch = make_batch(rows, trim=False)
    plain, model = decoder(config), decoder(config)
    logits = plain(batch.ids, positions=batch.positions, documents=batch.documents)
    expected = F.cross_entropy(
        logits.logits[batch.keep], batch.targets, reduction="sum"
    )
    expected.backward()
    expected = float(expected.detach())
    with learning(model, None) as sums:
        found = sums(batch)
        (2 * found.loss).backward()
    assert float(found.loss.detach()) == pytest.approx(expected, rel=1e-5)
    for (name, a), b in zip(plain.named_parameters(), model.parameters(), strict=True):
        assert torch.allclose(2 * a.grad, b.grad, rtol=1e-3, atol=1e-3), name


def test_an_adapter_of_a_tied_embedding_acts_at_both_ends(tmp_path):
    """What is learned is the loss of the merged decoder."""
    save_checkpoint(tmp_path, QWEN, decoder(QWEN).state_dict())
    adapted = load_adapted(tmp_path, LoraParts(targets=("embedding",)), dtype=None)
    torch.nn.init.normal_(adapted.embedding.lora_b, std=0.1)
    merged = Decoder(QWEN)
    merged.load_state_dict(merge(adapted))
    batch = make_batch(make_rows(2))
    with learning(adapted, None) as ours, learning(merged, None) as theirs:
        found, expected = ours(batch).loss, theirs(batch).loss
    assert float(found.detach()) == pytest.approx(float(expected.detach()), rel=1e-5)


def test_no_learned_token_gives_a_gradient_of_zero():
    """A batch that is all given still takes part, as DDP needs."""
    row = replace(make_rows(1)[0], mask=np.zeros(32, np.bool_))
    model = decoder(GQA)
    with learning(model, None) as sums:
        loss = sums(make_batch([row])).loss
        loss.backward()
    assert float(loss.detach()) == 0
    assert all(float(p.grad.abs().max()) == 0 for p in model.parameters())
