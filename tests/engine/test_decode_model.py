"""The decode room over real weights: reuse, cancelling, limits, adapters."""

import threading
import time

import numpy as np
import pytest

from codeassist.engine.decode import (
    Cancel,
    Generation,
    Greedy,
    Model,
    Sampled,
    Session,
    Stop,
    ThreadPolicy,
)
from codeassist.engine.decode.steps import FIRST
from codeassist.errors import AdapterError, ContextTooSmallError, ModelFileError

pytestmark = pytest.mark.model

CODE = "def area(width, height):\n    return width * height\n\n\n"


def greedy(session, n=8):
    """The next tokens after what is evaluated."""
    tokens = Generation(session, sampler=Greedy(), ends=frozenset(), max_tokens=n)
    return [token.id for token in tokens]


def test_common_prefix_is_not_evaluated_again(session, qwen):
    """A prompt that shares its beginning with the last one costs only its end."""
    first = qwen.vocab.tokenize(CODE * 20)
    second = [*first[:-5], *qwen.vocab.tokenize("print(area(")]

    session.evaluate(first)
    cost = session.evaluate(second)

    assert cost.complete
    assert cost.reused == len(first) - 5
    assert cost.evaluated == len(second) - cost.reused


def test_reused_cache_gives_the_same_answer(qwen):
    """Logits after a reused beginning do not depend on what stood behind it."""
    common = qwen.vocab.tokenize(CODE * 8)
    end = qwen.vocab.tokenize("print(area(")

    def after(detour):
        session = Session(qwen, n_ctx=1024, threads=ThreadPolicy(1))
        session.evaluate([*common, *qwen.vocab.tokenize(detour)])
        cost = session.evaluate([*common, *end])
        assert cost.reused == len(common)
        return session.logits().copy()

    one, other = after("x = area(1, 2)"), after("import os, sys, re")

    assert np.array_equal(one, other)


def test_same_prompt_twice_evaluates_one_token(session, qwen):
    """The last token is evaluated again for its logits, nothing else is."""
    prompt = qwen.vocab.tokenize(CODE * 4)
    session.evaluate(prompt)

    assert session.evaluate(prompt).evaluated == 1


def test_cancelled_prompt_stops_soon_and_keeps_its_cache(session, qwen):
    """Cancel stops a long prompt behind the step under way, and what was done is reused."""
    prompt = qwen.vocab.tokenize(CODE * 90)[:1800]
    cancel = Cancel()

    def stop():
        while len(session.cached) < FIRST:
            pass
        cancel.set()

    session.arm(cancel)
    thread = threading.Thread(target=stop)
    thread.start()
    first = session.evaluate(prompt)
    thread.join()
    session.arm(None)

    assert not first.complete
    assert FIRST <= first.evaluated < len(prompt)
    assert session.evaluate(prompt).reused == first.evaluated


def test_cancel_stops_generation(session, qwen):
    """Cancel ends a running generation, which says so."""
    session.evaluate(qwen.vocab.tokenize(CODE))
    cancel = Cancel()
    generation = Generation(
        session, sampler=Greedy(), ends=frozenset(), max_tokens=500, cancel=cancel
    )
    seen = 0
    for _ in generation:
        seen += 1
        if seen == 3:
            cancel.set()

    assert generation.stop is Stop.CANCELLED
    assert seen == 3


@pytest.mark.parametrize("unfinished", [False, True])
def test_an_end_that_comes_too_soon(session, qwen, unfinished):
    """Where the answer is not finished, the likeliest token that ends nothing comes."""
    prompt = qwen.vocab.tokenize(CODE)
    session.evaluate(prompt)
    end, *_ = Generation(session, sampler=Greedy(), ends=frozenset(), max_tokens=1)
    session.evaluate(prompt)
    generation = Generation(
        session, sampler=Greedy(), ends=frozenset({end.id}), max_tokens=1
    )
    generation.unfinished = lambda: unfinished
    tokens = list(generation)

    assert [token.id == end.id for token in tokens] == [False] * unfinished
    assert (generation.stop is Stop.END_TOKEN) == (not unfinished)


def test_late_cancel_hurts_nobody(session, qwen):
    """A cancel that comes after its request does not stop the next one."""
    late = Cancel()
    session.arm(late)
    session.evaluate(qwen.vocab.tokenize("a = 1\n"))
    session.arm(None)
    late.set()

    assert session.evaluate(qwen.vocab.tokenize(CODE)).complete


