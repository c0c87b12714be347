"""The end of a fine-tuning: the adapter is judged, and switched on if it is better."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from codeassist.engine import adapters as store
from codeassist.engine.models.store import digest
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.report import Evaluation, save
from codeassist.evaluate.systems import Contender, ours
from codeassist.finetune.canaries import Canary, leaked
from codeassist.finetune.judging import Verdict, general, judge, own
from codeassist.finetune.material import Material
from codeassist.finetune.page import redacted, report_page
from codeassist.finetune.snapshot import Snapshot
from codeassist.training.recipe_table import plain
from codeassist.training.run import CURVE_FILE
from codeassist.whole import write_text

from .finetune_job import Job
from .finetune_progress import Progress
from .finetune_sizes import SEED, Sizes, recipe_of

__all__ = ["ADAPTER", "FIGURES", "PAGE", "Found", "prove", "store_it", "switched"]

ADAPTER, PAGE, FIGURES = "adapter.gguf", "report.html", "report.json"
AFTER, BEFORE = "with the new adapter", "before"


@dataclass(frozen=True, slots=True)
class Found:
    """What the repository has."""

    snapshot: Snapshot
    material: Material
    holes: Sequence[Hole]
    canaries: Sequence[Canary]


def prove(job: Job, sizes: Sizes, found: Found, progress: Progress) -> Verdict:
    """Judge the adapter, and write the report beside it."""
    out, snapshot = job.out, found.snapshot
    contenders = [
        _contender(job, AFTER, out / ADAPTER),
        _contender(job, BEFORE, job.today),
    ]
    n_other = max(20, sizes.holes // 2)
    total, done = len(contenders) * (len(found.holes) + n_other), count(1)

    def tell() -> None:
        progress.at("judging", next(done), total)

    judged = own(job.name, snapshot, found.holes, contenders, out, tell)
    other = general(n_other, SEED, contenders, out, tell)
    system = contenders[0].open()
    try:
        leaks = leaked(found.canaries, system)
    finally:
        system.close()
    verdict = judge(judged, other, len(leaks), len(found.canaries))
    _report(out, redacted(judged), other, verdict)
    return verdict


def _contender(job: Job, name: str, adapter: Path | None) -> Contender:
    model = replace(job.settings.model, adapter=str(adapter) if adapter else "")
    return ours(replace(job.settings, model=model), name=name)


def _report(
    out: Path, judged: Evaluation, other: Evaluation | str, verdict: Verdict
) -> None:
    notes = verdict.reasons
    save(replace(judged, notes=notes), out / FIGURES)
    write_text(out / PAGE, report_page(judged, other, verdict, out / CURVE_FILE))


def _about(
    job: Job, sizes: Sizes, found: Found, verdict: Verdict, best: Mapping[str, float]
) -> store.About:
    recipe = plain(recipe_of(job, sizes))
    recipe |= {"examples": sizes.examples, "best": dict(best), "seed": SEED}
    recipe["below"] = digest(job.below) if job.below else ""
    return store.About(
        name=_name(job.name),
        base=job.base,
        sha256="",
        size=0,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        repository=str(job.root),
        commit=found.snapshot.head,
        recipe=json.loads(json.dumps(recipe, default=str)),
        figures=dict(verdict.figures),
    )


def _name(folder: str) -> str:
    """The repository's name in letters that a name may have."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in folder)
    return kept.strip("-")[:60] or "repository"


def store_it(
    job: Job, sizes: Sizes, found: Found, verdict: Verdict, best: Mapping[str, float]
) -> str:
    """Store the adapter with its report; return its name."""
    out, about = job.out, _about(job, sizes, found, verdict, best)
    return store.add(about, out / ADAPTER, [out / PAGE, out / FIGURES]).about.name


def switched(job: Job, name: str) -> bool:
    """Make it the active one, unless another became that since it was compared."""
    if store.chosen(job.settings.model.adapter, job.located) != job.today:
        return False
    store.activate(name)
    return True
