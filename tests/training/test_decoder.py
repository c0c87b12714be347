"""The whole decoder, in all families."""

import pytest
import torch

from codeassist.decoder import gguf_name, tensor_shapes
from codeassist.training.model import Decoder, Parts
from tests.training.shapes import EXAONE, FAMILIES, GQA, MLA_LITE, MOE, decoder, tokens

close = torch.testing.assert_close
each_family = pytest.mark.parametrize("config", FAMILIES.values(), ids=FAMILIES)


@each_family
def test_tensors_are_those_of_the_configuration(config):
    """Names and shapes of the state are exactly what ``tensor_shapes`` says."""
    state = decoder(config).state_dict()
    assert {name: tuple(t.shape) for name, t in state.items()} == tensor_shapes(config)
    assert len({gguf_name(name) for name in state}) == len(state)


@each_family
def test_the_future_is_unseen(config):
    """Changing a token changes no logits before it and those at it."""
    model, ids = decoder(config), tokens(config, 2, 24)
    changed = ids.clone()
    changed[:, 15] = (ids[:, 15] + 1) % config.vocab_size
    before, after = model(ids).logits, model(changed).logits
    close(before[:, :15], after[:, :15])
    assert (before[:, 15] - after[:, 15]).abs().max() > 1e-3


@each_family
def test_rows_of_a_batch_do_not_mix(config):
    """A sequence gets the same logits alone and beside others."""
    model, ids = decoder(config), tokens(config, 3, 17)
    alone = torch.cat([model(row[None]).logits for row in ids])
    close(model(ids).logits, alone)


@each_family
def test_packed_documents_equal_single_ones(config):
    """Documents packed into a row, with positions from 0, do not see each other."""
    model, ids = decoder(config), tokens(config, 1, 23)
    documents = torch.tensor([[0] * 10 + [1] * 13])
    positions = torch.tensor([[*range(10), *range(13)]])
    packed = model(ids, positions=positions, documents=documents).logits
    close(packed[:, :10], model(ids[:, :10]).logits)
    close(packed[:, 10:], model(ids[:, 10:]).logits)


@each_family
def test_recomputed_activations_give_the_same_gradients(config):
    """Forgetting activations changes no gradient."""
    grads = []
    for recompute in (False, True):
        model = decoder(config)
        model.recompute = recompute
        out = model(tokens(config, 2, 12))
        (out.logits.logsumexp(-1).mean() + out.balance).backward()
        grads.append({name: p.grad for name, p in model.named_parameters()})
    close(grads[0], grads[1])


def test_kept_places_get_their_logits():
    """``keep`` gives the chosen places' logits, in order."""
    model, ids = decoder(GQA), tokens(GQA, 2, 9)
    keep = torch.rand(2, 9) > 0.5
    close(model(ids, keep=keep).logits, model(ids).logits[keep])


@pytest.mark.parametrize("config", [GQA, EXAONE, MLA_LITE], ids=["gqa", "moe", "mla"])
def test_bfloat16_is_near_float32(config):
    """A decoder in bfloat16 runs and is near to itself in float32."""
    model, ids = decoder(config), tokens(config, 1, 16)
    exact = model(ids).logits
    near = model.bfloat16()(ids).logits
    assert near.dtype == torch.bfloat16
    assert (near - exact).abs().mean() < 0.1 * exact.std()


def test_initialisation_is_repeatable_and_starts_at_chance():
    """One seed gives one decoder, whose loss is that of guessing."""
    first, second = Decoder(MOE), Decoder(MOE)
    first.initialise(3)
    second.initialise(3)
    close(first.state_dict(), second.state_dict())
    ids = tokens(MOE, 4, 32)
    logits = first(ids).logits[:, :-1].flatten(0, 1)
    loss = torch.nn.functional.cross_entropy(logits, ids[:, 1:].flatten())
    assert loss.item() == pytest.approx(torch.tensor(97.0).log().item(), abs=0.2)


@each_family
def test_every_matrix_is_asked_for_by_name(config):
    """Linears and embeddings come from ``Parts``, under their tensors' names."""
    asked = []

    class Noting(Parts):
        def linear(self, name, **shape):
            asked.append(f"{name}.weight")
            return super().linear(name, **shape)

        def embedding(self, name, **shape):
            asked.append(f"{name}.weight")
            return super().embedding(name, **shape)

    Decoder(config, parts=Noting())
    matrices = {
        name
        for name, shape in tensor_shapes(config).items()
        if len(shape) == 2 and "norm" not in name
    }
    assert sorted(asked) == sorted(name for name in matrices if ".bias" not in name)
