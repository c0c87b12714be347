"""What a fine-tuning is asked to do: its model, its folder, its estimate, its recipe."""

import argparse
import hashlib
import json
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

from codeassist.config import Settings, cache_dir
from codeassist.decoder import DecoderConfig
from codeassist.engine import adapters as store
from codeassist.engine.decode import Vocab, open_vocabulary
from codeassist.engine.models import Located, resolve
from codeassist.engine.models.store import digest
from codeassist.errors import ConfigError, FamilyError, MemoryShortError, TrainingError
from codeassist.fim import Fim, detect
from codeassist.finetune import ExampleMixture
from codeassist.finetune.material import Material
from codeassist.finetune.snapshot import state_of
from codeassist.training.fim_data import FimRecipe
from codeassist.training.loop import LoopSettings
from codeassist.training.lora import LoraParts
from codeassist.training.packed import Prepared
from codeassist.training.recipe import BaseRecipe, DataRecipe, Recipe

from .options import settings_of
from .train_plan import Plan, make_plan

__all__ = ["Job", "Sizes", "job_of", "mixture_of", "recipe_of", "sized", "timed"]

LENGTH = 1152
"""Tokens of a row: three or four examples, or one with other files."""

ROWS_PER_STEP = 2
LEAST_STEPS = 4
LOOKS = 5
"""At the held-out rows at the most, each with a saved state to come back to."""

STEPS_PER_LOOK = 4
SAVE_SECONDS = 240
"""Between states: so much is lost by a kill at the most."""

HELD_OUT = 16
"""Examples whose loss says which state is best."""

EPOCHS = 3
"""At the most: then a repository is learned by heart."""

TRAINING = 0.6
"""Share of the budget; the rest is for preparing and for the proof."""

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

LR, LR_ABOVE = 3e-4, 2e-4
"""Learning rate from plain weights, and above an adapter that is good already."""

SEED = 0
BUDGET = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


@dataclass(frozen=True, slots=True)
class Job:
    """All that is known before anything is read."""

    root: Path
    settings: Settings
    located: Located
    base: store.Base
    vocab: Vocab
    contract: Fim
    below: Path | None
    """The adapter that is learned on top of: the one that came with the model."""

    today: Path | None
    """The adapter that completes now, and that must be beaten."""

    budget: float
    """Seconds."""

    key: str
    """Of all that the result hangs on."""

    out: Path
    own_out: bool
    """The user has named the folder: it stays."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done; it stays the same when a killed run goes on."""

    steps: int
    examples: int
    holes: int
    recompute: bool = False
    measured: bool = False
    """Whether the steps come from the time that steps took."""


def job_of(args: argparse.Namespace) -> Job:
    """Look at what is asked for.

    Raises:
        InputError: no such folder.
        ConfigError: a budget that cannot be read, or an unfit setting.
        FamilyError: the model cannot fill in the middle.
        ModelError: it is missing or damaged.
    """
    root, budget = Path(args.path).expanduser().resolve(), _seconds(args.budget)
    state = state_of(root)
    settings = settings_of(args, root)
    located = resolve(settings.model.id)
    vocab = open_vocabulary(located.path)
    if settings.model.family:
        vocab.scan()  # as the engine does
    contract = detect(vocab, settings.model.family or None)
    if not isinstance(contract, Fim):
        msg = f"{located.path.name}: {contract.reason}; name a model that fills in with --model"
        raise FamilyError(msg)
    base = store.base_of(located)
    named = settings.model.adapter
    below = Path(named) if named else located.adapter
    today = store.chosen(named, located)
    adapters = [digest(each) if each else "" for each in (below, today)]
    told = (str(root), state, base.sha256, adapters, budget, args.since)
    context = settings.completion.context_tokens
    key = hashlib.sha256(json.dumps([*told, context]).encode()).hexdigest()[:16]
    out = cache_dir() / "finetune" / f"{root.name or 'root'}-{key}"
    return Job(
        root=root,
        settings=settings,
        located=located,
        base=base,
        vocab=vocab,
        contract=contract,
        below=below,
        today=today,
        budget=budget,
        key=key,
        out=Path(args.out).expanduser() if args.out else out,
        own_out=bool(args.out),
    )


def _seconds(budget: str) -> float:
    found = BUDGET.fullmatch(budget.strip())
    hours, minutes, seconds = (
        (int(n or 0) for n in found.groups()) if found else (0,) * 3
    )
    total = 3600 * hours + 60 * minutes + seconds
    if not total:
        msg = f"--budget {budget!r} is no time; write it like 20m, 90s or 1h30m"
        raise ConfigError(msg)
    return float(total)


