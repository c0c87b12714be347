"""`codeassist finetune`: a repository in; out comes a proved adapter, or a refusal."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

from codeassist.engine import adapters as store
from codeassist.engine.models.lock import locked
from codeassist.engine.models.store import digest
from codeassist.errors import TrainingError
from codeassist.finetune import Asker, build
from codeassist.finetune.canaries import examples_of, plant
from codeassist.finetune.judging import Verdict, holes_of
from codeassist.finetune.learned import best_step, learned_at, merged, stacked
from codeassist.finetune.material import Material, gather
from codeassist.finetune.snapshot import Snapshot, take
from codeassist.quantize.convert import load_config
from codeassist.quantize.lora import read_adapter, write_adapter
from codeassist.training.flops import matmul_rate
from codeassist.training.loop import Step, last_step
from codeassist.training.packed import Prepared, ready
from codeassist.training.recipe import to_toml
from codeassist.training.run import Speed
from codeassist.training.run import run as run_training

from .finetune_job import (
    HELD_OUT,
    LENGTH,
    SEED,
    Job,
    Sizes,
    job_of,
    mixture_of,
    recipe_of,
    sized,
    timed,
)
from .finetune_proof import ADAPTER, FIGURES, PAGE, Found, prove, switch
from .train_base import Base, find_base
from .weights import steps

__all__ = ["run"]

ROWS, FILES, SIZES = "rows", "files", "sizes.json"
KEY, LOCK = "key.txt", ".lock"
NICE = 10
"""So that the editor, and what it asks the server, goes first."""

TRIAL_STEPS = 2


def run(args: argparse.Namespace) -> int:
    """Estimate, train, prove, switch on; 0: it is on, 1: it was refused."""
    _step_back()
    job = job_of(args)
    with _working_in(job.out, job.key):
        snapshot = take(job.root, job.out / FILES, args.since)
        material = gather(snapshot, job.root.name)
        base = find_base(recipe_of(job, Sizes(1, 1, 1)))
        sizes = _sizes(args, job, base, snapshot, material)
        if sizes is None:
            return 130
        holes = holes_of(snapshot, material.kept, sizes.holes, SEED)
        found = Found(snapshot, material, holes, plant(material.documents, SEED))
        folder = _unpacked(job, base)
        rows = _rows(job, sizes, base, found)
        sizes = _timed(job, sizes, folder, rows)
        if not _train(job, sizes, folder, rows):
            _warn("stopped and saved; the same command goes on")
            return 130
        step, loss = _write_adapter(job, sizes, folder, base)
        verdict = prove(job, sizes, found)
        best = {"step": step, "loss": loss}
        name = switch(job, sizes, found, verdict, best) if verdict.accepted else ""
    where = store.find(name).folder if name else job.out
    if name and job.settings.model.adapter:
        _warn("model.adapter names another adapter, which goes before the new one")
    _tell(args, verdict, name, where / PAGE)
    if not job.own_out:
        _tidy(job.out, set() if name else {KEY, PAGE, FIGURES})
    return 0 if name else 1


def _tidy(out: Path, kept: set[str]) -> None:
    """Delete a folder of ours, but for some files."""
    for each in out.iterdir():
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        elif each.name not in kept:
            each.unlink(missing_ok=True)
    if not kept:
        out.rmdir()


def _step_back() -> None:
    if hasattr(os, "nice"):
        os.nice(max(0, NICE - os.nice(0)))


@contextmanager
def _working_in(out: Path, key: str) -> Iterator[None]:
    """Keep a second fine-tuning, and what belongs to something else, out of it."""
    begun = out / KEY
    if out.exists() and not (out.is_dir() and (begun.is_file() or _is_empty(out))):
        msg = f"{out} exists and is no fine-tuning's folder; name another with --out"
        raise TrainingError(msg)
    out.mkdir(parents=True, exist_ok=True)
    if begun.is_file() and begun.read_text("utf-8") != key:
        msg = (
            f"{out} has a fine-tuning of other files, another model or another budget; "
            f"delete it or name another with --out"
        )
        raise TrainingError(msg)
    _write(begun, key)
    try:
        with locked(out / LOCK, wait=False):
            yield
    except BlockingIOError as error:
        msg = f"another fine-tuning works in {out}; wait for it"
        raise TrainingError(msg) from error


def _is_empty(folder: Path) -> bool:
    return {each.name for each in folder.iterdir()} <= {LOCK, f"{KEY}.part"}


def _sizes(
    args: argparse.Namespace,
    job: Job,
    base: Base,
    snapshot: Snapshot,
    material: Material,
) -> Sizes | None:
    """How much is done: as begun before, or by an estimate that is said first."""
    file = job.out / SIZES
    if file.is_file():
        return Sizes(**json.loads(file.read_text("utf-8")))
    sizes, plan = sized(job, base.config, material, matmul_rate("bfloat16"))
    lines = [snapshot.note] if snapshot.note else []
    left_out = ", ".join(f"{n} {why}" for why, n in material.dropped.most_common())
    newest = "and the newest lines " if snapshot.kept else ""
    lines.append(
        f"learn   {len(material.documents):,} files, {material.characters:,} "
        f"characters; {len(material.kept)} files {newest}kept for judging"
    )
    if left_out:
        lines.append(f"leave   {left_out}")
    lines.append(str(plan))
    lines.append(
        f"budget  {job.budget / 60:.0f} minutes: about {sizes.steps} steps, "
        f"{sizes.examples:,} examples, {sizes.holes} holes before and after"
    )
    sys.stderr.write("\n".join(lines) + "\n")
    if not args.yes and sys.stdin.isatty():
        sys.stderr.write("go on? [Y/n] ")
        if sys.stdin.readline().strip().lower().startswith("n"):
            return None
    _keep(job, sizes)
    return sizes


def _keep(job: Job, sizes: Sizes) -> None:
    _write(job.out / SIZES, json.dumps(asdict(sizes)) + "\n")


def _unpacked(job: Job, base: Base) -> Path:
    """The weights to train: the base's, with what its adapter has changed."""
    with steps("unpacking the base") as tell:
        folder = base.unpack(tell)
    if job.below is None:
        return folder
    with steps("adding its adapter") as tell:
        return merged(folder, job.below, digest(job.below)[:16], tell)


