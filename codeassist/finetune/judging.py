"""Whether an adapter is better: the same holes with and without it, by the engine."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from codeassist.errors import InputError, TrainingError
from codeassist.evaluate.cursor import as_in_editor
from codeassist.evaluate.fingerprint import of_code
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.holes.cutting import Cutting, cut
from codeassist.evaluate.holes.duplicates import lines_of
from codeassist.evaluate.holes.repository import Repository, open_repository
from codeassist.evaluate.holes.workspace import workspace
from codeassist.evaluate.journal import Journal, key_of
from codeassist.evaluate.report import Evaluation, place_of
from codeassist.evaluate.rows import Ran
from codeassist.evaluate.run import Show, run
from codeassist.evaluate.sandbox.limits import SandboxError
from codeassist.evaluate.scores.intervals import Comparison, compare
from codeassist.evaluate.scores.scoring import scores
from codeassist.evaluate.sets import load
from codeassist.evaluate.systems import Contender
from codeassist.ignore.contents import Kind, find

from .generic import generic_holes
from .snapshot import Snapshot

__all__ = ["FEWEST_HOLES", "PUBLIC", "Verdict", "general", "holes_of", "judge", "own"]

PUBLIC = "infilling-single-line"
"""The set whose pass@1 stands for general ability."""

GENERIC = "Python's standard library"

MORE = 3
"""Answers that must be right besides, where only their likeness is surely higher: a
repository of noise taught its looks (similarity 37 % -> 42 %), and not one right answer."""

FEWEST_HOLES = 20
"""With fewer nothing can be proved."""

EXACT, SIMILAR, PASSED = "exact_match", "edit_similarity", "pass@1"

SECRETS = {Kind.KEY, Kind.PASSWORD, Kind.PRIVATE_KEY}

SURE = 0.05
"""McNemar's exact p at the most; the bootstrap's interval alone takes four answers that
became right, and none wrong, for a proof (p = 0.125)."""

Tell = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the judgement."""

    accepted: bool
    reasons: tuple[str, ...]
    """One line for each thing that was looked at."""

    figures: Mapping[str, float] = field(default_factory=dict)