def mixture_of(job: Job, material: Material, sizes: Sizes) -> ExampleMixture:
    """Which examples are made: as the user's engine asks, nothing but the repository."""
    tokens, files = job.settings.completion.context_tokens, len(material.documents)
    return ExampleMixture(
        length=LENGTH,
        context=0.5 if tokens else 0.1,
        context_tokens=min(tokens, 700) or 512,
        alone=0.05,
        per_file=max(2, math.ceil(2 * (sizes.examples + HELD_OUT) / files)),
        per_repository=1_000_000,
        held_out=max(0.08, 4 / files),
    )


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
        lora=LoraParts(rank=16, alpha=32.0),
        loop=LoopSettings(
            steps=sizes.steps,
            rows_per_step=ROWS_PER_STEP,
            lr=LR_ABOVE if job.below else LR,
            warmup=min(5, sizes.steps // 4),
            final_lr=0.05,
            weight_decay=0.0,
            recompute=sizes.recompute,
            save_every=every,
            save_seconds=SAVE_SECONDS,
            held_out_every=every,
            keep=LOOKS + 1 + math.ceil(job.budget * TRAINING / SAVE_SECONDS),
        ),
    )


def sized(
    job: Job, config: DecoderConfig, material: Material, rate: float
) -> tuple[Sizes, Plan]:
    """Work out how much the budget allows, from the machine's speed alone.

    Args:
        job: With the budget.
        config: Of the base.
        material: What there is to learn.
        rate: FLOPs per second of plain matrix products.

    Raises:
        MemoryShortError: it does not fit, not even slowly.
        DiskSpaceError: no room.
        TrainingError: the budget is too small.
    """
    holes = round(max(40, min(250, job.budget / 8)))
    sizes = Sizes(1, 1, holes)
    plan = _plan(job, sizes, config, material, rate)
    steps = job.budget * TRAINING / max(plan.seconds, 1e-9)
    steps = max(LEAST_STEPS, _checked(job, steps * DOUBT) // DOUBT)
    most = material.characters // CHARACTERS
    examples = max(40, min(most, round(SPARE * steps * ROWS_PER_STEP * PER_ROW)))
    rows = math.ceil(examples / PER_ROW)
    steps = max(LEAST_STEPS, min(steps, EPOCHS * rows // ROWS_PER_STEP))
    sizes = Sizes(steps, examples, holes)
    plan = _plan(job, sizes, config, material, rate)
    try:
        plan.check(job.out)
    except MemoryShortError:
        sizes = replace(sizes, recompute=True)  # a third slower, and much smaller
        plan = _plan(job, sizes, config, material, rate)
        _check_again(job, plan)
    return sizes, plan


def _check_again(job: Job, plan: Plan) -> None:
    try:
        plan.check(job.out)
    except MemoryShortError as error:
        msg = (
            f"fine-tuning needs {plan.memory}, more than is free; close other programs "
            f"or name a smaller model with --model"
        )
        raise MemoryShortError(msg) from error


def _plan(
    job: Job, sizes: Sizes, config: DecoderConfig, material: Material, rate: float
) -> Plan:
    recipe = recipe_of(job, sizes)
    return make_plan(recipe, config, characters=material.characters, rate=rate)


def timed(job: Job, sizes: Sizes, rows: Prepared, step_s: float) -> Sizes:
    """The sizes, with as many steps as the budget allows by a step's real time.

    Raises:
        TrainingError: the budget is too small.
    """
    looked = len(rows.held_out) if rows.held_out is not None else 0
    look = looked / ROWS_PER_STEP / 3  # in steps; forward alone is a third
    steps = job.budget * TRAINING / max(step_s, 1e-9)
    steps = _checked(job, steps - look * _looks(int(steps)))
    most = max(LEAST_STEPS, EPOCHS * len(rows.learned) // ROWS_PER_STEP)
    return replace(sizes, steps=min(steps, most), measured=True)


def _looks(steps: int) -> int:
    return max(1, min(LOOKS, steps // STEPS_PER_LOOK))


def _checked(job: Job, steps: float) -> int:
    if steps < LEAST_STEPS:
        share = max(steps, 0.1) / LEAST_STEPS
        minutes = math.ceil(job.budget / share / 60)
        msg = (
            f"--budget allows {max(0, int(steps))} steps of training, {LEAST_STEPS} are "
            f"the least; give --budget {minutes}m or a smaller --model"
        )
        raise TrainingError(msg)
    return int(steps)
