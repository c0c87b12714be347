"""How fast a model is on this machine: prompts, tokens, and all that is around them."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from codeassist.config import Settings
from codeassist.engine.completer import Completer
from codeassist.engine.decode import Greedy, Session
from codeassist.engine.decode.sampling import log_probability
from codeassist.engine.decode.threads import Load, machine_load
from codeassist.engine.request import Request
from codeassist.languages import of_path

from .cost import Speed

__all__ = ["PARTS", "measure", "measured_with"]

EXAMPLE = Path(__file__).parents[1] / "completer.py"
"""A real file of a usual size."""

TAILS = (1, 4, 8, 16)
"""Tokens at the end of a prompt whose beginning is cached."""

WINDOWS = (32, 96, 224, 480, 992, 2016)
"""Tokens of prompts of which nothing is cached: the ends of whole steps."""

LONGEST_S = 10.0
"""Nobody waits so long for an answer: larger windows are not measured."""

DEPTH = 480
"""Tokens before the tails, as in a usual prompt."""

REPEATS = 3
ENOUGH_S = 2.0
"""Each is measured up to three times, if that takes no longer; the quickest counts."""

DECODED = 8
"""Tokens that are decoded each time."""

REQUESTS = 5
"""Keystrokes whose cost beside the model is measured."""

TIME_LIMIT_MS = 60_000
N_CTX = 2560

Now = Callable[[], float]

PARTS = len(WINDOWS) + len(TAILS) + 2
"""Times that `measure` calls `tell`."""


def measured_with(settings: Settings, model: str) -> Settings:
    """Settings to open a model with for `measure`.

    Args:
        settings: Of the user: what of them a speed depends on stays.
        model: As `ModelSettings.id` names it.
    """
    return replace(settings, model=replace(settings.model, id=model, n_ctx=N_CTX))


def measure(
    completer: Completer,
    tell: Callable[[], object] = lambda: None,
    now: Now = time.perf_counter,
) -> Speed:
    """Measure a model that nobody else uses meanwhile; its cache is empty afterwards.

    It takes seconds for a small model, and half a minute for one that is too slow.

    Args:
        completer: With settings from `measured_with`.
        tell: Called after each of `PARTS`.
        now: The clock. That of the process, with one thread, measures a busy machine as
            if it were quiet.
    """
    clock = _Clock(completer.session, now)
    begun = machine_load()
    prompt: list[tuple[int, float]] = []
    completer.forget()
    clock.evaluate(WINDOWS[0])  # the weights come into memory
    for n in WINDOWS:
        if n <= clock.most and 2 * _last(prompt) <= LONGEST_S:
            prompt.append((n, _quickest(clock.window, n)))
        tell()
    clock.window(min(DEPTH, clock.most))
    for n in TAILS:
        prompt.append((n, _quickest(clock.evaluate, n)))
        tell()
    token_s = _quickest(clock.decode, DECODED) / DECODED
    tell()
    speed = Speed(_rising(prompt), token_s, overhead_s=0.0, others=_others(begun))
    for _ in _overheads(completer, speed, now):
        pass  # so that the window is cached, and the gates have parsed the file
    speed = replace(speed, overhead_s=median(_overheads(completer, speed, now)))
    completer.forget()
    tell()
    return speed


def _quickest(seconds_of: Callable[[int], float], n: int) -> float:
    took: list[float] = []
    while len(took) < REPEATS and sum(took) < ENOUGH_S:
        took.append(seconds_of(n))
    return min(took)


def _others(begun: Load) -> float:
    """Cores that other programs kept busy since then."""
    ended = machine_load()
    others = (ended.all - begun.all) - (ended.own - begun.own)
    return max(0.0, others / (ended.at - begun.at))


def _last(prompt: list[tuple[int, float]]) -> float:
    return prompt[-1][1] if prompt else 0.0


def _rising(prompt: list[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """By tokens; fewer never take longer, so a time that was disturbed gives way."""
    rising: list[tuple[int, float]] = []
    least = math.inf
    for n, seconds in sorted(prompt, reverse=True):
        least = min(least, seconds)
        rising.append((n, least))
    return tuple(reversed(rising))


class _Clock:
    """Times steps of a session over the tokens of a real file."""

    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now
        tokens = session.model.vocab.tokenize(_text())
        longest = WINDOWS[-1] + REPEATS * (sum(TAILS) + DECODED) + 1
        self._tokens = tokens * (1 + longest // len(tokens))
        self.most = session.n_ctx - (longest - WINDOWS[-1])
        """Tokens of the longest prompt that leaves room for the rest."""

    def window(self, n: int) -> float:
        """Seconds of a prompt of `n` tokens, nothing cached."""
        self._session.clear()
        return self.evaluate(n)

    def evaluate(self, n: int) -> float:
        """Seconds of `n` tokens behind those that are cached."""
        prompt = self._tokens[: len(self._session.cached) + n]
        started = self._now()
        cost = self._session.evaluate(prompt)
        took = self._now() - started
        assert cost.evaluated == n
        return took

    def decode(self, n: int) -> float:
        """Seconds of `n` tokens, as `Generation` decodes them."""
        at = len(self._session.cached)
        started = self._now()
        for token in self._tokens[at : at + n]:
            self._session.extend(token)
            logits = self._session.logits()
            log_probability(logits, Greedy().choose(logits))
        return self._now() - started


def _text() -> str:
    return EXAMPLE.read_text("utf-8")


def _overheads(completer: Completer, speed: Speed, now: Now) -> Iterator[float]:
    """Seconds of keystrokes in a real file, without those of prompt and decoding."""
    before, typed, after = _text().partition("def complete(")
    for n in range(len(typed) - REQUESTS, len(typed)):
        request = Request(
            before + typed[:n],
            after,
            EXAMPLE.name,
            of_path(EXAMPLE.name),
            max_tokens=2,
            time_limit_ms=TIME_LIMIT_MS,
            automatic=True,
        )
        started = now()
        timings = completer.complete(request).timings
        took = now() - started
        prompt_s = speed.prompt_s(timings.evaluated)
        yield max(0.0, took - prompt_s - timings.generated * speed.token_s)