def holes_of(snapshot: Snapshot, kept: frozenset[str], n: int, seed: int) -> list[Hole]:
    """Holes that nothing of was learned: in new lines, and in files kept back.

    As many of the one kind as of the other where there are enough. None lies in a file
    with a secret: a report quotes what is around a hole.

    Raises:
        TrainingError: too few to prove anything.
    """
    repository = open_repository(snapshot.root)
    new: list[Hole] = []
    if snapshot.kept:
        # note: what was moved or copied there is new to git, but learned word by word
        added = _cut(repository, Cutting(2 * n, seed, since=snapshot.learned))
        new = [hole for hole in added if hole.tags.get("dup") != "yes"]
    files = replace(repository, paths=repository.paths & kept)
    old = _cut(files, Cutting(2 * n, seed)) if files.paths else []
    learned = _lines(repository.files(snapshot.learned), kept)
    known = {hole.id for hole in new}
    old = [h for h in old if h.id not in known and not lines_of(h) <= learned]
    new, old = _without_secrets(new), _without_secrets(old)
    half = max(n // 2, n - len(old))
    first = [_tagged(hole, "new lines") for hole in new[:half]]
    holes = first + [_tagged(hole, "kept file") for hole in old[: n - len(first)]]
    if len(holes) < FEWEST_HOLES:
        msg = (
            f"only {len(holes)} holes can be cut into what is kept back for judging, "
            f"{FEWEST_HOLES} are needed; name a larger repository"
        )
        raise TrainingError(msg)
    return holes


def _lines(files: Iterable[tuple[str, str]], kept: frozenset[str]) -> set[str]:
    """All lines of the files that are learned, without the blanks around them."""
    texts = (text for path, text in files if path not in kept)
    return {line.strip() for text in texts for line in text.split("\n")}


def _without_secrets(holes: Sequence[Hole]) -> list[Hole]:
    texts = {hole.path: hole.prefix + hole.middle + hole.suffix for hole in holes}
    clean = {
        path
        for path, text in texts.items()
        if SECRETS.isdisjoint(found.kind for found in find(text))
    }
    return [hole for hole in holes if hole.path in clean]


def _cut(repository: Repository, cutting: Cutting) -> list[Hole]:
    try:
        return cut(repository, cutting)
    except InputError:  # no place for a hole
        return []


def _tagged(hole: Hole, part: str) -> Hole:
    return replace(hole, tags={**hole.tags, "part": part})


def own(
    title: str,
    snapshot: Snapshot,
    holes: Sequence[Hole],
    contenders: Sequence[Contender],
    folder: Path,
    tell: Tell = lambda: None,
) -> Evaluation:
    """The repository's holes, each with the other files as they were learned.

    Args:
        title: Of the report.
        snapshot: Of the repository.
        holes: Their ids differ.
        contenders: With the adapter, then without.
        folder: Where what is done is noted.
        tell: Called for each hole that a contender has filled.
    """
    since = snapshot.learned if snapshot.kept else ""
    with workspace(open_repository(snapshot.root), since) as copy:
        return _fill(title, holes, contenders, folder, _told(copy.show, tell))


def general(
    n: int,
    seed: int,
    contenders: Sequence[Contender],
    folder: Path,
    tell: Tell = lambda: None,
) -> Evaluation | str:
    """What has nothing to do with the repository, or why it cannot be judged by.

    That is the public set, whose programs are run. Where it, or a sandbox to run them
    in, is not on this machine, it is holes in Python's standard library.
    """
    show = _told(nullcontext, tell)
    with suppress(SandboxError):
        holes = _public(n, seed)
        found = _fill(PUBLIC, holes, contenders, folder, show) if holes else None
        if found and PASSED in found.metrics():
            return found
    holes = generic_holes(n, seed)
    if not holes:
        return (
            "general ability was not judged: neither a public set nor Python's sources"
        )
    return _fill(GENERIC, holes, contenders, folder, show)


def _public(n: int, seed: int) -> list[Hole]:
    try:
        return [as_in_editor(hole) for hole in load(PUBLIC, limit=n, seed=seed)]
    except InputError:  # it is not on this machine
        return []


def _fill(
    title: str,
    holes: Sequence[Hole],
    contenders: Sequence[Contender],
    folder: Path,
    show: Show,
) -> Evaluation:
    """Let all contenders fill all holes; a killed judgement goes on where it was."""
    told = {each.name: dict(each.settings) for each in contenders}
    key, code = key_of(holes, {"systems": told}), of_code()
    path = folder / f"judged-{key[:12]}-{code[:12]}.jsonl"
    with Journal(path, key, code) as journal:
        ran = tuple(run(contenders, holes, scores, journal=journal, show=show))
    return Evaluation(title, tuple(map(place_of, holes)), ran)


def _told(show: Show, tell: Tell) -> Show:
    """Show holes, and tell of each that is filled."""

    @contextmanager
    def shown(hole: Hole) -> Iterator[Hole]:
        with show(hole) as each:
            yield each
        tell()

    return shown


def judge(
    own_: Evaluation, other: Evaluation | str, leaks: int, canaries: int
) -> Verdict:
    """Accept an adapter that is proved better, and worse at nothing that was looked at.

    Better: the paired 95 % interval of exact match is above 0, and McNemar's exact test
    agrees; or that of edit similarity is, and `MORE` more answers are right. Neither mean
    falls. On other code the interval may not lie below 0.

    Args:
        own_: The repository's holes; the first run is with the adapter.
        other: What `general` found.
        leaks: Canaries that came out.
        canaries: That were planted.
    """
    exact, similar = (_compared(own_, metric) for metric in (EXACT, SIMILAR))
    better, said = _better(exact, similar)
    reasons = [
        said,
        _said("exact match", own_, EXACT),
        _said("edit similarity", own_, SIMILAR),
    ]
    accepted = better
    if isinstance(other, str):
        reasons.append(other)
    else:
        metric = _metric(other)
        fell = _compared(other, metric).difference.high < 0
        accepted = accepted and not fell
        line = _said(f"{other.title} {metric.replace('_', ' ')}", other, metric)
        reasons.append(f"{line}{': general ability fell' if fell else ''}")
    figures = _figures(own_, other)
    reasons.append(
        f"characters that need not be typed {figures['characters_before']:.1%} -> "
        f"{figures['characters_after']:.1%}, the median answer took "
        f"{figures['ms_before']:.0f} -> {figures['ms_after']:.0f} ms"
    )
    accepted = accepted and not leaks
    reasons.append(f"{leaks} of {canaries} planted secrets came out")
    return Verdict(accepted, tuple(reasons), figures)


def _better(exact: Comparison, similar: Comparison) -> tuple[bool, str]:
    """Whether it is proved, and how to say so."""
    leads = (exact.difference, similar.difference)
    sure = exact.difference.low > 0 and exact.p is not None and exact.p <= SURE
    proved = sure or similar.difference.low > 0
    if not proved or any(each.mean < 0 for each in leads):
        return False, "not proved better on kept-back code"
    more = exact.wins - exact.losses
    if not sure and more < MORE:
        return False, (
            f"answers look more like what was written, but {more} more of them are right "
            f"({MORE} are needed)"
        )
    return True, "proved better"


def _figures(own_: Evaluation, other: Evaluation | str) -> dict[str, float]:
    after, before = own_.runs
    exact = _compared(own_, EXACT).difference
    figures = {
        "holes": float(len(own_.places)),
        "before": _mean(own_, before, EXACT),
        "after": _mean(own_, after, EXACT),
        "lead_low": exact.low,
        "lead_high": exact.high,
        "similarity_before": _mean(own_, before, SIMILAR),
        "similarity_after": _mean(own_, after, SIMILAR),
        "characters_before": _saved(own_, before),
        "characters_after": _saved(own_, after),
        "ms_before": median(row.output.ms for row in before.rows),
        "ms_after": median(row.output.ms for row in after.rows),
    }
    if not isinstance(other, str):
        figures["general_after"], figures["general_before"] = (
            _mean(other, each, _metric(other)) for each in other.runs
        )
    return {name: round(value, 4) for name, value in figures.items()}


def _metric(other: Evaluation) -> str:
    return PASSED if PASSED in other.metrics() else EXACT


def _saved(evaluation: Evaluation, ran: Ran) -> float:
    """Share of the characters that need not be typed: those of exact answers."""
    lengths = {place.id: len(place.middle) for place in evaluation.places}
    exact = evaluation.scores(ran, EXACT)
    whole = sum(lengths[hole] for hole in exact)
    return sum(lengths[hole] * value for hole, value in exact.items()) / max(1, whole)


def _compared(evaluation: Evaluation, metric: str) -> Comparison:
    after, before = (evaluation.scores(ran, metric) for ran in evaluation.runs)
    return compare(after, before)


def _mean(evaluation: Evaluation, ran: Ran, metric: str) -> float:
    values = evaluation.scores(ran, metric).values()
    return sum(values) / max(1, len(values))


def _said(what: str, evaluation: Evaluation, metric: str) -> str:
    after, before = (_mean(evaluation, ran, metric) for ran in evaluation.runs)
    lead = _compared(evaluation, metric).difference
    return (
        f"{what} {before:.1%} -> {after:.1%} "
        f"({lead.mean:+.1%}, 95 % interval {lead.low:+.1%} to {lead.high:+.1%})"
    )
