"""What goes into a corpus and what is kept of it: a TOML file with every default."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from codeassist.errors import ConfigError, CorpusError

from .spelling import LANGUAGES, language, licence

__all__ = ["Filters", "Licences", "Mix", "Near", "OptOut", "Recipe", "read_recipe"]

PERMISSIVE = (
    *("0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BlueOak-1.0.0"),
    *("BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "HPND", "ISC", "MIT"),
    *("MIT-0", "MIT-CMU", "NCSA", "PSF-2.0", "PostgreSQL", "Python-2.0"),
    *("Python-2.0.1", "Unlicense", "UPL-1.0", "X11", "Zlib", "ZPL-2.1", "curl"),
    *("blessing", "libpng-2.0"),
)

PROSE_AND_DATA = ("css", "json", "makefile", "markdown", "plaintext", "toml", "yaml")
"""Languages of `codeassist.languages` that a corpus of code does without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licences:
    """What may be learned from."""

    allow: tuple[str, ...] = PERMISSIVE
    """SPDX identifiers, exceptions with their licence; all others are out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """Who does not want to be learned from: shell patterns, letter case aside."""

    owners: tuple[str, ...] = ()
    """Of the repository that a package names, or that git fetches from."""

    packages: tuple[str, ...] = ()
    """As the folder or archive is named; ``-``, ``_`` and ``.`` are the same."""

    paths: tuple[str, ...] = ()
    """Of files, as ``package/path``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a file must be like; StarCoder's bounds where it has them."""

    skip_languages: tuple[str, ...] = PROSE_AND_DATA
    min_bytes: int = 64
    max_bytes: int = 1_000_000
    mean_line: int = 100
    """Characters of a line on average at the most."""

    longest_line: int = 1000
    alphanumeric: float = 0.25
    """Share of letters and digits at the least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Near-duplicates: MinHash over token n-grams, as in StarCoder's data."""

    jaccard: float = 0.7
    """From which on the later of two files is out; 0: no near-deduplication."""

    gram: int = 5
    permutations: int = 256
    bands: int = 42
    """Of ``permutations // bands`` rows each: 42 of 6 bring 99.5 % of the pairs at
    0.7 to a comparison, and half of those at 0.5; the true Jaccard decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How much of each language."""

    caps: Mapping[str, float] = field(default_factory=dict)
    """Share of the corpus at the most."""

    weights: Mapping[str, float] = field(default_factory=dict)
    """Share of the language's files that is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One corpus."""

    sources: tuple[str, ...] = ()
    """Folders, git repositories and archives."""

    packages: tuple[str, ...] = ()
    """Of the package index: ``name==version``, with ``--hash=sha256:…`` if pinned."""

    against: tuple[str, ...] = ()
    """Folders of evaluation sets: no file may share an n-gram with them."""

    against_gram: int = 10
    """Tokens of such an n-gram."""

    licences: Licences = field(default_factory=Licences)
    opt_out: OptOut = field(default_factory=OptOut)
    filters: Filters = field(default_factory=Filters)
    near: Near = field(default_factory=Near)
    mix: Mix = field(default_factory=Mix)
    max_archive_bytes: int = 1_000_000_000
    """Unpacked; a larger archive is refused."""

    shard_bytes: int = 64_000_000
    """Of text in a shard, about."""

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("filters.alphanumeric", self.filters.alphanumeric, 0, 1),
            ("near.jaccard", self.near.jaccard, 0, 1),
            ("near.gram", self.near.gram, 1, 100),
            ("near.permutations", self.near.permutations, 1, 4096),
            ("near.bands", self.near.bands, 1, self.near.permutations),
            ("against_gram", self.against_gram, 1, 100),
            ("shard_bytes", self.shard_bytes, 1, 2**40),
            *((f"mix.caps.{k}", v, 0, 1) for k, v in self.mix.caps.items()),
            *((f"mix.weights.{k}", v, 0, 1) for k, v in self.mix.weights.items()),
        ):
            if not low <= value <= high:
                msg = f"{name} is {value}; give a number from {low} to {high}"
                raise ConfigError(msg)
        for name, languages in (
            ("filters.skip_languages", self.filters.skip_languages),
            ("mix.caps", self.mix.caps),
            ("mix.weights", self.mix.weights),
        ):
            _check(name, languages, language, f"known are {', '.join(LANGUAGES)}")
        others = (each for each in self.licences.allow if each not in PERMISSIVE)
        _check("licences.allow", others, licence, "give SPDX identifiers, such as MIT")

    def per_file(self) -> dict[str, Any]:
        """The part that decides on a file alone: its results can be kept."""
        told = asdict(self)
        for name in ("sources", "packages", "mix", "shard_bytes", "against"):
            del told[name]
        for name in ("jaccard", "bands"):
            del told["near"][name]
        return told


def read_recipe(path: Path) -> Recipe:
    """Read a recipe; relative folders in it are seen from the recipe's folder.

    Raises:
        CorpusError: the file cannot be read or is no TOML.
        ConfigError: an unknown key, a wrong type or a value out of range.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); name a recipe"
        raise CorpusError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not valid TOML ({error}); mend it"
        raise CorpusError(msg) from error
    for name in ("sources", "against"):
        if isinstance(table.get(name), list):
            table[name] = [
                str(path.parent / Path(str(each)).expanduser()) for each in table[name]
            ]
    recipe: Recipe = _filled(Recipe, table, str(path))
    return recipe


def _check(
    where: str, names: Iterable[str], spelled: Callable[[str], str], known: str
) -> None:
    """Refuse names that no file has, or not in this spelling."""
    for name in names:
        right = spelled(name)
        if right != name:
            msg = f"{where}: there is no {name!r}; "
            raise ConfigError(msg + (f"write {right!r}" if right else known))


def _filled(kind: type[Any], table: Mapping[str, Any], where: str) -> Any:
    known = {each.name: each for each in fields(kind)}
    blank, values = kind(), {}
    for key, value in table.items():
        if key not in known:
            msg = f"{where}: there is no {key!r}; known are {', '.join(known)}"
            raise ConfigError(msg)
        values[key] = _fitting(getattr(blank, key), value, f"{where}: {key}")
    return kind(**values)


def _fitting(default: Any, value: Any, where: str) -> Any:
    """The value in the type of its default."""
    if is_dataclass(default) and isinstance(value, dict):
        return _filled(type(default), value, where)
    if isinstance(default, tuple) and isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            return tuple(value)
    elif isinstance(default, dict) and isinstance(value, dict):
        if all(isinstance(n, int | float) for n in value.values()):
            return value
    elif isinstance(default, float) and isinstance(value, int | float):
        return float(value)
    elif type(default) is type(value):
        return value
    msg = f"{where} is {value!r}; give it as its default is: {default!r}"
    raise ConfigError(msg)
