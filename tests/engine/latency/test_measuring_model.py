"""Measuring a real model, and what its prediction is worth."""

import time
from pathlib import Path
from statistics import median

import pytest

import codeassist.engine
from codeassist.config import Settings, merge
from codeassist.engine import Request, open_runtime
from codeassist.engine.latency import Case, kept, measuring
from codeassist.engine.latency.kept import Setup
from codeassist.engine.latency.measuring import PARTS, measure, measured_with
from codeassist.errors import ModelMissingError
from codeassist.languages import of_path
from tests.conftest import absent

pytestmark = pytest.mark.model

ONE_THREAD = merge(Settings(), {"model": {"threads": 1}}, "test")
"""Its processor time is what a quiet machine would take, however busy this one is."""


@pytest.fixture(scope="module")
def completer():
    """The small model."""
    try:
        runtime = open_runtime(measured_with(ONE_THREAD, "smollm2-135m"))
    except ModelMissingError as error:
        absent(str(error))
    return runtime.completer


@pytest.fixture(scope="module")
def told():
    """What was told while measuring."""
    return []


@pytest.fixture(scope="module")
def speed(completer, told):
    """Its speed here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "LONGEST_S", 1.0)  # no windows that take long
        return measure(completer, lambda: told.append(1), time.process_time)


def test_a_calibration_measures_what_is_needed(speed, told, tmp_path):
    """Times of a token, of prompts and of what is around them, which can be kept."""
    setup = Setup("smollm2", "", 2, 0, "cpu", "0")
    kept.write(setup, speed, tmp_path)

    assert kept.read(setup, tmp_path) == speed
    assert len(told) == PARTS
    assert [n for n, _ in speed.prompt][:5] == [1, 4, 8, 16, 32]
    assert [seconds for _, seconds in speed.prompt] == sorted(
        dict(speed.prompt).values()
    )
    assert speed.prompt_s(1) < speed.prompt[-1][1]
    assert speed.overhead_s < 1


def test_typing_takes_what_was_predicted(completer, speed):
    """The prediction of a keystroke is within a factor of two of real ones."""
    text = Path(codeassist.engine.__file__).with_name("request.py").read_text()
    before, typed, after = text.partition("class Completion:")
    took, predicted = [], []
    for n in range(len(typed)):
        request = Request(
            before + typed[:n], after, "x.py", of_path("x.py"), time_limit_ms=60_000
        )
        started = time.process_time()
        timings = completer.complete(request).timings
        if n:  # the first one evaluates the window
            took.append(time.process_time() - started)
            case = Case(timings.evaluated, timings.generated)
            predicted.append(speed.answer_s(case))

    assert 0.5 < median(predicted) / median(took) < 2
