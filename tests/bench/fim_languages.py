"""Holes in six languages, of releases that the house's adapter was not trained on."""

from collections.abc import Iterator

from codeassist import config
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.holes.cutting import Cutting, cut
from codeassist.evaluate.holes.repository import open_repository
from codeassist.training.corpus.index import Wanted
from tests.bench.releases import tree

__all__ = ["LANGUAGES", "language_holes"]

WANDB = Wanted("wandb", "0.31.0", "")  # MIT
JPYPE = Wanted("jpype1", "1.7.1", "")  # Apache-2.0
UJSON = Wanted("ujson", "6.1.0", "")  # BSD-3-Clause
DATASETTE = Wanted("datasette", "0.65.5", "")  # Apache-2.0

LANGUAGES = {
    "go": WANDB,
    "rust": WANDB,
    "java": JPYPE,
    "cpp": JPYPE,
    "c": UJSON,
    "javascript": DATASETTE,
}
"""The release whose files of a language are cut. Python and TypeScript are fresh-fim's."""


def language_holes(n: int, seed: int) -> Iterator[tuple[str, list[Hole]]]:
    """Each language with at most `n` holes, which occur once in their release."""
    for language, release in LANGUAGES.items():
        name = f"{release.name}-{release.version}"
        root = tree(release, config.cache_dir() / "bench" / "languages" / name)
        wanted = Cutting(4 * n + 16, seed, languages=(language,))
        holes = cut(open_repository(root), wanted)
        yield language, [hole for hole in holes if hole.tags.get("dup") != "yes"][:n]
