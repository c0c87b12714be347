"""A model with a state instead of keys: it cannot forget a part of what it has read."""

import numpy as np
import pytest
from gguf import GGUFWriter, TokenType

from codeassist.engine.decode import Cancel, Evaluated, Model, Session, ThreadPolicy

WIDTH, INNER, STATE, RANK, KERNEL, VOCAB = 64, 128, 16, 4, 4, 288


@pytest.fixture(scope="module")
def mamba(tmp_path_factory):
    """A Mamba of one small layer with random weights, as a real GGUF."""
    path = tmp_path_factory.mktemp("mamba") / "tiny.gguf"
    writer = GGUFWriter(path, "mamba")
    writer.add_context_length(512)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_block_count(1)
    writer.add_ssm_conv_kernel(KERNEL)
    writer.add_ssm_inner_size(INNER)
    writer.add_ssm_state_size(STATE)
    writer.add_ssm_time_step_rank(RANK)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("llama")
    writer.add_add_space_prefix(False)
    pieces = [f"<0x{byte:02X}>" for byte in range(256)]
    words = [f"w{n}" for n in range(VOCAB - 256)]
    writer.add_token_list([*words, *pieces])
    writer.add_token_scores([0.0] * VOCAB)
    kinds = [TokenType.NORMAL] * len(words) + [TokenType.BYTE] * 256
    writer.add_token_types(kinds)
    random = np.random.default_rng(7)
    for name, shape in {
        "token_embd.weight": (VOCAB, WIDTH),
        "output_norm.weight": (WIDTH,),
        "blk.0.attn_norm.weight": (WIDTH,),
        "blk.0.ssm_in.weight": (2 * INNER, WIDTH),
        "blk.0.ssm_conv1d.weight": (INNER, KERNEL),
        "blk.0.ssm_conv1d.bias": (INNER,),
        "blk.0.ssm_x.weight": (RANK + 2 * STATE, INNER),
        "blk.0.ssm_dt.weight": (INNER, RANK),
        "blk.0.ssm_dt.bias": (INNER,),
        "blk.0.ssm_a": (INNER, STATE),
        "blk.0.ssm_d": (INNER,),
        "blk.0.ssm_out.weight": (WIDTH, INNER),
    }.items():
        values = random.normal(size=shape, scale=0.2).astype(np.float32)
        writer.add_tensor(name, -np.abs(values) if name.endswith("ssm_a") else values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Model(path)


@pytest.fixture
def session(mamba):
    """A fresh state."""
    return Session(mamba, n_ctx=256, threads=ThreadPolicy(1))


def test_it_goes_on_where_a_prompt_does(session):
    """A longer prompt costs what is new; a change in the middle costs everything."""
    prompt = [int(i) for i in np.arange(100) % 31]
    session.evaluate(prompt)

    assert session.evaluate([*prompt, 1, 2]).evaluated == 2
    assert session.evaluate([*prompt[:50], 30, 30]).evaluated == 52
    assert session.evaluate(prompt).evaluated == 100


def test_nothing_is_left_of_what_it_forgot(mamba, session):
    """After a prompt that had to go its logits are those of a fresh session."""
    prompt = [int(i) for i in np.arange(100) % 31]
    session.evaluate([3] * 80)
    session.evaluate(prompt)
    fresh = Session(mamba, n_ctx=256, threads=ThreadPolicy(1))
    fresh.evaluate(prompt)

    assert np.array_equal(session.logits(), fresh.logits())


def test_nothing_is_kept_of_a_step_that_was_aborted(mamba, session):
    """After a step that was stopped half-way its logits are those of a fresh session."""
    prompt = [int(i) for i in np.arange(100) % 31]
    session.evaluate(prompt[:50])
    unseen = Cancel()
    unseen.set()
    unseen.is_set = lambda: False  # it comes while the step is under way
    session.arm(unseen)
    assert session.evaluate(prompt, ahead=True) == Evaluated(50, 0, complete=False)
    session.arm(None)

    assert session.evaluate(prompt) == Evaluated(0, 100, complete=True)
    fresh = Session(mamba, n_ctx=256, threads=ThreadPolicy(1))
    fresh.evaluate(prompt)
    assert np.allclose(session.logits(), fresh.logits(), atol=1e-5)


def test_a_step_that_was_aborted_tells_no_time(session):
    """The next step is as large as before: a part of one says nothing of the whole."""
    size, unseen = session._steps.size, Cancel()
    unseen.set()
    unseen.is_set = lambda: False
    session.arm(unseen)
    session.evaluate([3] * 100, ahead=True)
    assert session._steps.size == size
    session.arm(None)
    session.evaluate([3] * 100)
    assert session._steps.size > size


def test_what_it_would_have_to_compute(session):
    """Of a prompt that leaves the one before it has all to compute."""
    prompt = [int(i) for i in np.arange(100) % 31]
    session.evaluate(prompt)

    assert session.missing([*prompt, 1, 2]) == 2
    assert session.missing([*prompt[:50], 30, 30]) == 52


def test_its_state_is_saved_and_restored(mamba, session, tmp_path):
    """The whole state goes through a file."""
    path = tmp_path / "state.kv"
    prompt = [int(i) for i in np.arange(100) % 31]
    session.evaluate(prompt)
    session.save(path)
    session.evaluate([*prompt, 5])
    expected = session.logits().copy()
    other = Session(mamba, n_ctx=256, threads=ThreadPolicy(1))

    assert other.restore(path) == 100
    assert other.evaluate([*prompt, 5]).evaluated == 1
    assert np.array_equal(other.logits(), expected)
