"""`codeassist finetune`: a repository in; out comes a proved adapter, or a refusal."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from codeassist.engine import adapters as store
from codeassist.errors import CodeassistError, TrainingError
from codeassist.evaluate.holes import history
from codeassist.finetune.canaries import plant
from codeassist.finetune.judging import Verdict, holes_of
from codeassist.finetune.material import Material, gather
from codeassist.finetune.snapshot import Snapshot, take
from codeassist.lock import locked
from codeassist.quantize.lora import served_targets
from codeassist.training.flops import fastest
from codeassist.training.loop import last_step
from codeassist.whole import write_text

from .finetune_job import Job, job_of
from .finetune_learn import adapter_of, rows_of, timed_on, train
from .finetune_progress import Progress, watching
from .finetune_proof import FIGURES, PAGE, Found, prove, store_it, switched
from .finetune_sizes import SEED, Sizes, keep, kept, recipe_of, sized
from .train_base import Base, find_base

__all__ = ["run"]

FILES, KEY, LOCK = "files", "key.txt", ".lock"
NICE = 10
"""So that the editor, and what it asks the server, goes first."""


def run(args: argparse.Namespace) -> int:
    """Estimate, train, prove, switch on; 0: it is on, 1: it was refused."""
    _step_back()
    with watching(args.progress) as progress:
        return _run(args, progress)


def _run(args: argparse.Namespace, progress: Progress) -> int:
    job = job_of(args)
    with _working_in(job.out, job.key), _tidied(job):
        snapshot = take(job.root, job.out / FILES)
        material = gather(snapshot, job.name)
        base = find_base(recipe_of(job, Sizes(1, 1, 1)))
        job = _with_history(job, snapshot, progress)
        job = replace(job, targets=served_targets(base.config))
        sizes = _sizes(args, job, base, snapshot, material, progress)
        if sizes is None:
            if not job.own_out:
                _tidy(job.out, set())
            return 130
        holes = holes_of(snapshot, material.kept, sizes.holes, SEED)
        found = Found(snapshot, material, holes, plant(material.documents, SEED))
        folder = base.unpack(
            lambda _name, done, total: progress.at("unpacking", done, total)
        )
        rows = rows_of(job, sizes, base.config, found, progress)
        sizes = timed_on(job, sizes, folder, rows)
        if not train(job, sizes, folder, rows, progress):
            progress.note("stopped and saved; the same command goes on")
            return 130
        step, loss = adapter_of(job, sizes, folder)
        verdict = prove(job, sizes, found, progress)
        best = {"step": step, "loss": loss}
        name = store_it(job, sizes, found, verdict, best) if verdict.accepted else ""
        on = bool(name) and switched(job, name)
    where = store.find(name).folder if name else job.out
    if on and job.settings.model.adapter:
        progress.note("model.adapter names another adapter, which goes before this one")
    _tell(args, verdict, (name, on), where / PAGE, progress)
    if not job.own_out:
        _tidy(job.out, set() if name else {KEY, PAGE, FIGURES})
    return 0 if on else 1


@contextmanager
def _tidied(job: Job) -> Iterator[None]:
    """Leave no copy of the files where it cannot be done."""
    try:
        yield
    except CodeassistError:
        if not job.own_out and not last_step(job.out):
            _tidy(job.out, set())
        raise


def _with_history(job: Job, snapshot: Snapshot, progress: Progress) -> Job:
    """The job, without a history that has nothing to learn."""
    if not job.since:
        return job
    which = f"{job.since}..{snapshot.cutoff or job.since}"
    if history.git(job.root, "rev-list", "-1", which, "--", ".").strip():
        return job
    progress.note(
        "no commit after --since may be learned: the newest are kept for judging; name "
        "an older one to learn a history"
    )
    return replace(job, since="")


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
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    if begun.is_file() and begun.read_text("utf-8") != key:
        msg = (
            f"{out} has a fine-tuning of other files, another model or another budget; "
            f"delete it or name another with --out"
        )
        raise TrainingError(msg)
    write_text(begun, key)
    try:
        with locked(out / LOCK, wait=False):
            yield
    except BlockingIOError as error:
        msg = f"another fine-tuning works in {out}; wait for it"
        raise TrainingError(msg) from error


def _is_empty(folder: Path) -> bool:
    names = {each.name for each in folder.iterdir()}
    return all(name == LOCK or name.startswith(f".{KEY}.") for name in names)


def _sizes(
    args: argparse.Namespace,
    job: Job,
    base: Base,
    snapshot: Snapshot,
    material: Material,
    progress: Progress,
) -> Sizes | None:
    """How much is done: as begun before, or by an estimate that is said first."""
    if (begun := kept(job)) is not None:
        return begun
    sizes, plan = sized(job, base.config, material, fastest())
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
    figures = {"steps": sizes.steps, "examples": sizes.examples, "holes": sizes.holes}
    figures["budget"] = round(job.budget)
    progress.estimate("\n".join(lines), plan.as_json() | figures)
    if not args.yes and sys.stdin.isatty() and args.progress != "json":
        sys.stderr.write("go on? [Y/n] ")
        if sys.stdin.readline().strip().lower().startswith("n"):
            return None
    keep(job, sizes)
    return sizes


def _tell(
    args: argparse.Namespace,
    verdict: Verdict,
    stored: tuple[str, bool],
    report: Path,
    progress: Progress,
) -> None:
    name, on = stored
    told = {
        "accepted": verdict.accepted,
        "adapter": name or None,
        "active": on,
        "reasons": verdict.reasons,
        "figures": dict(verdict.figures),
        "report": str(report),
    }
    progress.end(told)
    if args.json:
        print(json.dumps(told))
        return
    first = f"{name} is active" if on else "refused, nothing changed"
    if name and not on:
        first = (
            f"{name} is stored and not active: another adapter was switched on while it "
            f"was learned; `codeassist adapters activate {name}` completes with this one"
        )
    print("\n".join((first, *verdict.reasons, f"report: {report}")))
