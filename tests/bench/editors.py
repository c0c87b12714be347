"""The measured points of the editors: what each editor's part is, and their verdict."""

import importlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
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


def together(bench: str, bar: str, figure: Callable[[Part], str]) -> int:
    """Run each editor's part, one after another; print them and the verdict.

    Args:
        bench: Its name, as `make bench` has it.
        bar: What each part has to reach.
        figure: A part's figure for the last line.
    """
    module = bench.removeprefix("editors-")
    parts = []
    for editor in EDITORS:
        name = f"tests.bench.{editor}_{module}"
        if find_spec(name) is None:
            continue
        with tempfile.TemporaryDirectory(prefix=f"{bench}-") as folder:
            part = importlib.import_module(name).run(Path(folder))
        for note in part.notes:
            print(f"{part.name}: {note}", flush=True)
        told = ", ".join(f"{key} {value:g}" for key, value in part.figures.items())
        print(f"{part.name}: {'holds' if part.ok else 'FAILS'}; {told}", flush=True)
        parts.append(part)
    said = "; ".join(f"{part.name} {figure(part)}" for part in parts)
    holds = bool(parts) and all(part.ok for part in parts)
    return verdict(bench, said, bar, holds=holds)
