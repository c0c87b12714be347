"""Several prompts in one cache of a real model, and on disk."""

import numpy as np
import pytest

from codeassist.engine.decode import Generation, Greedy, Session, ThreadPolicy
from codeassist.engine.decode.sequences import Sequences

pytestmark = pytest.mark.model

N_CTX = 1024


@pytest.fixture
def small(qwen):
    """A cache with room for two prompts of 400 tokens, not for three."""
    return Session(qwen, n_ctx=N_CTX, threads=ThreadPolicy(1))


@pytest.fixture(scope="module")
def prompts(qwen):
    """Prompts of 400 tokens that share nothing, by name."""

    def prompt(name):
        lines = (f"def {name}_{n}(x):\n    return x + {n}\n\n" for n in range(60))
        return qwen.vocab.tokenize("".join(lines))[:400]

    return {name: prompt(name) for name in ("area", "total", "index")}


def answer(session, n=6):
    """The next tokens after what is evaluated."""
    tokens = Generation(session, sampler=Greedy(), ends=frozenset(), max_tokens=n)
    return [token.id for token in tokens]


def test_back_in_a_file_only_the_tail_is_evaluated(small, prompts):
    """A, B, A: the second A costs its last token, and says what the first one said."""
    a, b = prompts["area"], prompts["total"]
    small.evaluate(a)
    first = answer(small)
    assert small.evaluate(b).evaluated >= len(b) - 2  # both begin with "def"
    cost = small.evaluate(a)

    assert (cost.reused, cost.evaluated) == (len(a) - 1, 1)
    assert answer(small) == first


def test_a_copied_beginning_is_as_good_as_its_own(qwen, small, prompts):
    """Logits behind shared cells are those behind a cut; a fresh session's but for noise.

    Steps of other sizes sum in another order, which at four bits moves logits by some
    per cent of their spread.
    """
    long = prompts["area"]
    turn = [*long[:200], *prompts["index"][:30]]
    small.evaluate(long)
    assert small.evaluate(turn).reused == 200
    copied = small.logits().copy()
    assert small.evaluate(long).evaluated == 1  # both are there

    alone = Session(qwen, n_ctx=N_CTX, threads=ThreadPolicy(1))
    alone._sequences = Sequences(alone._cells, 1)
    alone.evaluate(long)
    assert alone.evaluate(turn).reused == 200
    cut = alone.logits().copy()
    alone.clear()
    alone.evaluate(turn)
    fresh = alone.logits().copy()

    assert np.allclose(copied, cut, atol=1e-3)
    assert copied.argmax() == fresh.argmax()
    assert np.sqrt(np.mean((copied - fresh) ** 2)) < 0.05 * fresh.std()


def test_cells_run_out(small, prompts):
    """Three prompts that do not fit together are all answered; the oldest is gone."""
    answers = {}
    for name, prompt in prompts.items():
        assert small.evaluate(prompt).complete
        answers[name] = answer(small)

    assert small.evaluate(prompts["index"]).evaluated == 1
    assert small.evaluate(prompts["total"]).evaluated == 1
    assert small.evaluate(prompts["area"]).evaluated > 300
    assert answer(small) == answers["area"]


def test_one_prompt_may_take_every_cell(small, prompts):
    """A prompt of nearly the whole context fits, whatever was there before it."""
    small.evaluate(prompts["index"])
    whole = [*prompts["area"], *prompts["total"], *prompts["index"]][: N_CTX - 1]

    assert small.evaluate(whole).complete


def test_save_and_restore(qwen, small, prompts, tmp_path):
    """Another session reads the file and goes on as the first one did."""
    path = tmp_path / "header.kv"
    prompt = prompts["area"]
    small.evaluate(prompt)
    expected = answer(small)
    small.evaluate(prompt)
    size = small.save(path)

    other = Session(qwen, n_ctx=N_CTX, threads=ThreadPolicy(1))
    restored = other.restore(path)
    cost = other.evaluate(prompt)

    assert size == path.stat().st_size
    assert restored == len(prompt)
    assert (cost.reused, cost.evaluated) == (len(prompt) - 1, 1)
    assert answer(other) == expected


def test_restoring_makes_room(small, prompts, tmp_path):
    """A full cache gives up its oldest prompts for the one on disk."""
    path = tmp_path / "header.kv"
    small.evaluate(prompts["area"])
    small.save(path)
    small.clear()
    small.evaluate(prompts["total"])
    small.evaluate(prompts["index"])

    assert small.restore(path) == len(prompts["area"])
    assert small.evaluate(prompts["area"]).evaluated == 1
    assert small.evaluate(prompts["index"]).evaluated == 1


def test_a_snapshot_of_another_model_or_context(qwen, smollm, small, prompts, tmp_path):
    """It is refused, and the session goes on as if nothing had been there."""
    path = tmp_path / "header.kv"
    small.evaluate(prompts["area"])
    small.save(path)

    assert Session(smollm, n_ctx=N_CTX).restore(path) == 0
    assert Session(qwen, n_ctx=512).restore(path) == 0
    path.write_bytes(path.read_bytes()[:-1])
    assert small.restore(path) == 0
    assert small.evaluate(prompts["area"]).evaluated == 1


def test_nothing_to_save(small, tmp_path):
    """An empty cache is not written."""
    assert small.save(tmp_path / "empty.kv") == 0
    assert not list(tmp_path.iterdir())
