"""`codeassist corpus build`: sources through the stages into shards."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from codeassist.config import cache_dir
from codeassist.errors import CorpusError, InputError
from codeassist.training.corpus.build import build
from codeassist.training.corpus.engines import Engine, Local
from codeassist.training.corpus.index import Index, wanted
from codeassist.training.corpus.recipe import Recipe, read_recipe
from codeassist.training.corpus.report import summary
from codeassist.training.corpus.result import Corpus
from codeassist.training.corpus.sources import Source, of_path

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Build a corpus and say what became of the files."""
    recipe = _recipe(args.inputs, args.against)
    sources = list(_sources(recipe))
    total = sum(source.size for source in sources)
    with tqdm(total=total, unit="B", unit_scale=True, desc="corpus", delay=2) as bar:

        def show(count: int) -> None:
            bar.update(count)

        corpus = build(sources, recipe, Path(args.out), _engine(args), show)
    if args.json:
        json.dump(summary(corpus), sys.stdout, indent=1)
        print()
    else:
        print(_said(corpus))
    return 0


def _recipe(inputs: Sequence[str], against: Sequence[str]) -> Recipe:
    """The recipe that is named, with the sources beside it."""
    files = [each for each in inputs if each.endswith(".toml")]
    if len(files) > 1:
        msg = f"{files[1]} is a second recipe; give one"
        raise InputError(msg)
    recipe = read_recipe(Path(files[0])) if files else Recipe()
    rest = [each for each in inputs if each not in files]
    packages = [each for each in rest if "==" in each and not Path(each).exists()]
    return replace(
        recipe,
        sources=(*recipe.sources, *(each for each in rest if each not in packages)),
        packages=(*recipe.packages, *packages),
        against=(*recipe.against, *against),
    )


def _sources(recipe: Recipe) -> Iterator[Source]:
    for place in recipe.sources:
        yield of_path(Path(place))
    if not recipe.packages:
        return
    index = Index(cache_dir() / "corpus")
    with tqdm(total=len(recipe.packages), desc="packages", delay=2) as bar:
        brought = 0

        def show(count: int) -> None:
            nonlocal brought
            brought += count
            bar.set_postfix_str(f"{brought / 1e6:.1f} MB")

        for line in recipe.packages:
            release = wanted(line)
            found = of_path(index.fetch(release, show))
            yield replace(found, name=release.name, version=release.version)
            bar.update()


def _engine(args: argparse.Namespace) -> Engine:
    workers = args.workers or len(os.sched_getaffinity(0))
    if workers < 1:
        msg = f"--workers is {args.workers}; give 1 or more"
        raise CorpusError(msg)
    if args.engine == "ray":
        from codeassist.training.corpus.ray_engine import Ray

        return Ray(workers)
    return Local(workers)


def _said(corpus: Corpus) -> str:
    told = summary(corpus)
    lines = [f"{'read':>10} {told['read']['files']:>8,} files {_mb(told['read'])}"]
    for stage in told["stages"]:
        if stage["files"]:
            reason = max(stage["reasons"], key=stage["reasons"].__getitem__)
            figures = f"{stage['files']:>8,} files {_mb(stage)}"
            lines.append(f"{'- ' + stage['stage']:>10} {figures}  mostly: {reason}")
    lines.append(f"{'kept':>10} {told['kept']['files']:>8,} files {_mb(told['kept'])}")
    for name, why in told["refused"].items():
        lines.append(f"not read: {name}: {why}")
    lines.append(f"{told['mb_per_second_per_core']:g} MB/s a core")
    lines.append(f"{corpus.folder}: {told['shards']} shards; look at report.html")
    return "\n".join(lines)


def _mb(told: dict[str, int]) -> str:
    return f"{told['bytes'] / 1e6:>9,.2f} MB"
