"""`codeassist train`: a recipe in, an adapter or a checkpoint out."""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from codeassist.decoder import TOKENIZER_FILE
from codeassist.engine.decode import open_vocabulary
from codeassist.engine.models.store import digest
from codeassist.errors import ConfigError, FamilyError
from codeassist.fim import Fim, detect
from codeassist.finetune.learned import beginning
from codeassist.lock import locked
from codeassist.quantize.convert import Format, load_config, to_gguf
from codeassist.quantize.lora import Adapter, Pair, write_adapter
from codeassist.training.fim_data import Document
from codeassist.training.flops import WORTH, fastest
from codeassist.training.folder import RECIPE_FILE
from codeassist.training.loop import Outcome, Step, last_step
from codeassist.training.loop.settings import DType
from codeassist.training.lora import LoraWeights
from codeassist.training.packed import (
    Mixture,
    Prepared,
    Sources,
    are_there,
    begun,
    prepare,
    ready,
)
from codeassist.training.recipe import Recipe, read_recipe, to_toml
from codeassist.training.recipe_table import plain
from codeassist.training.run import Speed, learned_checkpoint, learned_lora
from codeassist.training.run import run as run_training
from codeassist.whole import write_text

from .train_base import Base, find_base
from .train_fit import fitted
from .train_folder import PREPARING, working_in
from .train_plan import make_plan

__all__ = ["run"]

ROWS, ADAPTER, CHECKPOINT, GGUF = "rows", "adapter.gguf", "checkpoint", "model.gguf"
"""What stands in the output folder, beside the state, the log and its picture."""

CORPUS_INDEX = "corpus.json"
"""By which a folder of `codeassist corpus build` is known."""


def run(args: argparse.Namespace) -> int:
    """Estimate, prepare, train, and write what was learned."""
    overrides = [*args.overrides]
    if args.steps is not None:
        overrides.append(f"loop.steps={args.steps}")
    recipe = read_recipe(Path(args.recipe), overrides)
    if args.gguf and recipe.lora is not None:
        msg = "--gguf belongs to full training; an adapter always becomes a GGUF"
        raise ConfigError(msg)
    out = Path(args.out or Path("runs") / Path(args.recipe).stem)
    base = find_base(recipe)
    recipe = fitted(recipe, base.config, args.gguf)
    sources = _sources(args, recipe, out)
    leads = int(os.environ.get("RANK", "0")) == 0
    world = int(os.environ.get("WORLD_SIZE", "1"))
    characters = sources.measure()[1] if sources else 0
    rates = fastest(threads=recipe.loop.threads)
    rate = world * rates[recipe.loop.dtype]
    plan = make_plan(recipe, base.config, characters=characters, rate=rate, out=out)
    if args.dry_run:
        print(json.dumps(plan.as_json()) if args.json else plan)
        return 0
    if leads:
        sys.stderr.write(f"{plan}\n{_advice(recipe, rates, out)}")
    plan.check(out)
    if leads and last_step(out) and recipe.data.sources and not sources:
        sys.stderr.write("going on with the rows of step 1, whatever the sources are\n")
    with working_in(out, leads=leads):
        if leads and not last_step(out):
            write_text(out / RECIPE_FILE, to_toml(recipe))
        job = _prepared(recipe, base, sources, out)
        outcome, speed = _trained(job, rate, leads=leads)
        if outcome.stopped == "interrupted":
            if leads:
                sys.stderr.write(f"stopped at {_again(args, outcome)}\n")
            return 130
        if leads:
            _report(args, outcome, speed, _products(job, args.gguf))
    return 0


def _advice(recipe: Recipe, rates: Mapping[DType, float], out: Path) -> str:
    """What would make it faster on this machine; empty: nothing that may be changed."""
    best, own = max(rates, key=rates.__getitem__), recipe.loop.dtype
    if last_step(out) or rates[best] <= WORTH * rates[own]:
        return ""
    return (
        f"{best} is {rates[best] / rates[own]:.1f} times as fast here as {own}: add "
        f"--set 'loop.dtype=\"{best}\"' where there is memory for it\n"
    )


def _sources(args: argparse.Namespace, recipe: Recipe, out: Path) -> Sources | None:
    """What rows are made of; None: they are there, and are taken as they are."""
    data = recipe.data
    rows, held_out = data.rows or out / ROWS, data.held_out > 0
    going_on = last_step(out) and are_there(rows, held_out=held_out)
    if going_on or not data.sources:
        return None
    return Sources(data.sources, {CORPUS_INDEX: _corpus}, but=[Path(args.recipe)])


def _corpus(folder: Path) -> Iterator[Document]:
    from codeassist.training.corpus import documents  # its libraries are extra ones

    return documents(folder)


@dataclass(frozen=True, slots=True)
class _Job:
    """Everything that a training needs."""

    recipe: Recipe
    base: Path
    rows: Prepared
    out: Path


