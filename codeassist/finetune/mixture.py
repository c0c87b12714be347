"""What examples are made of: shares of kinds, windows and languages, and limits."""

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codeassist.errors import ConfigError
from codeassist.training.fim_data.recipe import draw
from codeassist.training.recipe_table import build

from .cuts import KINDS, PLAIN

__all__ = ["ExampleMixture", "read_mixture"]


def _kinds() -> dict[str, float]:
    return {
        "rest-of-line": 0.20,
        "line": 0.10,
        "lines": 0.06,
        "statement": 0.08,
        "arguments": 0.08,
        "condition": 0.04,
        "block": 0.06,
        "body": 0.06,
        "random": 0.14,
        "typed": 0.10,
        "empty": 0.05,
        PLAIN: 0.03,
    }


def _before() -> dict[str, float]:
    return {"96": 0.2, "192": 0.35, "320": 0.3, "512": 0.15}


def _after() -> dict[str, float]:
    return {"32": 0.3, "64": 0.35, "128": 0.35}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleMixture:
    """Shares need not add up; lengths are in tokens.

    Raises:
        ConfigError: a value that does not fit.
    """

    length: int = 1152
    """Of a row, and of an example at the most."""

    middle: int = 256
    """Of what is learned of a hole at the most."""

    longest: int = 700
    """Characters of a hole at the most."""

    plain: int = 160
    """Of a stretch that is learned left to right, at the most."""

    kinds: Mapping[str, float] = field(default_factory=_kinds)
    """Share of each kind of `cuts.KINDS`. Of left to right all tokens are learned, of
    a hole a tenth, so that a small share goes a long way."""

    before: Mapping[str, float] = field(default_factory=_before)
    """Share of each size of the window before the cursor; the engine's largest is
    `completion.prefix_tokens`, a start of a file is smaller anyway."""

    after: Mapping[str, float] = field(default_factory=_after)
    """The same of the window after the cursor."""

    context: float = 0.2
    """Share of the repositories whose examples show other files, as the engine
    chooses them; of the examples where there are few repositories."""

    context_tokens: int = 512
    """Of other files at the most; the window before the cursor is then 256 at most."""

    alone: float = 0.2
    """Share of the examples in which one function is the whole file."""

    unfinished: float = 0.1
    """Share of the examples in which the file ends behind the hole."""

    languages: Mapping[str, float] = field(default_factory=dict)
    """Share of each language, ``js`` and ``ts`` and the like taken apart; empty: as
    the sources have them."""

    skip: tuple[str, ...] = ()
    """Shell patterns of paths that nobody asks at, such as ``dist/*``."""

    per_file: int = 2
    """Examples of a file at the most."""

    per_repository: int = 150
    """Examples of a repository in one language at the most."""

    held_out: float = 0.08
    """Share of the repositories that are kept for the held-out rows; of the files
    where there are few repositories."""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for name in ("context", "alone", "unfinished", "held_out"):
            if not 0 <= getattr(self, name) <= 1:
                msg = f"{name} is {getattr(self, name)}; give a share from 0 to 1"
                raise ConfigError(msg)
        for name in ("middle", "longest", "plain", "per_file", "per_repository"):
            if getattr(self, name) < 1:
                msg = f"{name} is {getattr(self, name)}; give 1 or more"
                raise ConfigError(msg)
        if self.length < 2 * self.middle:
            msg = f"length is {self.length}; give twice middle ({self.middle}) or more"
            raise ConfigError(msg)
        self._check_shares()

    def window(self, dice: random.Random) -> tuple[int, int]:
        """Tokens before and after the cursor that an example sees at the most, drawn."""
        return int(draw(self.before, dice)[0]), int(draw(self.after, dice)[0])

    def _check_shares(self) -> None:
        unknown = sorted(set(self.kinds) - set(KINDS))
        if unknown:
            msg = f"kinds knows no {unknown[0]!r}; choose of {', '.join(KINDS)}"
            raise ConfigError(msg)
        for name in ("before", "after"):
            wrong = [size for size in getattr(self, name) if not size.isdecimal()]
            if wrong:
                msg = f"{name} has {wrong[0]!r}; name its windows by whole numbers"
                raise ConfigError(msg)
        for name in ("kinds", "before", "after", "languages"):
            shares = getattr(self, name).values()
            if min(shares, default=0) < 0 or (shares and not sum(shares)):
                msg = f"{name} has no share above 0, or one below; give shares"
                raise ConfigError(msg)


def read_mixture(path: Path) -> ExampleMixture:
    """Read a mixture from TOML; what it leaves out keeps its default.

    Raises:
        ConfigError: it cannot be read, or has an unknown key or an unfit value.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); name a mixture"
        raise ConfigError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not valid TOML ({error}); mend it"
        raise ConfigError(msg) from error
    try:
        return build(ExampleMixture, table, "")
    except ConfigError as error:
        msg = f"{path}: {error}"
        raise ConfigError(msg) from error
