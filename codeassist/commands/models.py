"""`codeassist models`: list, fetch, check and remove models."""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from codeassist.engine.models import catalog, store

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Do what ``args.action`` says; return the exit status."""
    actions = {
        "list": _list,
        "pull": _pull,
        "path": _path,
        "verify": _verify,
        "remove": _remove,
    }
    actions[args.action](args)
    return 0


def _list(args: argparse.Namespace) -> None:
    entries = catalog.load().values()
    if args.json:
        print(json.dumps([_facts(entry) for entry in entries], indent=2))
        return
    head = ("", "ID", "FAMILY", "SIZE", "LICENCE", "CONTEXT", "HERE")
    rows = [head, *(_row(entry) for entry in entries)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, "<<<><><", strict=True)
        print(
            "  ".join(f"{cell:{side}{width}}" for cell, width, side in cells).rstrip()
        )
    print(f"\n* the default; models lie in {store.models_dir()}")


def _facts(entry: catalog.Entry) -> dict[str, object]:
    path = store.path_of(entry)
    return {
        "id": entry.id,
        "default": entry.default,
        "family": entry.family,
        "size": entry.size,
        "sha256": entry.sha256,
        "licence": entry.licence,
        "context": entry.context,
        "adapter": str(entry.adapter.path) if entry.adapter else None,
        "path": str(path),
        "here": _state(entry) == "yes",
    }


def _row(entry: catalog.Entry) -> tuple[str, ...]:
    return (
        "*" if entry.default else "",
        entry.id,
        entry.family or "none",
        f"{entry.size / 1e6:.0f} MB",
        entry.licence,
        str(entry.context),
        _state(entry),
    )


def _state(entry: catalog.Entry) -> str:
    path = store.path_of(entry)
    if path.is_file():
        return "yes" if path.stat().st_size == entry.size else "damaged"
    part = store.Workspace.of(entry).part
    if part.is_file():
        return f"{part.stat().st_size / entry.size:.0%}"
    return "no"


def _pull(args: argparse.Namespace) -> None:
    from codeassist.engine.models.fetch import pull

    entry = store.find(args.id or "")
    path = store.path_of(entry)
    began = time.monotonic()
    with _Bar(entry.id) as bar:
        fetched = pull(entry, Path(args.origin) if args.origin else None, bar)
    if fetched:
        took = time.monotonic() - began
        _say(f"{entry.id}: {entry.size / 1e6:.0f} MB in {took:.0f} s, {path}")
    else:
        _say(f"{entry.id} is here already and whole: {path}")


def _path(args: argparse.Namespace) -> None:
    print(store.resolve(args.id or "").path)


def _verify(args: argparse.Namespace) -> None:
    entry = store.find(args.id or "")
    with _Bar(entry.id) as bar:
        located = store.verify(entry, bar)
    print(f"{entry.id} is whole: {located.path}")


def _remove(args: argparse.Namespace) -> None:
    entry = store.find(args.id or "")
    freed = store.remove(entry)
    if freed:
        print(f"{entry.id} is removed, {freed / 1e6:.0f} MB are free again")
    else:
        print(f"{entry.id} is not on this machine, there is nothing to remove")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class _Bar:
    """A bar with rate and remaining time; one line where nobody watches."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._bar: tqdm[NoReturn] | None = None
        self._said = False

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def start(self, what: str, total: int, done: int = 0) -> None:
        """Show a new bar in the place of the old one."""
        line = f"{what} {self._model}"
        if sys.stderr.isatty():
            from tqdm import tqdm

            self.__exit__()
            # note: tqdm hides itself on a terminal that does not know its size
            columns, rows = shutil.get_terminal_size()
            self._bar = tqdm(
                desc=line,
                total=total,
                initial=done,
                unit="B",
                unit_scale=True,
                leave=False,
                ncols=columns,
                nrows=rows,
                file=sys.stderr,
            )
        elif what != "checking" and not self._said:
            self._said = True
            behind = f", {done / 1e6:.0f} MB are here" if done else ""
            _say(f"{line}: {total / 1e6:.0f} MB{behind}")

    def at(self, done: int) -> None:
        """Move the bar; what was seen of a wheel counts again when it is read."""
        if self._bar is not None and done > self._bar.n:
            self._bar.update(done - self._bar.n)

    def note(self, line: str) -> None:
        """Say something without tearing the bar."""
        if self._bar is not None:
            self._bar.clear()
        _say(f"codeassist: {line}")
