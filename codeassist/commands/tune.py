"""`codeassist tune`: measure this machine once, and choose what answers in time."""

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import NoReturn

from tqdm import tqdm

from codeassist.config import Settings, config_dir
from codeassist.engine import open_runtime
from codeassist.engine.latency import (
    TYPING,
    Candidate,
    Choice,
    Speed,
    candidates,
    choose,
    kept,
    milliseconds,
    too_slow,
)
from codeassist.engine.latency.measuring import PARTS, measure, measured_with
from codeassist.errors import ConfigError, ModelError

from .options import settings_of, working_folder

__all__ = ["run"]

USUAL_MS = 400
"""A target where none is set."""

SHOWN = (32, 96, 224, 480, 992)
"""Tokens of prompts whose speed is shown."""

BUSY = 0.5
"""Cores that other programs used meanwhile: the next run measures such a model again."""


@dataclass(frozen=True, slots=True)
class _Measured:
    """A model with its speed."""

    candidate: Candidate
    speed: Speed
    before: bool
    """Whether it was measured by an earlier run."""


def run(args: argparse.Namespace) -> int:
    """Measure what is not measured yet, and print it with the choice.

    Raises:
        ConfigError: a target that is none.
        ModelError: no model can be measured.
    """
    settings = settings_of(args, working_folder())
    target_ms = args.latency_ms
    if target_ms is None:
        target_ms = settings.completion.latency_ms or USUAL_MS
    if target_ms <= 0:
        msg = f"--latency-ms must be above 0, not {target_ms}"
        raise ConfigError(msg)
    measured = _all(settings, again=args.again)
    speeds = [(each.candidate.name, each.speed) for each in measured]
    choice = choose(speeds, target_ms, settings, settings.named)
    if args.json:
        print(json.dumps(_as_json(measured, choice, target_ms)))
    else:
        print(
            "\n".join(
                [*_table(measured), "", *_words(measured, choice, target_ms, settings)]
            )
        )
    return 0


def _all(settings: Settings, *, again: bool) -> list[_Measured]:
    """Every candidate that can be measured; one that cannot is told of.

    Each is kept as soon as it is measured: an interrupted run goes on where it was.
    """
    measured: list[_Measured] = []
    failed: ModelError | None = None
    for each in candidates(settings):
        setup = each.setup(settings)
        speed = None if again else kept.read(setup)
        if speed is not None and speed.others <= BUSY:
            measured.append(_Measured(each, speed, before=True))
            continue
        try:
            speed = _measure(settings, each)
        except ModelError as error:
            failed = error
            sys.stderr.write(f"codeassist: {each.name} is left out: {error}\n")
            continue
        _keep(setup, speed)
        measured.append(_Measured(each, speed, before=False))
    if not measured and failed is not None:
        raise failed
    return measured


def _keep(setup: kept.Setup, speed: Speed) -> None:
    try:
        kept.write(setup, speed)
    except OSError as error:  # what was measured is worth being shown all the same
        why = error.strerror or error
        sys.stderr.write(f"codeassist: {kept.folder()} cannot be written ({why})\n")


def _measure(settings: Settings, candidate: Candidate) -> Speed:
    runtime = open_runtime(measured_with(settings, candidate.model))
    bar: tqdm[NoReturn]
    with tqdm(
        total=PARTS, desc=candidate.name, unit="part", leave=False, disable=None
    ) as bar:
        return measure(runtime.completer, bar.update)


def _table(measured: Sequence[_Measured]) -> Iterator[str]:
    """Columns under their headers; names to the left, numbers to the right."""
    head = ["MODEL", *(f"{n} TOKENS" for n in SHOWN), "MS/TOKEN", "OVERHEAD", "TYPING"]
    rows = [head, *(_row(each) for each in measured)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *cells in rows:
        right = [c.rjust(w) for c, w in zip(cells, widths[1:], strict=True)]
        yield "  ".join([name.ljust(widths[0]), *right])
    yield "prompts of so many tokens: tokens/s; overhead and typing on: ms"


def _row(measured: _Measured) -> list[str]:
    speed = measured.speed
    known = dict(speed.prompt)
    return [
        measured.candidate.name,
        *(f"{n / known[n]:.0f}" if n in known else "-" for n in SHOWN),
        f"{1000 * speed.token_s:.1f}",
        f"{1000 * speed.overhead_s:.1f}",
        f"{1000 * speed.answer_s(TYPING):.0f}",
    ]


def _words(
    measured: Sequence[_Measured], choice: Choice, target_ms: int, settings: Settings
) -> Iterator[str]:
    """The choice, and what to do with it."""
    sizes = choice.sizes
    if choice.meets:
        yield (
            f"for {target_ms} ms: {choice.model}, which takes {milliseconds(choice)}"
        )
    else:
        yield too_slow(choice, target_ms)
    yield ", ".join(f"{name} = {value}" for name, value in asdict(sizes).items())
    if any(each.before for each in measured):
        yield "some speeds are of an earlier run; --again measures all of them"
    if any(each.speed.others > BUSY for each in measured):
        yield (
            "other programs used the processor, so this is too slow: run `codeassist "
            "tune` again when the machine is quiet"
        )
    if target_ms == settings.completion.latency_ms:
        return
    yield (
        f"to complete so, write latency_ms = {target_ms} under [completion] in "
        f"{config_dir() / 'config.toml'}"
    )


def _as_json(
    measured: Sequence[_Measured], choice: Choice, target_ms: int
) -> dict[str, object]:
    """Everything that a script may want; seconds as they were measured."""
    return {
        "latency_ms": target_ms,
        "models": [
            {
                "id": each.candidate.name,
                "measured_before": each.before,
                "speed": asdict(each.speed),
                "typing_ms": round(1000 * each.speed.answer_s(TYPING), 1),
            }
            for each in measured
        ],
        "choice": {
            name: None if value == math.inf else value
            for name, value in asdict(choice).items()
        },
    }
