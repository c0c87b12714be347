"""`codeassist evaluate repo` and `set`: systems fill holes."""

import argparse
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

from codeassist.config import Settings
from codeassist.engine.models.store import resolve
from codeassist.errors import InputError
from codeassist.evaluate.cursor import as_in_editor
from codeassist.evaluate.executing import run_check
from codeassist.evaluate.fingerprint import of_code
from codeassist.evaluate.hole import Check, Hole
from codeassist.evaluate.holes import history
from codeassist.evaluate.holes.cutting import KINDS, Cutting, cut
from codeassist.evaluate.holes.manifest import Manifest, read_manifest, write_manifest
from codeassist.evaluate.holes.repository import Repository, open_repository
from codeassist.evaluate.holes.workspace import workspace
from codeassist.evaluate.journal import Journal, key_of
from codeassist.evaluate.published import note
from codeassist.evaluate.report import Evaluation, place_of
from codeassist.evaluate.run import Samples, Show, run
from codeassist.evaluate.scores.scoring import scores
from codeassist.evaluate.sets import load, sound
from codeassist.evaluate.systems import Contender, against, ours

from .evaluate_settings import project_settings
from .options import settings_of

__all__ = ["fill", "repo", "set", "sound_holes"]


def repo(args: argparse.Namespace) -> Evaluation:
    """Holes cut into a repository, or those of a manifest.

    Raises:
        InputError: there is nothing to cut, or the manifest is of other files.
    """
    repository = open_repository(Path(args.path))
    settings, notes = project_settings(args, repository.root)
    systems = _systems(args, settings)
    manifest = _manifest(args, repository)
    since = manifest.cutting.since
    shown = repository.digest(since) if args.journal else ""
    with workspace(repository, since) as copy:
        name, holes = repository.name, manifest.holes
        filled = fill(name, holes, systems, args, copy.show, shown)
    return replace(filled, notes=notes)


def set(args: argparse.Namespace) -> Evaluation:  # noqa: A001 - named as the action is
    """The holes of a public set whose reference passes the set's own tests.

    Raises:
        InputError: no such set, or a broken one.
    """
    settings = settings_of(args)
    systems = _systems(args, settings)
    loaded = load(args.name, limit=args.limit, seed=args.seed)
    holes, aside = sound_holes([as_in_editor(hole) for hole in loaded])
    if not holes:
        msg = f"no reference of {args.name} passes its own tests; is the file whole?"
        raise InputError(msg)
    evaluation = fill(args.name, holes, systems, args)
    entry = resolve(settings.model.id).entry
    published = note(holes[0].origin, entry.id if entry else "", len(holes))
    left_out = f"{aside} holes set aside, whose reference fails" if aside else ""
    return replace(evaluation, notes=tuple(filter(None, (published, left_out))))


def fill(
    title: str,
    holes: Sequence[Hole],
    systems: Sequence[Contender],
    args: argparse.Namespace,
    show: Show = nullcontext,
    shown: str = "",
) -> Evaluation:
    """Let the systems fill the holes.

    Args:
        title: Of the report.
        holes: Their ids differ.
        systems: One after another.
        args: ``journal``, ``samples`` and ``temperature``.
        show: Puts a hole into its repository.
        shown: Digest of that repository.
    """
    samples = Samples(args.samples, args.temperature)
    with ExitStack() as stack:
        journal = None
        if args.journal:
            key = key_of(holes, {**_conditions(systems, samples), "shown": shown})
            journal = stack.enter_context(Journal(Path(args.journal), key, of_code()))
        ran = run(systems, holes, scores, samples=samples, journal=journal, show=show)
        return Evaluation(title, tuple(map(place_of, holes)), tuple(ran))


def _conditions(systems: Sequence[Contender], samples: Samples) -> Mapping[str, object]:
    told = {system.name: dict(system.settings) for system in systems}
    return {"systems": told, "samples": asdict(samples)}


def _manifest(args: argparse.Namespace, repository: Repository) -> Manifest:
    path = Path(args.manifest) if args.manifest else None
    if path is not None and path.exists():
        return read_manifest(path, repository)
    kinds = tuple(args.kinds.split(",")) if args.kinds else KINDS
    since = history.resolve(repository.root, args.since) if args.since else ""
    cutting = Cutting(args.holes, args.seed, kinds, since=since)
    holes = tuple(cut(repository, cutting))
    manifest = Manifest(repository.name, repository.commit, cutting, holes)
    if path is not None:
        write_manifest(path, manifest)
    return manifest


def _systems(args: argparse.Namespace, settings: Settings) -> list[Contender]:
    systems = [ours(settings), *(against(spec, settings) for spec in args.against)]
    names = [system.name for system in systems]
    for system in systems:
        if names.count(system.name) > 1:
            msg = f"--against names {system.name} twice; once is enough"
            raise InputError(msg)
    return systems


def sound_holes(holes: Sequence[Hole]) -> tuple[Sequence[Hole], int]:
    """The holes whose reference passes, and how many do not; runs all references."""
    bar = tqdm(total=sum(hole.check is not None for hole in holes), desc="references")

    def passes(check: Check, text: str) -> bool:
        verdict = run_check(check, text)
        bar.update()
        return verdict.passed

    with bar:
        judged = sound(holes, passes, workers=os.cpu_count() or 1)
    return judged.kept, len(judged.aside)
