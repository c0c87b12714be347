"""What a model's log-probabilities are worth: data, fitted by `evaluate calibrate`."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from codeassist.config import data_dir
from codeassist.errors import ConfigError

__all__ = ["NAME", "Calibration", "calibration_of", "read", "written"]

NAME = "calibrations.toml"
"""Beside this module those that are shipped, in the data folder the user's own."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From the log-probability of an answer's first word to the chance that it is right.

    A logistic regression, as in Platt's scaling (1999). Of all statistics that were
    tried these two tell right from wrong best; docs/experiments.md has the others.
    """

    bias: float
    slope: float
    """For each nat of the least likely token of the word."""

    sign: float
    """For a cursor behind a sign, where models are surer than they should be."""

    model: str = ""
    """Catalog id, or the name of a file."""

    adapter: str = ""
    """Name of the adapter, or of its file; empty: none."""

    shift: float = 0.0
    """What the user's own records say (`learned`): added to the score."""

    def chance(self, least: float, *, behind_sign: bool) -> float:
        """Probability, from 0 to 1, of a first word.

        Args:
            least: Natural log-probability of the least likely of the tokens that tell
                of it (`least_likely`), and of those before it that spell what was kept
                from the prompt.
            behind_sign: Whether neither a letter nor a blank stands before the cursor.
        """
        score = self.bias + self.shift + self.slope * least + self.sign * behind_sign
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def calibration_of(model: str, adapter: str = "") -> Calibration:
    """That of a model with an adapter; else of the model; else the first that is shipped.

    An adapter that has none takes that of another adapter of its model: what is
    fine-tuned on a repository goes on from the house's. The user's own calibrations
    come before those that are shipped.

    Args:
        model: Catalog id, or the name of its file.
        adapter: Name of the adapter, of those outside of the store that of its file;
            empty: none.

    Raises:
        ConfigError: the user's own file is damaged.
    """
    shipped = read(Path(str(files(__package__) / NAME)))
    own = data_dir() / NAME
    known = (read(own) if own.is_file() else []) + shipped
    return min(
        (each for each in known if each.model == model),
        key=lambda each: (each.adapter != adapter, bool(each.adapter) != bool(adapter)),
        default=shipped[0],
    )


def read(path: Path) -> list[Calibration]:
    """The calibrations of a file.

    Raises:
        ConfigError: it cannot be read, or is not of this form.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["calibrations"]
        return [_calibration(table) for table in tables]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        msg = f"{path} holds no calibrations ({error}); delete it, or calibrate again"
        raise ConfigError(msg) from error


def _calibration(table: Mapping[str, Any]) -> Calibration:
    return Calibration(
        bias=float(table["bias"]),
        slope=float(table["slope"]),
        sign=float(table["sign"]),
        model=str(table["model"]),
        adapter=str(table.get("adapter", "")),
    )


def written(calibrations: Sequence[Calibration]) -> str:
    """Calibrations as the text of a file that `read` reads."""
    return "\n".join(map(_table, calibrations))


def _table(each: Calibration) -> str:
    return (
        f"[[calibrations]]\nmodel = {_text(each.model)}\n"
        f"adapter = {_text(each.adapter)}\n"
        f"bias = {each.bias:.4f}\nslope = {each.slope:.4f}\nsign = {each.sign:.4f}\n"
    )


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
