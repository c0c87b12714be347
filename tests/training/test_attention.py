"""Attention equals what its formula says, written out in loops."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from codeassist.decoder import Rope, Window
from codeassist.training.model import attention
from codeassist.training.model.attention import attend, make_mask
from codeassist.training.model.packed_attention import Packed
from codeassist.training.model.rope import rotate, rotation
from tests.training.shapes import GQA, MHA, MLA, MLA_LITE, QWEN, decoder, tokens

close = torch.testing.assert_close
CPU = torch.device("cpu")


def naive(q, k, v, allowed, scale):
    """Attend one head at a time; shapes (T, D), allowed (T, T)."""
    scores = (q @ k.T) * scale
    return scores.masked_fill(~allowed, -torch.inf).softmax(-1) @ v


@pytest.mark.parametrize("kv_heads", [6, 2, 1])
@pytest.mark.parametrize("window", [None, 4])
@pytest.mark.parametrize("trained", [False, True])
def test_attend_equals_single_heads(kv_heads, window, trained):
    """MHA, GQA and MQA, causal or with a window, equal one head after another."""
    q = torch.randn(2, 13, 6, 8, requires_grad=trained)
    k, v = torch.randn(2, 2, 13, kv_heads, 8)
    mask = make_mask(13, window=window, documents=None, device=CPU)
    actual = attend(q, k, v, mask=mask, scale=0.3).unflatten(-1, (6, 8))
    row, column = torch.arange(13)[:, None], torch.arange(13)[None]
    allowed = (column <= row) & (row - column < (window or 13))
    for b in range(2):
        for head in range(6):
            of = head * kv_heads // 6
            expected = naive(q[b, :, head], k[b, :, of], v[b, :, of], allowed, 0.3)
            close(actual[b, :, head], expected)


def test_training_and_use_attend_alike():
    """The gradients of what trains are those of torch's own kernel, documents apart."""
    documents = torch.tensor([[0] * 7 + [1] * 6, [0] * 13])
    mask = make_mask(13, window=None, documents=documents, device=CPU)
    same = documents[:, :, None] == documents[:, None, :]
    q = torch.randn(2, 13, 6, 8, requires_grad=True)
    k, v = torch.randn(2, 2, 13, 2, 8)
    k.requires_grad_()
    v.requires_grad_()
    weights = torch.randn(2, 13, 48)
    ours = torch.autograd.grad(
        (attend(q, k, v, mask=mask, scale=0.3) * weights).sum(), (q, k, v)
    )
    whole = F.scaled_dot_product_attention(
        q.transpose(1, 2),
        k.transpose(1, 2),
        v.transpose(1, 2),
        attn_mask=same.tril()[:, None],
        scale=0.3,
        enable_gqa=True,
    )
    joined = whole.transpose(1, 2).flatten(2)
    close(ours, torch.autograd.grad((joined * weights).sum(), (q, k, v)))


def test_what_keys_share_costs_no_precision():
    """A bias of 300 in all keys, as Qwen2.5 has it, leaves bfloat16 training as exact."""
    q, k, v = torch.randn(3, 1, 64, 2, 16)
    exact = attend(q, k, v, mask=None, scale=0.25)
    low = [each.bfloat16() for each in (q, k, v)]
    low[0].requires_grad_()
    usual = (attend(*low, mask=None, scale=0.25) - exact).abs().max()
    low[1] = low[1] + 300
    rounded = low[1].float() - 300  # what is left of the keys themselves
    expected = attend(q.bfloat16().float(), rounded, v, mask=None, scale=0.25)
    biased = (attend(*low, mask=None, scale=0.25) - expected).abs().max()
    assert biased < 2 * usual


def test_layer_equals_torchs_attention():
    """A layer's attention is its linears around scaled_dot_product_attention."""
    model, ids = decoder(QWEN), tokens(QWEN, 2, 12)
    layer = model.layers[0].attention
    x = model.embedding(ids)
    turn = rotation(QWEN, torch.arange(12)[None], x.dtype)
    q = rotate(layer.q(x).view(2, 12, 6, 8), turn).transpose(1, 2)
    k = rotate(layer.k(x).view(2, 12, 2, 8), turn).transpose(1, 2)
    v = layer.v(x).view(2, 12, 2, 8).transpose(1, 2)
    k, v = k.repeat_interleave(3, 1), v.repeat_interleave(3, 1)
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    close(layer(x, turn, None), layer.o(mixed.transpose(1, 2).reshape(2, 12, 48)))


def test_grouped_heads_equal_repeated_ones():
    """GQA gives the logits of MHA whose k and v rows are repeated."""
    grouped, full = decoder(GQA), decoder(replace(GQA, kv_heads=6))
    state = dict(grouped.state_dict())
    for name, tensor in state.items():
        if name.endswith((".k.weight", ".v.weight")):
            heads = tensor.unflatten(0, (2, 8)).repeat_interleave(3, 0)
            state[name] = heads.flatten(0, 1)
    full.load_state_dict(state)
    ids = tokens(GQA, 2, 20)
    close(grouped(ids).logits, full(ids).logits)


def test_pairings_are_one_permutation_apart():
    """Interleaved RoPE over permuted q and k rows equals halves (GGUF and HF)."""
    halves = decoder(replace(MHA, rope=Rope()))
    pairs = decoder(replace(MHA, rope=Rope(interleaved=True)))
    state = dict(halves.state_dict())
    for name, tensor in state.items():
        if name.endswith((".q.weight", ".k.weight")):
            state[name] = tensor.view(6, 2, 4, 48).swapaxes(1, 2).reshape(48, 48)
    pairs.load_state_dict(state)
    ids = tokens(MHA, 1, 20)
    close(pairs(ids).logits, halves(ids).logits)


