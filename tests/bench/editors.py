"""The measured points of the editors: what each editor's part is, and their verdict."""

import importlib
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from tests.bench.harness import verdict

__all__ = ["Part", "shared", "together"]

EDITORS = ("nvim", "vscode")


@dataclass
class Part:
    """What one editor's run has come to."""

    name: str
    """Of the editor."""

    ok: bool
    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """What a reader should know, a line each."""


def shared() -> Path:
    """The folder of evaluation data and editor scripts.

    Raises:
        SystemExit: it is not there.
    """
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("CODEASSIST_SHARED") or root.parent / "shared")
    if not folder.is_dir():
        msg = f"{folder} is missing; set CODEASSIST_SHARED to the shared folder"
        raise SystemExit(msg)
    return folder


def together(
    bench: str, bar: str, figure: Callable[[Part], str], *, at_once: bool = False
) -> int:
    """Run each editor's part; print them and the verdict.

    Args:
        bench: Its name, as `make bench` has it.
        bar: What each part has to reach.
        figure: A part's figure for the last line.
        at_once: Not one after another: for what takes long, and is no matter of speed.
    """
    module = bench.removeprefix("editors-")
    names = [f"tests.bench.{editor}_{module}" for editor in EDITORS]
    found = [name for name in names if find_spec(name)]
    with ThreadPoolExecutor(len(found) if at_once else 1) as pool:
        parts = list(pool.map(partial(_run, bench), found))
    said = "; ".join(f"{part.name} {figure(part)}" for part in parts)
    holds = bool(parts) and all(part.ok for part in parts)
    return verdict(bench, said, bar, holds=holds)


def _run(bench: str, name: str) -> Part:
    """One editor's part, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix=f"{bench}-") as folder:
        part: Part = importlib.import_module(name).run(Path(folder))
    lines = [f"{part.name}: {note}" for note in part.notes]
    told = ", ".join(f"{key} {value:g}" for key, value in part.figures.items())
    lines.append(f"{part.name}: {'holds' if part.ok else 'FAILS'}; {told}")
    print("\n".join(lines), flush=True)
    return part
