"""What a fine-tuning is asked to do: on which files, for which model, how long."""

import argparse
import hashlib
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codeassist.config import Settings, cache_dir
from codeassist.engine import adapters as store
from codeassist.engine.decode import Vocab, open_vocabulary
from codeassist.engine.latency import tuned
from codeassist.engine.models import Located, resolve
from codeassist.engine.models.store import digest
from codeassist.errors import ConfigError, FamilyError
from codeassist.evaluate.holes import history
from codeassist.fim import Fim, detect
from codeassist.finetune.learned import rank_of
from codeassist.finetune.snapshot import state_of
from codeassist.records import Asked, Records, records_file
from codeassist.training.lora import LoraParts

from .told import settings_told

__all__ = ["Job", "job_of"]

RANK = 16
"""Of an adapter that does not go on from another."""

BUDGET = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


@dataclass(frozen=True, slots=True)
class Job:
    """All that is known before anything is read."""

    root: Path
    name: str
    """Of that folder, as a text whatever bytes it has."""

    settings: Settings
    located: Located
    base: store.Base
    vocab: Vocab
    contract: Fim
    since: str
    """Commit after which the history is learned, too; empty: no history."""

    taken: Sequence[Asked] | None
    """Requests whose suggestions were taken and kept; None: they are not learned."""

    below: Path | None
    """The adapter that it goes on from: the one that came with the model."""

    rank: int
    """Of what is learned: that of ``below``, so that it takes its place."""

    targets: tuple[str, ...]
    """Matrices that are learned, by patterns of their names."""

    today: Path | None
    """The adapter that completes now, and that must be beaten."""

    budget: float
    """Seconds."""

    key: str
    """Of all that the result hangs on."""

    out: Path
    own_out: bool
    """The user has named the folder: it stays."""


def job_of(args: argparse.Namespace) -> Job:
    """Look at what is asked for.

    Raises:
        InputError: no such folder, or revision.
        ConfigError: a budget that cannot be read, or an unfit setting.
        FamilyError: the model cannot fill in the middle.
        ModelError: it is missing or damaged.
        RecordsError: there are none, and what was accepted shall be learned.
    """
    root, budget = Path(args.path).expanduser(), _seconds(args.budget)
    state = state_of(root)
    root = root.resolve()  # a loop of links is refused before
    since = history.resolve(root, args.since) if args.since else ""
    settings = tuned(settings_told(args, root, _warn)).settings
    located = resolve(settings.model.id)
    vocab = open_vocabulary(located.path)
    contract = detect(vocab, settings.model.family or None)
    if not isinstance(contract, Fim):
        msg = f"{located.path.name}: {contract.reason}; name a model that fills in with --model"
        raise FamilyError(msg)
    base = store.base_of(located)
    named = settings.model.adapter
    below = Path(named).expanduser() if named else located.adapter
    today = store.chosen(named, located)
    adapters = [digest(each) if each else "" for each in (below, today)]
    told = (str(root), state, base.sha256, adapters, budget, since)
    context = settings.completion.context_tokens
    taken = Records(records_file()).standing() if args.accepted else None
    more = [] if taken is None else ["accepted"]  # more may be taken until it goes on
    key = hashlib.sha256(json.dumps([*told, context, *more]).encode()).hexdigest()[:16]
    name = os.fsencode(root.name).decode(errors="replace")
    out = cache_dir() / "finetune" / f"{name or 'root'}-{key}"
    return Job(
        root=root,
        name=name,
        settings=settings,
        located=located,
        base=base,
        vocab=vocab,
        contract=contract,
        since=since,
        taken=taken,
        below=below,
        rank=rank_of(below) if below else RANK,
        targets=LoraParts().targets,
        today=today,
        budget=budget,
        key=key,
        out=Path(args.out).expanduser() if args.out else out,
        own_out=bool(args.out),
    )


def _warn(problem: str) -> None:
    """What an editor's settings have that cannot be, its server has shown."""
    sys.stderr.write(f"codeassist: {problem}\n")


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
