"""Which sets there are, where they lie and how their rows are known."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from codeassist.evaluate.hole import Hole

from . import infilling, programs, repositories
from .records import Record, SetFileError, read

__all__ = ["NAMES", "load"]

SHARED = "CODEASSIST_SHARED"
"""Environment variable: the folder in which ``eval/`` lies."""

NAMES = {
    "humaneval": "humaneval/HumanEval.jsonl.gz",
    "humaneval-plus": "humaneval/HumanEvalPlus.jsonl.gz",
    "mbpp": "mbpp/mbpp.jsonl.gz",
    "mbpp-plus": "mbpp/MbppPlus.jsonl.gz",
    "multipl-e": "multipl-e/*.json*",
    "infilling-single-line": "humaneval-infilling/SingleLine.jsonl.gz",
    "infilling-multi-line": "humaneval-infilling/MultiLine.jsonl.gz",
    "infilling-random-span": "humaneval-infilling/RandomSpan.jsonl.gz",
    "safim-api": "safim/api.jsonl.gz",
    "safim-block": "safim/block.jsonl.gz",
    "safim-control": "safim/control.jsonl.gz",
    "crosscodeeval": "crosscodeeval/*.jsonl*",
    "repoeval": "repoeval/*.jsonl*",
    "fresh-fim": "fresh-fim/*.jsonl*",
}
"""Name of a set to its files in the evaluation folder."""


@dataclass(frozen=True, slots=True)
class Format:
    """How rows of a set are known, and what makes a hole of one."""

    fields: frozenset[str]
    """All of these and no field of an earlier format."""

    hole: Callable[[Record], Hole | None]
    """None: the row is known to be broken and left out."""


def _format(fields: str, hole: Callable[[Record], Hole | None]) -> Format:
    return Format(frozenset(fields.split()), hole)


FORMATS = (
    _format("repo commit path kind prefix suffix middle", repositories.fresh_fim),
    _format("eval_prompt ground_truth prompt", infilling.safim),
    _format("prompt groundtruth metadata", repositories.crosscodeeval),
    _format("prompt metadata", repositories.repoeval),
    _format("prompt suffix canonical_solution test", infilling.humaneval_infilling),
    _format("name language prompt tests", programs.multipl_e),
    _format("prompt entry_point assertion", programs.mbpp_plus),
    _format("prompt entry_point canonical_solution test", programs.humaneval),
    _format("prompt test test_list", programs.mbpp_plus),
    _format("text code test_list", programs.mbpp),
)
"""The first one that fits a file's first row is taken."""


def load(name_or_path: str, *, limit: int | None = None, seed: int = 0) -> list[Hole]:
    """The holes of a set, in the order of its file.

    Args:
        name_or_path: A name of `NAMES`, looked for in the folder ``eval`` of
            ``CODEASSIST_SHARED`` (default: ``../shared``), or a file.
        limit: At most so many, drawn at random; None: all.
        seed: Of the draw; the same seed draws the same holes.

    Raises:
        SetFileError: no such set or file, a foreign or a broken one.
    """
    holes = _holes(_files(name_or_path))
    if limit is None or limit >= len(holes):
        return holes
    chosen = random.Random(seed).sample(range(len(holes)), max(0, limit))
    return [holes[n] for n in sorted(chosen)]


def _files(name_or_path: str) -> list[Path]:
    if name_or_path not in NAMES:
        path = Path(name_or_path)
        if path.is_file():
            return [path]
        raise SetFileError(
            f"{name_or_path} is neither a file nor a set; sets: {', '.join(NAMES)}"
        )
    folder = Path(os.environ.get(SHARED) or "../shared") / "eval"
    files = sorted(folder.glob(NAMES[name_or_path]))
    if not files:
        raise SetFileError(
            f"{folder / NAMES[name_or_path]} is absent; set {SHARED} to the folder "
            f"that holds eval/, or give a file"
        )
    return files


def _holes(files: list[Path]) -> list[Hole]:
    """The holes of the files, in their order; each file may be of another format."""
    holes: dict[str, Hole] = {}
    for file in files:
        made: Format | None = None
        for record in read(file):
            made = made or _known(record)
            hole = made.hole(record)
            if hole is None:
                continue
            if hole.id in holes:
                raise record.error(f"a second row with the id {hole.id!r}; remove one")
            holes[hole.id] = hole
    return list(holes.values())


def _known(record: Record) -> Format:
    for known in FORMATS:
        if known.fields <= record.values.keys():
            return known
    fields = ", ".join(sorted(record.values)) or "none"
    raise record.error(
        f"rows of no known set (fields: {fields[:200]}); sets: {', '.join(NAMES)}"
    )
