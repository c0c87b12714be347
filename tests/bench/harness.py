"""What all benches share: the model under test, its settings, the last line."""

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence

import psutil

from codeassist import config
from codeassist.engine.models import store
from codeassist.engine.models.store import Located
from codeassist.errors import ModelMissingError
from codeassist.settings_files import load

__all__ = ["model", "others", "settings", "spread", "threads", "verdict"]


def verdict(name: str, figure: str, bar: str, *, holds: bool) -> int:
    """Print a bench's last line; return its exit status."""
    print(f"{name}: {figure} (bar: {bar})", flush=True)
    return 0 if holds else 1


def model() -> Located:
    """The product's default model, fetched if need be; `CODEASSIST_MODEL`: another."""
    named = os.environ.get("CODEASSIST_MODEL", "")
    try:
        return store.resolve(named)
    except ModelMissingError:
        pull = [sys.executable, "-m", "codeassist", "models", "pull"]
        subprocess.run([*pull, *filter(None, [named])], check=True)
        return store.resolve(named)


def settings(located: Located) -> config.Settings:
    """The user's settings, with this model."""
    named = located.entry.id if located.entry else str(located.path)
    own = {"id": named, "adapter": str(located.adapter or "")}
    return config.merge(load(), {"model": own}, "bench")


def threads() -> int:
    """As many as there are physical cores: for ours and for the reference."""
    return psutil.cpu_count(logical=False) or os.cpu_count() or 1


def others() -> float:
    """Cores that other programs keep busy, looked at for a second while we rest."""
    return psutil.cpu_percent(interval=1.0) / 100 * (psutil.cpu_count() or 1)


def spread(name: str, values: Sequence[float], unit: str) -> str:
    """One line on some measurements of the same thing."""
    return (
        f"{name}: median {statistics.median(values):.3f} {unit} of {len(values)} "
        f"({min(values):.3f} to {max(values):.3f})"
    )
