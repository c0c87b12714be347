"""How much a fine-tuning does: its estimate, and the recipe that follows from it."""

import contextlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import product

from codeassist.decoder import DecoderConfig
from codeassist.errors import DiskSpaceError, MemoryShortError, TrainingError
from codeassist.finetune import ExampleMixture
from codeassist.finetune.beside import GENERIC, HISTORY
from codeassist.finetune.building import draw_of
from codeassist.finetune.cuts import PLAIN
from codeassist.finetune.material import Material
from codeassist.training.fim_data import FimRecipe
from codeassist.training.loop import LoopSettings
from codeassist.training.loop.settings import DType
from codeassist.training.lora import LoraParts
from codeassist.training.packed import Prepared
from codeassist.training.recipe import BaseRecipe, DataRecipe, Recipe
from codeassist.whole import write_text

from .finetune_job import Job
from .train_plan import Plan, make_plan

__all__ = [
    "HELD_OUT",
    "LENGTH",
    "SEED",
    "Sizes",
    "history_of",
    "keep",
    "kept",
    "mixture_of",
    "recipe_of",
    "sized",
    "timed",
]

LENGTH = 1152
"""Tokens of a row: three or four examples, or one with other files."""

ROWS_PER_STEP = 2
LEAST_STEPS = 4
LOOKS = 5
"""At the held-out rows at the most, each with a saved state to come back to."""

STEPS_PER_LOOK = 4
SAVE_SECONDS = 240
"""Between states: so much is lost by a kill at the most."""

HELD_OUT = 24
"""Examples whose loss says which state is best."""

EPOCHS = 3
"""At the most: then a repository is learned by heart."""

TRAINING = 0.5
"""Share of the budget; the rest is for preparing and for the proof."""

PER_HOLE = 15.0
"""Seconds of the budget for each hole that is judged by: it is filled before and after,
and half as many of other code are, too."""

DOUBT = 4
"""So many times faster the machine may be than it seemed for a second; then some real
steps are timed."""

SPARE = 2
"""So many times the examples that the steps seem to need: they may come to be more, and
fresh ones teach more than old ones again."""

PER_ROW = 3.5
"""Examples, about."""

CHARACTERS = 150
"""Of the repository for each example, at the least: closer together they repeat."""

LEFT_TO_RIGHT = 1.0
"""Stretches learned left to right for each other example: all of their tokens are
learned, of another a tenth (docs/experiments.md, "how much of a repository a short
fine-tuning learns")."""

STRETCH = 400
"""Tokens of such a stretch at the most."""

LR, LR_ABOVE = 3e-4, 2e-4
"""Learning rate from plain weights, and above an adapter that is good already."""

SEED = 0
SIZES = "sizes.json"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done; it stays the same when a killed run goes on."""

    steps: int
    examples: int
    holes: int
    recompute: bool = False
    measured: bool = False
    """Whether the steps come from the time that steps took."""

    dtype: DType = "bfloat16"
    """What is multiplied in; runs that were begun before it was chosen have this."""


def mixture_of(job: Job, material: Material, sizes: Sizes) -> ExampleMixture:
    """Which examples of the repository are made: as the user's engine asks there."""
    tokens, files = job.settings.completion.context_tokens, len(material.documents)
    kinds = {**ExampleMixture().kinds}
    del kinds[PLAIN]
    return ExampleMixture(
        length=LENGTH,
        plain=STRETCH,
        kinds={**kinds, PLAIN: LEFT_TO_RIGHT * sum(kinds.values())},
        context=0.5 if tokens else 0.1,
        context_tokens=min(tokens, 700) or 512,
        alone=0.05,
        per_file=max(2, math.ceil(2 * (sizes.examples + HELD_OUT) / files)),
        per_repository=1_000_000,
        held_out=max(0.08, 4 / files, _two_of(job, material)),
    )


def _two_of(job: Job, material: Material) -> float:
    """The share with which two files at least are held out; chance may draw none."""
    names = (f"{job.name}\0{each.path}" for each in material.documents)
    drawn = sorted(draw_of(SEED, name) for name in names)
    return math.nextafter(drawn[min(1, len(drawn) - 1)], 1)


def history_of(job: Job, sizes: Sizes) -> int:
    """Examples of the history beside the others of the repository, at the most."""
    return round(sizes.examples * HISTORY / (1 - HISTORY)) if job.since else 0


