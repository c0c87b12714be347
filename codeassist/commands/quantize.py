"""`codeassist quantize`: a model made small by llama.cpp's own quantiser."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from codeassist.errors import InputError
from codeassist.quantize.contents import read_contents
from codeassist.quantize.convert import Format
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.importance import (
    ImportanceMatrix,
    measure,
    read_importance,
)
from codeassist.quantize.quantiser import (
    TYPES,
    Report,
    check_floats,
    check_types,
    quantise,
)
from codeassist.quantize.sample import Sample
from codeassist.quantize.source import as_gguf, scratch

from .weights import check_place, chunks_of, locate, sample_of, steps

__all__ = ["run"]

UNWEIGHED = ("F32", "F16", "BF16", "Q8_0")
"""Types for which llama.cpp asks no importance matrix."""

WORDS = ("auto", "none")
"""What --imatrix can be that is no file."""

CHUNK = 512
"""Tokens of a piece of text, as llama.cpp's own tool takes them."""


def run(args: argparse.Namespace) -> int:
    """Quantise; return the exit status."""
    source, target = locate(args.source), Path(args.target).expanduser()
    kind, output, embedding = (
        name.upper() for name in (args.type, args.output_type, args.embedding_type)
    )
    if kind not in TYPES or target.suffix != ".gguf":
        msg = f"write --type as one of {', '.join(TYPES)}, and DST as NAME.gguf"
        raise InputError(msg)
    check_types(kind, output, embedding)
    named = [] if args.imatrix in WORDS else [Path(args.imatrix).expanduser()]
    check_place(target, source, *named)
    weighed = args.imatrix != "none" and kind not in UNWEIGHED
    matrix = read_importance(named[0]) if named and weighed else None
    sample = sample_of(args) if weighed and not named else None
    with scratch(target) as folder:
        model = _floats(source, folder)
        check_floats(GgufFile(model))
        if sample:
            matrix = _importance(sample, args.tokens, model, target)
        with steps("quantising") as tell:
            report = quantise(
                model,
                target,
                kind,
                importance=matrix.means if matrix else None,
                output=output,
                embedding=embedding,
                progress=tell,
            )
    _show(target, report, matrix, as_json=args.json)
    return 0


def _floats(source: Path, folder: Path) -> Path:
    """The GGUF that is quantised: the model itself, or one of its own 16 bits."""
    kinds = {} if source.is_file() else read_contents(source).kinds
    format_: Format = "BF16" if next(iter(kinds), "") == "BF16" else "F16"
    with steps("converting") as tell:
        return as_gguf(source, folder, format_=format_, progress=tell)


def _importance(
    sample: Sample, tokens: int, model: Path, target: Path
) -> ImportanceMatrix:
    """Measure an importance matrix and keep it beside the result."""
    chunks = chunks_of(sample, tokens, model, CHUNK)
    with steps("importance", "chunk") as tell:
        matrix = measure(model, chunks, origin=sample.origin, progress=tell)
    path = target.with_suffix(".imatrix.gguf")
    matrix.write(path)
    _say(f"importance of {sum(map(len, chunks)):,} tokens of {sample.origin}: {path}")
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