def mla_expanded(layer, config, x, *, absorbed):
    """Write latent attention out head by head; absorbed: as MQA on the latents."""
    m, T = config.latent, x.shape[0]
    turn = rotation(config, torch.arange(T)[None], x.dtype)

    def turned(part):  # (T, rope)
        return rotate(part[None, :, None], turn)[0, :, 0]

    q = layer.q_b(layer.q_a_norm(layer.q_a(x))) if m.q_rank else layer.q(x)
    low = layer.kv_a(x)
    latent, k_rope = layer.kv_a_norm(low[:, : m.kv_rank]), turned(low[:, m.kv_rank :])
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    heads = []
    for head in range(config.heads):
        own = q[:, head * 20 : head * 20 + 20]
        nope, rope = own[:, : m.nope_dim], turned(own[:, m.nope_dim :])
        rows = layer.kv_b.weight.unflatten(0, (config.heads, -1))[head]
        up_k, up_v = rows[: m.nope_dim], rows[m.nope_dim :]
        if absorbed:
            query, key = torch.cat((nope @ up_k, rope), 1), (latent, k_rope)
            value = naive(query, torch.cat(key, 1), latent, causal, config.score_scale)
            heads.append(value @ up_v.T)
        else:
            query, key = torch.cat((nope, rope), 1), (latent @ up_k.T, k_rope)
            value = latent @ up_v.T
            key = torch.cat(key, 1)
            heads.append(naive(query, key, value, causal, config.score_scale))
    return layer.o(torch.cat(heads, 1))


@pytest.mark.parametrize("absorbed", [False, True])
@pytest.mark.parametrize("config", [MLA, MLA_LITE], ids=["q_rank", "lite"])
def test_latent_attention_equals_its_expansion(config, absorbed):
    """MLA equals ordinary heads, and the absorbed form that caches latents only."""
    model = decoder(config).double()
    layer, x = model.layers[0].attention, torch.randn(14, 48, dtype=torch.double)
    turn = rotation(config, torch.arange(14)[None], x.dtype)
    expected = mla_expanded(layer, config, x, absorbed=absorbed)
    close(layer(x[None], turn, None)[0], expected)


def test_window_forgets_what_lies_behind_it():
    """In one layer, a window of 5 sees the token 4 before and not the one 5 before."""
    config = replace(GQA, layers=1, window=Window(5))
    model, ids = decoder(config), tokens(config, 1, 16)
    changed = ids.clone()
    changed[0, 6] = (ids[0, 6] + 1) % config.vocab_size
    moved = (model(ids).logits - model(changed).logits)[0].abs().amax(-1) > 1e-4
    assert moved.nonzero().flatten().tolist() == [6, 7, 8, 9, 10]


def test_layers_without_window_may_go_without_positions():
    """Where only windowed layers rotate, a full layer does not see the order."""
    window = Window(4, (False,), rope_elsewhere=False)
    model = decoder(replace(GQA, layers=1, window=window))
    ids = tokens(GQA, 1, 12)
    swapped = ids.clone()
    swapped[0, [2, 7]] = ids[0, [7, 2]]
    close(model(ids).logits[:, -1], model(swapped).logits[:, -1])


@pytest.mark.parametrize("window", [None, 3])
def test_packed_documents_are_the_mask_of_pairs(window):
    """Where documents begin says the same as a mask that compares all pairs."""
    documents = torch.tensor(
        [[0] * 4 + [1] * 5 + [-1] * 2, [0] * 11, [0, 1, 2] * 3 + [3, 3]]
    )
    packed = Packed.of(documents, window)
    row, column = torch.arange(11)[:, None], torch.arange(11)[None]
    seen = (column <= row) & (row - column < (window or 11))
    # a number that comes again is another document
    number = torch.cat(
        (torch.zeros(3, 1), (documents[:, 1:] != documents[:, :-1]).cumsum(1)), 1
    )
    same = number[:, :, None] == number[:, None, :]
    assert torch.equal(packed.allowed(3, 11), (seen & same)[:, None])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="the kernel is a GPU's")
def test_packed_attention_equals_a_mask_on_a_gpu():
    """The kernel's outputs and gradients are those of a mask, bfloat16's rounding apart."""
    documents = torch.arange(1152, device="cuda").div(200, rounding_mode="floor")
    packed = Packed.of(documents.expand(2, -1).contiguous(), None)
    q = torch.randn(2, 1152, 14, 64, device="cuda")
    k, v = torch.randn(2, 2, 1152, 2, 64, device="cuda")
    found = []
    for dtype in (torch.bfloat16, torch.float32):
        parts = [each.to(dtype).requires_grad_() for each in (q, k, v)]
        out = attend(*parts, mask=packed, scale=0.125).float()
        found.append((out, *torch.autograd.grad(out.square().sum(), parts)))
    for low, exact in zip(*found, strict=True):
        assert (low.float() - exact).norm() < 2e-2 * exact.norm()


def test_autocast_leaves_queries_and_keys_in_half_precision(monkeypatch):
    """RoPE's float32 does not reach the kernels, which want one type of all three."""
    seen = []

    def recording(q, k, v, **more):
        seen.append({q.dtype, k.dtype, v.dtype})
        return attend(q, k, v, **more)

    monkeypatch.setattr(attention, "attend", recording)
    with torch.autocast("cpu", torch.bfloat16):
        decoder(GQA)(tokens(GQA, 1, 8))
    assert seen
    assert all(types == {torch.bfloat16} for types in seen)
