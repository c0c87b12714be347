"""All scores of a system's answers to one hole: by their text, and by running them."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from codeassist.evaluate.executing import (
    NO_INTERPRETER,
    WRONG_OUTPUT,
    Verdict,
    run_check,
)
from codeassist.evaluate.hole import Check, Hole, Output
from codeassist.evaluate.sets import cut

from .metrics import text_scores
from .passk import pass_at_k

__all__ = ["scores"]

KS = (1, 5, 10, 100)
FAILED_TESTS = (WRONG_OUTPUT, "AssertionError")
"""Errors of programs that came to a result."""


def scores(hole: Hole, outputs: Sequence[Output]) -> Mapping[str, float]:
    """Means over the samples; a metric that does not apply is absent.

    Raises:
        SandboxError: the hole has a check, and there is no sandbox on this machine.
    """
    texts = [output.text for output in outputs]
    found = _means([text_scores(hole, text) for text in texts])
    if hole.check is not None:
        found |= _run(hole.check, cut(hole, hole.middle), [cut(hole, t) for t in texts])
    return found


def _means(samples: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for sample in samples for name in sample)
    return {
        name: fmean(sample[name] for sample in samples if name in sample)
        for name in names
    }


def _run(check: Check, reference: str, texts: Sequence[str]) -> dict[str, float]:
    # the same text again brings the same verdict
    known = {text: run_check(check, text) for text in dict.fromkeys(texts)}
    verdicts = [known[text] for text in texts]
    if any(verdict.error == NO_INTERPRETER for verdict in verdicts):
        return {}
    n, passed = len(verdicts), sum(verdict.passed for verdict in verdicts)
    found = {f"pass@{k}": pass_at_k(n, passed, k) for k in KS if k <= n}
    errors = (v.error is not None and v.error not in FAILED_TESTS for v in verdicts)
    found["runtime_error"] = fmean(errors)
    if passed and reference.strip():
        found |= _efficiency(run_check(check, reference), verdicts)
    return found


def _efficiency(reference: Verdict, verdicts: Sequence[Verdict]) -> dict[str, float]:
    """CPU time of the reference over that of the answers that pass."""
    ours = [verdict.cpu_s for verdict in verdicts if verdict.passed]
    if not reference.passed or not all(ours):
        return {}
    return {"efficiency": reference.cpu_s / fmean(ours)}