def test_deadline_returns_what_there_is(session, qwen):
    """A generation whose time is up ends with the tokens it has."""
    session.evaluate(qwen.vocab.tokenize(CODE))
    generation = Generation(
        session,
        sampler=Greedy(),
        ends=frozenset(),
        max_tokens=500,
        deadline=time.monotonic() + 0.3,
    )

    assert 0 < len(list(generation)) < 500
    assert generation.stop is Stop.TIME_LIMIT


def test_full_context_ends_the_generation(qwen):
    """Generating to the end of the context is no error."""
    small = Session(qwen, n_ctx=256)
    small.evaluate((qwen.vocab.tokenize(CODE) * 40)[:250])
    generation = Generation(small, sampler=Greedy(), ends=frozenset(), max_tokens=50)

    assert 0 < len(list(generation)) < 10
    assert generation.stop is Stop.CONTEXT_FULL


def test_prompt_beyond_the_context_is_refused(qwen):
    """A prompt that does not fit says which setting to change."""
    small = Session(qwen, n_ctx=256)

    with pytest.raises(ContextTooSmallError, match=r"raise model\.n_ctx"):
        small.evaluate(qwen.vocab.tokenize(CODE * 40))


def test_log_probabilities_are_probabilities(session, qwen):
    """They agree with a softmax in double precision, and greedy picks the largest."""
    session.evaluate(qwen.vocab.tokenize(CODE + "print(area("))
    logits = session.logits().astype(np.float64)
    p = np.exp(logits - logits.max())
    p /= p.sum()
    token = next(
        iter(Generation(session, sampler=Greedy(), ends=frozenset(), max_tokens=1))
    )

    assert token.id == p.argmax()
    assert token.logprob == pytest.approx(np.log(p[token.id]), abs=1e-3)


def test_sampling_is_reproducible(session, qwen):
    """The same seed draws the same tokens, another seed others."""
    prompt = qwen.vocab.tokenize("# a short poem about tensors\n# ")

    def draw(seed):
        session.clear()  # what is reused is computed in other steps, and rounded so
        session.evaluate(prompt)
        sampler = Sampled(temperature=1.5, seed=seed)
        tokens = Generation(session, sampler=sampler, ends=frozenset(), max_tokens=12)
        return [token.id for token in tokens]

    assert draw(1) == draw(1)
    assert len({tuple(draw(seed)) for seed in range(4)}) > 1


def test_adapter_changes_the_answer(qwen, shared):
    """A real adapter is loaded over the base, and the model speaks differently."""
    adapted = Model(qwen.path, adapter=shared / "field" / "proof-fim-lora-0.5b.gguf")
    prompt = qwen.vocab.tokenize("<|fim_prefix|>x")
    plain, lora = Session(qwen, n_ctx=256), Session(adapted, n_ctx=256)
    plain.evaluate(prompt)
    lora.evaluate(prompt)

    assert np.abs(plain.logits() - lora.logits()).max() > 0.1
    assert greedy(lora)


def test_adapter_of_another_model_is_refused(smollm, shared):
    """An adapter for another architecture gives an error, not an abort."""
    with pytest.raises(AdapterError, match="made for architecture qwen2"):
        Model(smollm.path, adapter=shared / "field" / "proof-fim-lora-0.5b.gguf")


def test_model_as_adapter_is_refused(qwen, smollm):
    """Weights given as an adapter are told apart from one."""
    with pytest.raises(AdapterError, match="not a LoRA adapter but a model"):
        Model(qwen.path, adapter=smollm.path)


def test_truncated_model_is_refused(smollm, tmp_path):
    """A GGUF that was cut short is refused with llama.cpp's reason in one line."""
    short = tmp_path / "short.gguf"
    short.write_bytes(smollm.path.read_bytes()[:50_000_000])

    with pytest.raises(ModelFileError, match="corrupted or incomplete") as caught:
        Model(short)

    assert "\n" not in str(caught.value)


def test_loading_can_be_aborted(qwen):
    """A progress callback that says False ends the loading with an error."""
    seen = []

    def stop(part):
        seen.append(part)
        return False

    with pytest.raises(ModelFileError):
        Model(qwen.path, progress=stop)

    assert len(seen) == 1
