"""The learning in a fine-tuning: rows, as many steps as the budget allows, an adapter."""

import shutil
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from codeassist.decoder import DecoderConfig
from codeassist.evaluate.holes.duplicates import lines_of
from codeassist.finetune import Asker, ExampleMixture, build
from codeassist.finetune.accepted import of_accepted, places
from codeassist.finetune.beside import of_changes, of_other_code
from codeassist.finetune.building import draw_of
from codeassist.finetune.canaries import examples_of
from codeassist.finetune.changes import Change, changes
from codeassist.finetune.learned import beginning, best_step, learned_at
from codeassist.finetune.sieve import Sieve
from codeassist.quantize.convert import load_config
from codeassist.quantize.lora import write_adapter
from codeassist.training.fim_data import Document, Example
from codeassist.training.loop import Step, last_step
from codeassist.training.packed import Prepared, ready
from codeassist.training.recipe import to_toml
from codeassist.training.run import Speed
from codeassist.training.run import run as run_training
from codeassist.whole import write_text

from .finetune_job import Job
from .finetune_progress import Progress
from .finetune_proof import ADAPTER, Found
from .finetune_sizes import (
    HELD_OUT,
    LENGTH,
    SEED,
    Sizes,
    history_of,
    keep,
    mixture_of,
    recipe_of,
    timed,
)

__all__ = ["adapter_of", "rows_of", "timed_on", "train"]

ROWS, TRIAL = "rows", "trial"
RECIPE = "recipe.toml"
TRIAL_STEPS = 2


def rows_of(
    job: Job, sizes: Sizes, config: DecoderConfig, found: Found, progress: Progress
) -> Prepared:
    """The examples as rows; those of a run before are taken."""
    folder, size = job.out / ROWS, config.vocab_size
    if not (folder / "files.tsv").is_file():  # written last
        folder.mkdir(exist_ok=True)
        mixture = mixture_of(job, found.material, sizes)
        asker = Asker(job.vocab, job.contract, mixture)
        documents = found.material.documents
        learned = [each for each in documents if not _held_out(job, each, mixture)]
        changed = [*_changes(job, found, {each.path for each in learned})]
        past = of_changes(changed, history_of(job, sizes), asker, mixture)
        taken = _accepted(job, learned, asker, mixture, progress)
        own = sizes.examples + len(past) + len(taken)
        other = of_other_code(own, asker, mixture, SEED)
        build(
            documents,
            folder,
            asker,
            mixture,
            wanted=sizes.examples,
            held_out=HELD_OUT,
            vocab_size=size,
            pad=job.contract.end,
            seed=SEED,
            about={
                "of history": len(past),
                "accepted": len(taken),
                "of other code": len(other),
            },
            further=[*past, *taken, *other, *examples_of(found.canaries, asker)],
            progress=lambda done, total: progress.at("examples", done, total),
        )
    return ready(folder, length=LENGTH, vocab_size=size)


def _held_out(job: Job, file: Document, mixture: ExampleMixture) -> bool:
    """Whether the loss of the file says which state is best, as `build` decides."""
    return draw_of(SEED, f"{job.name}\0{file.path}") < mixture.held_out


def _changes(job: Job, found: Found, learned: Container[str]) -> Iterator[Change]:
    """What the commits after `--since` brought to files that are learned as they are.

    By no older name of theirs, which git's history has, is a file kept back, and no text
    is taken that has what is judged by: it stood in another file then.
    """
    if not job.since:
        return
    sieve, until = Sieve(found.snapshot.root), found.snapshot.cutoff
    judged = [lines_of(hole) for hole in found.holes]
    for each in changes(job.root, job.since, until, sieve, job.name, SEED):
        if each.document.path not in learned:
            continue
        lines = {line.strip() for line in each.document.text.split("\n")}
        if not any(hole <= lines for hole in judged):
            yield each


def _accepted(
    job: Job,
    documents: Sequence[Document],
    asker: Asker,
    mixture: ExampleMixture,
    progress: Progress,
) -> list[Example]:
    """Where suggestions were taken and kept, if the user wants them learned."""
    if job.taken is None:
        return []
    found = places(job.taken, job.root, documents)
    taken = of_accepted(found, asker, mixture, SEED)
    progress.note(
        f"{len(taken)} of {len(job.taken)} suggestions that you kept stand in the files "
        f"that are learned"
    )
    return taken


def timed_on(job: Job, sizes: Sizes, folder: Path, rows: Prepared) -> Sizes:
    """Steps by the time that some take on this machine, as it is used now.

    Raises:
        TrainingError: the budget is too small.
        KeyboardInterrupt: the user wants to stop.
    """
    if sizes.measured or last_step(job.out):
        return sizes
    trial, took = job.out / TRIAL, list[float]()
    shutil.rmtree(trial, ignore_errors=True)
    trial.mkdir()

    def observe(step: Step, _speed: Speed) -> None:
        took.append(step.seconds)

    recipe = recipe_of(job, replace(sizes, steps=TRIAL_STEPS))
    loop = replace(recipe.loop, save_every=TRIAL_STEPS, held_out_every=TRIAL_STEPS)
    lora = replace(recipe.lora, init=None) if recipe.lora else None
    recipe, alone = replace(recipe, loop=loop, lora=lora), replace(rows, held_out=None)
    outcome = run_training(folder, recipe, alone, trial, rate=1.0, observe=observe)
    shutil.rmtree(trial)
    if outcome.stopped == "interrupted":
        raise KeyboardInterrupt
    sizes = timed(job, sizes, rows, min(took))
    keep(job, sizes)
    return sizes


def train(
    job: Job, sizes: Sizes, folder: Path, rows: Prepared, progress: Progress
) -> bool:
    """Make the steps that are left; False: interrupted, and saved."""
    recipe = recipe_of(job, sizes)
    write_text(job.out / RECIPE, to_toml(recipe))
    progress.at("training", last_step(job.out), sizes.steps)

    def observe(step: Step, speed: Speed) -> None:
        figures = {"loss": step.loss, "tokens_per_second": speed.tokens}
        if step.held_out is not None:
            figures["held_out"] = step.held_out
        progress.at("training", step.step, sizes.steps, **figures)

    # note: MFU is not told here, so that the rate need not be measured again
    done = run_training(
        folder,
        recipe,
        rows,
        job.out,
        rate=1.0,
        begin=beginning(job.below, load_config(folder)) if job.below else None,
        observe=observe,
    )
    return done.stopped == "done"


def adapter_of(job: Job, sizes: Sizes, folder: Path) -> tuple[int, float]:
    """Write the best state as an adapter for the base; return its step and loss."""
    step, loss = best_step(job.out)
    if (job.out / ADAPTER).is_file():  # a run before came as far
        return step, loss
    lora = recipe_of(job, sizes).lora
    assert lora is not None
    adapter, config = learned_at(job.out, step, lora), load_config(folder)
    write_adapter(job.out / ADAPTER, adapter, config, format_="F16", name=job.name)
    return step, loss
