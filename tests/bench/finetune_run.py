"""`codeassist finetune` for a bench: over the house's adapter, the user's store left alone."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from codeassist.engine.models.store import Located
from tests.bench.harness import model

__all__ = ["command", "environment", "finetuned", "house"]


def house() -> Located:
    """The default model with the catalog's adapter; FIM_ADAPTER names another file."""
    located, named = model(), os.environ.get("FIM_ADAPTER")
    adapter = Path(named) if named else located.adapter
    if adapter is None:
        sys.exit("the catalog names no adapter for this model; set FIM_ADAPTER to one")
    return replace(located, adapter=adapter.resolve())


def command(root: Path, out: Path, *words: str) -> list[str]:
    """How it is called: it asks nothing, leaves all in `out`, prints JSON."""
    located = house()
    own = ["--model", str(located.path), "--adapter", str(located.adapter)]
    asked = [str(root), "--out", str(out), "--yes", "--json", *own, *words]
    return [sys.executable, "-m", "codeassist", "finetune", *asked]


def environment(out: Path) -> dict[str, str]:
    """With a store of adapters of its own, beside `out`."""
    return {**os.environ, "XDG_DATA_HOME": str(out.with_name(f"{out.name}-data"))}


def finetuned(root: Path, out: Path, *words: str) -> dict[str, Any]:
    """Run it to its end; what it printed."""
    out.parent.mkdir(parents=True, exist_ok=True)
    asked = command(root, out, *words)
    done = subprocess.run(
        asked, env=environment(out), stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode not in (0, 1) or not done.stdout:
        sys.exit(f"finetune ended with status {done.returncode} and told nothing")
    told: dict[str, Any] = json.loads(done.stdout)
    return told