def recipe_of(job: Job, sizes: Sizes) -> Recipe:
    """How it is trained."""
    every = math.ceil(sizes.steps / _looks(sizes.steps))
    return Recipe(
        base=BaseRecipe(model=str(job.located.path)),
        data=DataRecipe(
            sources=(),
            length=LENGTH,
            rows=job.out / "rows",
            fim=FimRecipe(length=LENGTH),
        ),
        lora=LoraParts(
            rank=job.rank, alpha=2.0 * job.rank, targets=job.targets, init=job.below
        ),
        loop=LoopSettings(
            steps=sizes.steps,
            rows_per_step=ROWS_PER_STEP,
            lr=LR_ABOVE if job.below else LR,
            warmup=min(5, sizes.steps // 4),
            final_lr=0.05,
            weight_decay=0.0,
            recompute=sizes.recompute,
            dtype=sizes.dtype,
            save_every=every,
            save_seconds=SAVE_SECONDS,
            held_out_every=every,
            keep=min(
                LOOKS + 1 + math.ceil(job.budget * TRAINING / SAVE_SECONDS),
                sizes.steps + 1,
            ),
        ),
    )


def sized(
    job: Job, config: DecoderConfig, material: Material, rates: Mapping[DType, float]
) -> tuple[Sizes, Plan]:
    """Work out how much the budget allows, from the machine's speed alone.

    Args:
        job: With the budget.
        config: Of the base.
        material: What there is to learn.
        rates: FLOPs per second of plain matrix products, of the type to take first; of
            another one where that does not fit into memory.

    Raises:
        MemoryShortError: it does not fit, not even slowly.
        DiskSpaceError: no room.
        TrainingError: the budget is too small.
    """
    first = next(iter(rates))
    types = tuple(rates) if first == "float32" else (first,)  # no larger one behind it
    short: Plan | None = None
    for dtype, recompute in product(
        types, (False, True)
    ):  # a third slower, much smaller
        try:
            sizes = _allowed(job, config, material, rates[dtype], dtype)
        except TrainingError:
            if short is None:
                raise
            break  # with more memory the faster one would do
        sizes = replace(sizes, recompute=recompute)
        short = _plan(job, sizes, config, material, rates[dtype])
        with contextlib.suppress(MemoryShortError):
            _check(job, short)
            return sizes, short
    assert short is not None
    msg = (
        f"fine-tuning needs {short.memory}, more than is free; close other programs "
        f"or name a smaller model with --model"
    )
    raise MemoryShortError(msg)


def _allowed(
    job: Job, config: DecoderConfig, material: Material, rate: float, dtype: DType
) -> Sizes:
    """As much as the budget allows.

    Raises:
        TrainingError: the budget is too small.
    """
    sizes = Sizes(1, 1, round(max(40, min(250, job.budget / PER_HOLE))), dtype=dtype)
    plan = _plan(job, sizes, config, material, rate)
    steps = job.budget * TRAINING / max(plan.seconds, 1e-9)
    needed = plan.seconds * LEAST_STEPS / DOUBT
    steps = max(LEAST_STEPS, _checked(job, steps * DOUBT, needed) // DOUBT)
    most = material.characters // CHARACTERS
    own = SPARE * steps * ROWS_PER_STEP * PER_ROW * (1 - GENERIC)
    own *= 1 - HISTORY if job.since else 1
    examples = max(40, min(most, round(own)))
    wanted = (examples + history_of(job, replace(sizes, examples=examples))) / (
        1 - GENERIC
    )
    rows = math.ceil(wanted / PER_ROW)
    steps = max(LEAST_STEPS, min(steps, EPOCHS * rows // ROWS_PER_STEP))
    return replace(sizes, steps=steps, examples=examples)


def _check(job: Job, plan: Plan) -> None:
    try:
        plan.check(job.out)
    except DiskSpaceError as error:
        msg = (
            f"fine-tuning needs {plan.disk / 1e6:,.0f} MB in {job.out}, more than is "
            f"free; free some, name another folder with --out or give less --budget"
        )
        raise DiskSpaceError(msg) from error


def _plan(
    job: Job, sizes: Sizes, config: DecoderConfig, material: Material, rate: float
) -> Plan:
    recipe = recipe_of(job, sizes)
    many = material.characters
    return make_plan(recipe, config, characters=many, rate=rate, out=job.out)


def timed(job: Job, sizes: Sizes, rows: Prepared, step_s: float) -> Sizes:
    """The sizes, with as many steps as the budget allows by a step's real time.

    Raises:
        TrainingError: the budget is too small.
    """
    looked = len(rows.held_out) if rows.held_out is not None else 0
    look = looked / ROWS_PER_STEP / 3  # in steps; forward alone is a third
    steps = job.budget * TRAINING / max(step_s, 1e-9)
    needed = (LEAST_STEPS + look * _looks(LEAST_STEPS)) * step_s
    steps = _checked(job, steps - look * _looks(int(steps)), needed)
    most = max(LEAST_STEPS, EPOCHS * len(rows.learned) // ROWS_PER_STEP)
    return replace(sizes, steps=min(steps, most), measured=True)


def _looks(steps: int) -> int:
    return max(1, min(LOOKS, steps // STEPS_PER_LOOK))


def _checked(job: Job, steps: float, needed: float) -> int:
    """So many whole steps; ``needed`` seconds of training are the least."""
    if steps < LEAST_STEPS:
        minutes = math.ceil(needed / TRAINING / 60)
        msg = (
            f"--budget allows {max(0, int(steps))} steps of training, {LEAST_STEPS} are "
            f"the least; give --budget {minutes}m or a smaller --model"
        )
        raise TrainingError(msg)
    return int(steps)


def kept(job: Job) -> Sizes | None:
    """The sizes that a run before has begun with."""
    file = job.out / SIZES
    return Sizes(**json.loads(file.read_text("utf-8"))) if file.is_file() else None


def keep(job: Job, sizes: Sizes) -> None:
    """Note the sizes, so that a killed run goes on with the same."""
    write_text(job.out / SIZES, json.dumps(asdict(sizes)) + "\n")