def _rows(job: Job, sizes: Sizes, base: Base, found: Found) -> Prepared:
    """The examples as rows; those of a run before are taken."""
    folder, size = job.out / ROWS, base.config.vocab_size
    if not (folder / "files.tsv").is_file():  # written last
        folder.mkdir(exist_ok=True)
        mixture = mixture_of(job, found.material, sizes)
        asker = Asker(job.vocab, job.contract, mixture)
        with tqdm(desc="examples", delay=2, disable=None) as bar:

            def tell(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            build(
                found.material.documents,
                folder,
                asker,
                mixture,
                wanted=sizes.examples,
                held_out=HELD_OUT,
                vocab_size=size,
                pad=job.contract.end,
                seed=SEED,
                further=examples_of(found.canaries, asker),
                progress=tell,
            )
    return ready(folder, length=LENGTH, vocab_size=size)


def _timed(job: Job, sizes: Sizes, folder: Path, rows: Prepared) -> Sizes:
    """Steps by the time that some take on this machine, as it is used now."""
    if sizes.measured or last_step(job.out):
        return sizes
    trial, took = job.out / "trial", list[float]()
    shutil.rmtree(trial, ignore_errors=True)
    trial.mkdir()

    def observe(step: Step, _speed: Speed) -> None:
        took.append(step.seconds)

    recipe = recipe_of(job, replace(sizes, steps=TRIAL_STEPS))
    loop = replace(recipe.loop, save_every=TRIAL_STEPS, held_out_every=TRIAL_STEPS)
    recipe, alone = replace(recipe, loop=loop), replace(rows, held_out=None)
    outcome = run_training(folder, recipe, alone, trial, rate=1.0, observe=observe)
    shutil.rmtree(trial)
    if outcome.stopped == "interrupted":
        raise KeyboardInterrupt
    sizes = timed(job, sizes, rows, min(took))
    _keep(job, sizes)
    return sizes


def _train(job: Job, sizes: Sizes, folder: Path, rows: Prepared) -> bool:
    """Make the steps that are left; False: interrupted."""
    recipe = recipe_of(job, sizes)
    _write(job.out / "recipe.toml", to_toml(recipe))
    bar = tqdm(
        desc="training",
        total=sizes.steps,
        initial=last_step(job.out),
        unit="step",
        disable=None,
    )
    with bar:

        def observe(step: Step, speed: Speed) -> None:
            loss = step.loss if step.held_out is None else step.held_out
            kind = "loss" if step.held_out is None else "held out"
            bar.set_postfix_str(f"{kind} {loss:.3f}, {speed.tokens:,.0f} tokens/s")
            bar.update()

        # note: MFU is not told here, so that the rate need not be measured again
        done = run_training(folder, recipe, rows, job.out, rate=1.0, observe=observe)
    return done.stopped == "done"


def _write_adapter(
    job: Job, sizes: Sizes, folder: Path, base: Base
) -> tuple[int, float]:
    """Write the best state as an adapter for the base; return its step and loss."""
    step, loss = best_step(job.out)
    if (job.out / ADAPTER).is_file():  # a run before came as far
        return step, loss
    lora = recipe_of(job, sizes).lora
    assert lora is not None
    adapter = learned_at(job.out, step, lora)
    if job.below is not None:
        adapter = stacked(read_adapter(job.below, base.config), adapter)
    config = load_config(folder)
    write_adapter(job.out / ADAPTER, adapter, config, format_="F16", name=job.root.name)
    return step, loss


def _tell(args: argparse.Namespace, verdict: Verdict, name: str, report: Path) -> None:
    if args.json:
        told = {
            "accepted": verdict.accepted,
            "adapter": name or None,
            "reasons": verdict.reasons,
            "figures": dict(verdict.figures),
            "report": str(report),
        }
        print(json.dumps(told))
        return
    first = f"{name} is active" if name else "refused, nothing changed"
    print("\n".join((first, *verdict.reasons, f"report: {report}")))


def _warn(line: str) -> None:
    sys.stderr.write(f"codeassist: {line}\n")


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)
