"""Ctrl-C ends what llama.cpp is in the middle of; in its callbacks it would be lost."""

import os
import signal

import pytest

from codeassist.quantize.quantiser import quantise
from codeassist.quantize.running import Runner


@pytest.fixture
def interrupts():
    """Give what interrupts this process the first time it is called."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    calls = []

    def interrupt(*_told):
        calls.append(_told)
        if len(calls) == 1:
            os.kill(os.getpid(), signal.SIGINT)

    yield interrupt
    signal.signal(signal.SIGINT, before)


def test_a_quantiser_that_is_interrupted_leaves_nothing(models, tmp_path, interrupts):
    """It stops in the middle, nothing stands at the target, and it can begin anew."""
    _, path = models("llama")
    target = tmp_path / "q.gguf"
    with pytest.raises(KeyboardInterrupt):
        quantise(path, target, "Q8_0", progress=interrupts)
    assert not [*tmp_path.iterdir()]
    assert quantise(path, target, "Q8_0").types["Q8_0"]


def test_a_text_that_is_interrupted_is_given_up(models, interrupts):
    """What is seen of a model's activations does not swallow the interrupt."""
    _, path = models("llama")
    with (
        Runner(path, tokens=64, watch=interrupts) as runner,
        pytest.raises(KeyboardInterrupt),
    ):
        runner.logits(range(300, 340))
