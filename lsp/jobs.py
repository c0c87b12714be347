"""Commands for long work, each done by `codeassist` itself in a process of its own.

The server opens no socket and loads no torch: what does runs beside it, and can be
cancelled where the client shows its progress.
"""

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeassist.engine.models.catalog import Entry
from codeassist.engine.models.store import Workspace, find
from codeassist.errors import CodeassistError, InputError

from .loading import LoadingBar
from .program import Ended, Program

if TYPE_CHECKING:
    from .server import CodeassistServer

__all__ = ["FINETUNE", "PROGRAM", "PULL", "Jobs", "add_jobs"]

log = logging.getLogger(__name__)

FINETUNE = "codeassist.server.finetune"
"""``{path, budget}`` to ``{status, message, report}``."""

PULL = "codeassist.server.pull"
"""``{id}`` to ``{status, message}``."""

PROGRAM = (sys.executable, "-P", "-m", "codeassist")
"""No module of the folder it runs in, which is somebody's repository, counts (`-P`)."""

LOOK = 0.5
"""Seconds between two looks how much of a model is there."""

Told = dict[str, str | None]
"""The answer to a command."""


class Jobs:
    """One job of a kind at a time.

    Args:
        server: Shows the progress, and serves what has come of it.
        program: Runs `codeassist`.
    """

    def __init__(
        self, server: "CodeassistServer", program: Sequence[str] = PROGRAM
    ) -> None:
        self._server = server
        self._program = program
        self._running: dict[str, Program] = {}

    async def finetune(self, params: object) -> Told:
        """Learn a repository; the adapter is switched on if it is better."""
        try:
            said = json.dumps(self._server.configuration.said())
            arguments = [*_finetuning(params), f"--settings={said}"]
            with self._job("fine-tuning", arguments) as (program, bar):
                ended = await program.run(lambda line: _staged(line, bar))
        except (CodeassistError, OSError) as error:
            return {"status": "failed", "message": str(error), "report": None}
        await self._server.serving.refresh()
        return _finetuned(ended)

    async def pull(self, params: object) -> Told:
        """Fetch a model of the catalog, and serve it where there was none."""
        try:
            entry = find(_named(params))
            with self._job("fetching", ["models", "pull", entry.id]) as (program, bar):
                watching = asyncio.create_task(_watch(entry, bar))
                try:
                    ended = await program.run(lambda _line: False)
                finally:
                    watching.cancel()
        except (CodeassistError, OSError) as error:
            return {"status": "failed", "message": str(error)}
        if ended.cancelled:
            return {"status": "cancelled", "message": f"{entry.id} can go on later"}
        if ended.status != 0:
            return {"status": "failed", "message": ended.said}
        await self._server.serving.refresh(again=True)
        return self._pulled(entry)

    def stop(self) -> None:
        """End what runs; the same command goes on with it."""
        for program in self._running.values():
            program.cancel()

    def _pulled(self, entry: Entry) -> Told:
        worker = self._server.worker
        wanted = self._server.settings.model.id or (entry.id if entry.default else "")
        if worker.runtime is None and wanted == entry.id:
            return {"status": "failed", "message": worker.failure}
        other = worker.runtime is None or worker.runtime.model != entry.id
        hint = f"; model.id = {entry.id!r} completes with it" if other else ""
        return {"status": "ready", "message": f"{entry.id} is here{hint}"}

    @contextmanager
    def _job(
        self, kind: str, arguments: Sequence[str]
    ) -> Iterator[tuple[Program, LoadingBar | None]]:
        """A program and its bar, unless one of that kind runs.

        Raises:
            InputError: one does.
        """
        if kind in self._running:
            msg = f"{kind} is under way already; wait for it, or cancel it"
            raise InputError(msg)
        self._running[kind] = program = Program([*self._program, *arguments])
        bar = self._server.bar(kind, program.cancel)
        log.info("%s begins", kind)
        try:
            yield program, bar
        finally:
            del self._running[kind]
            log.info("%s has ended", kind)
            if bar:
                bar.end()


def _finetuning(params: object) -> list[str]:
    """The command for what a client wants.

    Raises:
        InputError: it wants nothing that can be done.
    """
    given = params if isinstance(params, Mapping) else {}
    path, budget = given.get("path"), given.get("budget")
    if not isinstance(path, str) or not Path(path).is_dir():
        msg = f"{FINETUNE} takes the path of a folder, not {path!r}"
        raise InputError(msg)
    if budget is not None and not isinstance(budget, str):
        msg = f"{FINETUNE} takes a budget like '20m', not {budget!r}"
        raise InputError(msg)
    limit = [f"--budget={budget}"] if budget else []
    told = ["--yes", "--json", "--progress=json"]
    return ["finetune", str(Path(path).absolute()), *limit, *told]


def _named(params: object) -> str:
    model = params.get("id") if isinstance(params, Mapping) else None
    if isinstance(model, str):
        return model
    msg = f"{PULL} takes the id of a model, not {model!r}"
    raise InputError(msg)


def _staged(line: str, bar: LoadingBar | None) -> bool:
    """Show how far a fine-tuning is; False: the line says something else."""
    try:
        told = json.loads(line)
    except ValueError:
        return False
    if not isinstance(told, dict) or "stage" not in told:
        return False
    percent, stage = told.get("percent"), str(told["stage"])
    if bar is not None and isinstance(percent, int | float):
        done, total = told.get("done"), told.get("total")
        counts = f" {done}/{total}" if isinstance(total, int) else ""
        bar.report(percent / 100, f"{stage}{counts}")
    return True


def _finetuned(ended: Ended) -> Told:
    """What came of a fine-tuning, by the last line that it has printed."""
    try:
        told = json.loads(ended.output.strip().rpartition("\n")[2])
        accepted, reasons = bool(told["accepted"]), "; ".join(told["reasons"])
        name, report = told["adapter"], str(told["report"])
    except (ValueError, TypeError, LookupError):
        if ended.cancelled:
            message = "stopped and saved; the same command goes on"
            return {"status": "cancelled", "message": message, "report": None}
        message = ended.said or f"it ended with status {ended.status}"
        return {"status": "failed", "message": message, "report": None}
    if accepted and not told.get("active", True):
        reasons = f"{name} is stored; another was switched on meanwhile; {reasons}"
    elif accepted:
        message = "; ".join(filter(None, (f"{name} is active", reasons)))
        return {"status": "activated", "message": message, "report": report}
    return {"status": "refused", "message": reasons, "report": report}


async def _watch(entry: Entry, bar: LoadingBar | None) -> None:
    """Show how much of a model is there, until this is cancelled."""
    part = Workspace.of(entry).part
    while bar is not None:
        with contextlib.suppress(OSError):
            done = part.stat().st_size
            text = f"{entry.id} {done / 1e6:.0f} of {entry.size / 1e6:.0f} MB"
            bar.report(done / entry.size, text)
        await asyncio.sleep(LOOK)


def add_jobs(
    server: "CodeassistServer", of: Callable[["CodeassistServer"], Jobs]
) -> None:
    """Add the commands.

    Args:
        server: Gets them.
        of: Finds a server's jobs.
    """

    @server.command(FINETUNE)
    async def finetune(ls: Any, *given: Any) -> Told:
        return await of(ls).finetune(given[0] if given else None)

    @server.command(PULL)
    async def pull(ls: Any, *given: Any) -> Told:
        return await of(ls).pull(given[0] if given else None)
