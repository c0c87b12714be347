"""Time from a keystroke to its answer behind 2,000 tokens, over that of bare decoding.

The trailing underscore keeps the standard library's `typing` importable from here.
"""

import importlib.util
import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from harness import model, settings, verdict
from tqdm import tqdm

from codeassist import config
from codeassist.engine import Answer, Request, Stop
from codeassist.engine.completer import Completer
from codeassist.engine.decode import Session
from codeassist.engine.runtime import open_runtime
from codeassist.languages import of_path

BAR = 1.0
TAIL = 8
"""Tokens whose evaluation is the allowance for what was typed."""

PLACES, KEYS = 6, 12
NO_LIMIT_MS = 600_000
"""Not even a prompt on a busy machine is cut short."""

SEED = 2511_05
PROMPT = (2000, 1800, 400)
"""Tokens: the least that a prompt here must have, and the settings that give it."""

SOURCE = "argparse"
"""A module of the standard library, some 100,000 characters long."""

FROM, TO = 40_000, 80_000
"""Characters of it that the places are chosen from."""


@dataclass(frozen=True, slots=True)
class Key:
    """What one keystroke cost."""

    ours: float
    """Seconds to the answer."""

    bare: float
    """Seconds of evaluating eight tokens and of the answer's own steps."""

    answer: Answer


def main() -> int:
    completer = _completer()
    keys: list[Key] = []
    for arrival, *typed in tqdm(list(_places()), "places"):
        completer.complete(arrival)
        keys += [_press(completer, request) for request in typed]
    return _report(keys)


def _press(completer: Completer, request: Request) -> Key:
    """One keystroke: our answer, then the bare steps from the same state."""
    prompt = completer.plan(request).prompt.tokens
    if len(prompt) < PROMPT[0]:
        msg = f"a prompt of {len(prompt)} tokens only"
        raise SystemExit(msg)
    begun = time.perf_counter()
    answer = completer.complete(request)
    ours = time.perf_counter() - begun
    return Key(ours, _bare(completer.session, prompt, answer), answer)


def _completer() -> Completer:
    """The default model with a large window, and its own choice of threads."""
    completion = {"prefix_tokens": PROMPT[1], "suffix_tokens": PROMPT[2]}
    own = settings(model())
    told = config.merge(config.Settings(), {"completion": completion}, "bench")
    return open_runtime(replace(told, model=own.model)).completer


def _places() -> Iterator[list[Request]]:
    """Lines of code in the middle of a file; of each some characters are typed.

    In every second one the line goes on behind the cursor, as when an expression is
    mended. The first request of a place finds the cursor there: its prompt is new.
    """
    spec = importlib.util.find_spec(SOURCE)
    if spec is None or spec.origin is None:
        msg = f"the standard library's {SOURCE} has no source here"
        raise SystemExit(msg)
    path = Path(spec.origin)
    text = path.read_text(encoding="utf-8")
    starts = [
        start
        for start in _line_starts(text)
        if FROM < start < TO and 30 < len(_line(text, start).strip()) < 70
    ]
    chosen = random.Random(SEED).sample(starts, PLACES)
    for number, start in enumerate(sorted(chosen)):
        line = _line(text, start)
        end = len(line) if number % 2 else 3 * len(line) // 4
        after = text[start + end :]
        yield [
            Request(
                before=text[: start + typed],
                after=after,
                path=path.name,
                language=of_path(path.name),
                time_limit_ms=NO_LIMIT_MS,
            )
            for typed in range(end - KEYS, end + 1)
        ]


def _line_starts(text: str) -> list[int]:
    return [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]


def _line(text: str, start: int) -> str:
    return text[start : text.find("\n", start)]


def _bare(session: Session, prompt: list[int], answer: Answer) -> float:
    """Seconds for eight tokens and the answer's own steps, and nothing else.

    The first token's logits come with the eight, so an answer of n tokens takes n - 1
    steps, and one more where the model itself ended it.
    """
    session.evaluate(prompt[:-TAIL])
    steps = answer.timings.generated - 1
    if answer.completions and answer.completions[0].stop is Stop.END_TOKEN:
        steps += 1
    begun = time.perf_counter()
    session.evaluate(prompt)
    for _ in range(steps):
        session.extend(int(session.logits().argmax()))
    return time.perf_counter() - begun


def _report(keys: list[Key]) -> int:
    ours = [1000 * key.ours for key in keys]
    timings = [key.answer.timings for key in keys]
    print(f"{len(keys)} keys typed in {PLACES} lines of {SOURCE}.py")
    for name, values in {
        "ms to the answer": ours,
        "ms bare": [1000 * key.bare for key in keys],
        "tokens reused": [each.reused for each in timings],
        "tokens evaluated": [each.evaluated for each in timings],
        "tokens of the answer": [each.generated for each in timings],
        "ours over bare": [key.ours / key.bare for key in keys],
    }.items():
        low, half, high = np.percentile(values, (5, 50, 95))
        print(f"{name}: p50 {half:.4g}, p95 {high:.4g} (p5 {low:.4g})")
    ratio = statistics.median(ours) / statistics.median(1000 * key.bare for key in keys)
    return verdict("typing", f"{ratio:.3f}", f"<= {BAR:.2f}", holds=ratio <= BAR)


if __name__ == "__main__":
    sys.exit(main())
