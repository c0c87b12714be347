"""`codeassist verify`: two models' logits on real text, side by side."""

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codeassist.errors import InputError
from codeassist.evaluate.scores.intervals import bootstrap
from codeassist.quantize.agreement import Agreement, agree
from codeassist.quantize.contents import Contents, read_contents, read_words
from codeassist.quantize.running import Runner
from codeassist.quantize.source import (
    Form,
    as_checkpoint,
    form_of,
    scratch,
    vocabulary_of,
)

from .weights import chunks_of, locate, on_disk, sample_of, steps

__all__ = ["run"]

CHUNK = 256
"""Tokens of a piece; all its logits are in memory, 150 MB of the largest vocabulary."""

Logits = Callable[[Sequence[int]], NDArray[Any]]


def run(args: argparse.Namespace) -> int:
    """Compare; return the exit status."""
    ends = locate(args.first), locate(args.second)
    sample = sample_of(args)
    with ExitStack() as stack:
        paths = [_readable(path, stack) for path in ends]
        contents = [read_contents(path) for path in paths]
        _check(contents)
        chunks = chunks_of(sample, args.tokens, vocabulary_of(paths[0]), CHUNK)
        first, second = (_logits(path, stack) for path in paths)
        found = agree(_both(chunks, first, second))
    facts = _facts(ends, contents, found) | {"text": sample.origin}
    if not args.tensors:
        del facts["tensors"]
    if args.json:
        print(json.dumps(facts, indent=2))
    else:
        _show(facts)
    return 0


def _readable(path: Path, stack: ExitStack) -> Path:
    """The path itself, or a checkpoint of ours for one of Hugging Face's."""
    if form_of(path) is not Form.HUGGING_FACE:
        return path
    # note: beside it, for that disk had room for a model once
    folder = stack.enter_context(scratch(path)) / "checkpoint"
    with steps("converting") as tell:
        return as_checkpoint(path, folder, progress=tell)


def _check(contents: Sequence[Contents]) -> None:
    a, b = (read_words(vocabulary_of(each.path)) for each in contents)
    if a is None or b is None or a.size != b.size:
        sizes = " and ".join(f"{each.size:,}" if each else "no" for each in (a, b))
        msg = f"the two have {sizes} tokens; compare models of one vocabulary"
        raise InputError(msg)
    for each in contents:
        if each.kind != "model":
            msg = f"{each.path} holds no model ({each.note}); name one"
            raise InputError(msg)


def _logits(path: Path, stack: ExitStack) -> Logits:
    if form_of(path) is Form.GGUF:
        return stack.enter_context(Runner(path, tokens=CHUNK)).logits
    from codeassist.training.measure import (  # note: late, two GGUFs need no torch
        load_exact,
        logits,
    )

    return partial(logits, load_exact(path))


def _both(
    chunks: Sequence[list[int]], first: Logits, second: Logits
) -> Iterator[tuple[list[int], NDArray[Any], NDArray[Any]]]:
    with steps("comparing", "chunk") as tell:
        for n, chunk in enumerate(chunks):
            tell("", n, len(chunks))
            yield chunk, first(chunk), second(chunk)


def _perplexity(losses: NDArray[Any]) -> dict[str, float]:
    """With its 95 % interval; tokens are drawn one by one, so it is a narrow one."""
    found = bootstrap(losses.tolist())
    bounds = {"mean": found.mean, "low": found.low, "high": found.high}
    return {name: math.exp(value) for name, value in bounds.items()}


def _facts(
    ends: Sequence[Path], contents: Sequence[Contents], found: Agreement
) -> dict[str, Any]:
    kinds = [each.gguf_kinds for each in contents]
    names = [*kinds[0], *(name for name in kinds[1] if name not in kinds[0])]
    became = {name: [each.get(name, "none") for each in kinds] for name in names}
    return {
        "models": [str(path) for path in ends],
        "bytes": [on_disk(path) for path in ends],
        "positions": found.positions,
        "largest_difference": found.largest,
        "mean_difference": found.mean,
        "spread": found.spread,
        "divergence": found.divergence,
        "same_top": found.same_top,
        "perplexity": [_perplexity(each) for each in (found.first, found.second)],
        "perplexity_ratio": _perplexity(np.subtract(found.second, found.first)),
        "became": Counter(" to ".join(pair) for pair in became.values()),
        "tensors": became,
    }


def _show(facts: dict[str, Any]) -> None:
    for path, size, each in zip(
        facts["models"], facts["bytes"], facts["perplexity"], strict=True
    ):
        print(f"{path}: {size / 1e6:,.0f} MB, perplexity {_interval(each)}")
    print(
        f"{facts['positions']:,} positions of {facts['text']}\n"
        f"  logits differ by {facts['largest_difference']:.4f} at the most, by "
        f"{facts['mean_difference']:.4f} on average (their spread is "
        f"{facts['spread']:.2f})\n"
        f"  KL divergence {facts['divergence']:.5f}, same first choice "
        f"{facts['same_top']:.2%}\n"
        f"  perplexity times {_interval(facts['perplexity_ratio'])}"
    )
    for pair, count in facts["became"].most_common():
        print(f"  {count:5,} tensors {pair}")
    for name, (before, after) in facts.get("tensors", {}).items():
        print(f"    {name:40} {before} to {after}")


def _interval(each: dict[str, float]) -> str:
    return f"{each['mean']:.4f} [{each['low']:.4f}, {each['high']:.4f}]"