def _prepared(recipe: Recipe, base: Base, sources: Sources | None, out: Path) -> _Job:
    """Unpack the base and make the rows; what is there is used again."""
    data = recipe.data
    with locked(out / PREPARING, wait=True):  # the first process works, others wait
        with _bar("unpacking the base", "tensor") as tell:
            folder = base.unpack(lambda _name, done, total: tell(done, total))
        if data.rows and not data.sources:
            size = base.config.vocab_size
            rows = ready(data.rows, length=data.length, vocab_size=size)
            return _Job(recipe, folder, rows, out)
        tokenizer = folder / TOKENIZER_FILE
        mixture = Mixture(data.fim, data.length, data.held_out, data.seed)
        about = {"data": plain(data.fim), "length": data.length, "seed": data.seed}
        about |= {"held_out": data.held_out, "vocabulary": digest(tokenizer)}
        if sources is None:
            rows = begun(data.rows or out / ROWS, about, held_out=data.held_out > 0)
            return _Job(recipe, folder, rows, out)
        with _bar("preparing rows", "char") as tell:
            rows = prepare(
                data.rows or out / ROWS,
                sources,
                mixture,
                _contract(tokenizer),
                vocab_size=base.config.vocab_size,
                about=about,
                progress=tell,
            )
    return _Job(recipe, folder, rows, out)


def _contract(tokenizer: Path) -> Fim:
    contract = detect(open_vocabulary(tokenizer))
    if isinstance(contract, Fim):
        return contract
    msg = f"{contract.reason}; give it some by base.rename"
    raise FamilyError(msg)


def _trained(job: _Job, rate: float, *, leads: bool) -> tuple[Outcome, Speed | None]:
    loop, speeds = job.recipe.loop, list[Speed]()
    with tqdm(
        desc="training",
        total=loop.steps,
        initial=last_step(job.out),
        unit="step",
        disable=None if leads else True,
    ) as bar:

        def observe(step: Step, speed: Speed) -> None:
            if not speeds:  # what was there has been taken in
                write_text(job.out / RECIPE_FILE, to_toml(job.recipe))
            speeds.append(speed)
            bar.set_postfix_str(_said(step, speed), refresh=False)
            bar.update()

        outcome = run_training(
            job.base,
            job.recipe,
            job.rows,
            job.out,
            rate=rate,
            begin=_begin(job),
            observe=observe,
        )
    middle = sorted(speeds, key=lambda speed: speed.tokens)[len(speeds) // 2 :]
    return outcome, middle[0] if middle else None


def _begin(job: _Job) -> LoraWeights | None:
    """What the adapter that the recipe names begins with."""
    lora = job.recipe.lora
    if lora is None or lora.init is None:
        return None
    return beginning(lora.init, load_config(job.base))


def _said(step: Step, speed: Speed) -> str:
    held_out = f", held out {step.held_out:.3f}" if step.held_out is not None else ""
    return (
        f"loss {step.loss:.3f}{held_out}, {speed.tokens:,.0f} tokens/s, "
        f"MFU {speed.mfu:.0%}"
    )


def _products(job: _Job, gguf: Format | None) -> list[Path]:
    """Write what was learned."""
    lora, out = job.recipe.lora, job.out
    if lora is not None:
        learned = learned_lora(out, lora)
        pairs = {name: Pair(a, b) for name, (a, b) in learned.pairs.items()}
        config = load_config(job.base)
        adapter = Adapter(learned.alpha, pairs)
        write_adapter(out / ADAPTER, adapter, config, format_="F16", name=out.name)
        return [out / ADAPTER]
    learned_checkpoint(job.base, out, out / CHECKPOINT)
    if not gguf:
        return [out / CHECKPOINT]
    with _bar("writing the GGUF", "tensor") as tell:
        to_gguf(
            out / CHECKPOINT,
            out / GGUF,
            format_=gguf,
            progress=lambda _name, done, total: tell(done, total),
        )
    return [out / CHECKPOINT, out / GGUF]


def _again(args: argparse.Namespace, outcome: Outcome) -> str:
    words, many = ["codeassist"], os.environ.get("LOCAL_WORLD_SIZE")
    if many:
        words = ["torchrun", "--nproc-per-node", many, "-m", "codeassist"]
    words += ["train", args.recipe]
    words += ["--out", args.out] if args.out else []
    words += ["--steps", str(args.steps)] if args.steps is not None else []
    for override in args.overrides:
        words += ["--set", override]
    words += ["--gguf", args.gguf] if args.gguf else []
    words += ["--json"] if args.json else []
    return f"step {outcome.steps}, saved; go on with: {shlex.join(words)}"


def _report(
    args: argparse.Namespace,
    outcome: Outcome,
    speed: Speed | None,
    products: list[Path],
) -> None:
    if args.json:
        values = {
            "steps": outcome.steps,
            "loss": outcome.loss,
            "tokens_per_second": speed.tokens if speed else None,
            "mfu": speed.mfu if speed else None,
            "products": [str(path) for path in products],
        }
        print(json.dumps(values))
        return
    for path in products:
        print(path)


@contextmanager
def _bar(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar that is told how much is done, and of how much."""
    with tqdm(desc=what, unit=unit, unit_scale=True, disable=None) as bar:

        def tell(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield tell
