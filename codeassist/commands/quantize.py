"""`codeassist quantize`: a model made small by llama.cpp's own quantiser."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from codeassist.errors import InputError
from codeassist.quantize.contents import read_contents
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.importance import (
    ImportanceMatrix,
    measure,
    read_importance,
)
from codeassist.quantize.quantiser import TYPES, Report, check_floats, quantise
from codeassist.quantize.source import as_gguf, scratch

from .weights import locate, steps, text_of

__all__ = ["run"]

UNWEIGHED = ("F32", "F16", "BF16", "Q8_0")
"""Types for which llama.cpp asks no importance matrix."""

CHUNK = 512
"""Tokens of a piece of text, as llama.cpp's own tool takes them."""


def run(args: argparse.Namespace) -> int:
    """Quantise; return the exit status."""
    source, target = locate(args.source), Path(args.target).expanduser()
    kind = args.type.upper()
    if kind not in TYPES or target.suffix != ".gguf":
        msg = f"write --type as one of {', '.join(TYPES)}, and DST as NAME.gguf"
        raise InputError(msg)
    with scratch(target) as folder:
        with steps("converting") as tell:
            model = as_gguf(source, folder, format_=_floats(source), progress=tell)
        check_floats(GgufFile(model))
        matrix = None
        if args.imatrix != "none" and kind not in UNWEIGHED:
            matrix = _importance(args, model, target)
        with steps("quantising") as tell:
            report = quantise(
                model,
                target,
                kind,
                importance=matrix.means if matrix else None,
                output=args.output_type.upper(),
                embedding=args.embedding_type.upper(),
                progress=tell,
            )
    _show(target, report, matrix, as_json=args.json)
    return 0


def _floats(source: Path) -> Any:
    """What lies between a checkpoint and the quantiser: its own 16 bits."""
    kinds = {} if source.is_file() else read_contents(source).kinds
    return "BF16" if next(iter(kinds), "") == "BF16" else "F16"


def _importance(
    args: argparse.Namespace, model: Path, target: Path
) -> ImportanceMatrix:
    """Read an importance matrix, or measure one and keep it beside the result."""
    if args.imatrix != "auto":
        return read_importance(Path(args.imatrix).expanduser())
    origin, chunks = text_of(args, model, CHUNK)
    with steps("importance", "chunk") as tell:
        matrix = measure(model, chunks, origin=origin, progress=tell)
    path = target.with_suffix(".imatrix.gguf")
    matrix.write(path)
    tokens = sum(map(len, chunks))
    _say(f"importance of {tokens:,} tokens of {origin}: {path}")
    return matrix


def _show(
    target: Path, report: Report, matrix: ImportanceMatrix | None, *, as_json: bool
) -> None:
    if as_json:
        facts = asdict(report) | {"types": report.types, "path": str(target)}
        facts["importance"] = matrix.datasets if matrix else None
        print(json.dumps(facts, indent=2))
        return
    types = ", ".join(f"{count} {kind}" for kind, count in report.types.most_common())
    print(
        f"{target}: {report.size_before / 1e6:,.0f} MB to "
        f"{report.size_after / 1e6:,.0f} MB; {types}"
    )
    for reason, count in report.reasons.most_common():
        print(f"  {reason}, {count} tensors")


def _say(line: str) -> None:
    print(f"codeassist: {line}", file=sys.stderr, flush=True)
