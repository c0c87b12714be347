"""The model of a session: loaded, and changed for another without a request lost."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lsprotocol import types

from codeassist.config import CompletionSettings, ModelSettings, Settings
from codeassist.engine import Silence
from codeassist.engine.adapters import active_file, name_of
from codeassist.errors import CodeassistError

from .following import open_repositories
from .stamps import Stamp, stamp
from .worker import Tell, Worker

if TYPE_CHECKING:
    from codeassist.engine import Runtime

    from .server import CodeassistServer

__all__ = ["Load", "Serving", "Switching", "Wanted"]

log = logging.getLogger(__name__)

PERIOD = 1.0
"""Seconds between two looks whether another adapter was switched on, or a file of
settings edited: a `stat` each."""

Load = Callable[[Settings, Tell], "Runtime"]
"""Opens the model that the settings name, telling the part that is loaded."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What settings come to at the moment."""

    settings: Settings
    """With the model and the adapter by name."""

    note: str = ""
    """What the user should know of that; empty: nothing."""


class Switching(Protocol):
    """Knows what settings come to; any thread may ask."""

    def wanted(self, settings: Settings) -> Wanted:
        """The model, its adapter and the sizes.

        Raises:
            CodeassistError: one of them is missing or damaged.
        """

    def adjusted(self, runtime: "Runtime", settings: Settings) -> "Runtime":
        """The same weights and their cache, with other settings for completing.

        Args:
            runtime: What is loaded.
            settings: As `wanted` gives them.
        """


_Arranged = tuple["_Served", CompletionSettings, tuple[tuple[Path, Settings], ...]]
"""What was wanted when the folders' models were made."""


@dataclass(frozen=True, slots=True)
class _Served:
    """What answers, or what has failed to."""

    model: ModelSettings
    completion: CompletionSettings
    adapter: Stamp
    """Of the adapter's file: another one may come under its name."""

    def shares(self, other: "_Served | None") -> bool:
        """Whether another one answers with the same weights."""
        return other is not None and (self.model, self.adapter) == (
            other.model,
            other.adapter,
        )


class Serving:
    """One loop that brings what answers to what is wanted.

    Args:
        server: Whose model it is.
        load: Opens a model.
        switching: Knows what is wanted; None: what the settings name, and every change
            of them loads anew.
    """

    def __init__(
        self, server: "CodeassistServer", load: Load, switching: Switching | None
    ) -> None:
        self.worker = Worker(lambda tell: load(self._next, tell))
        self.adapter = ""
        """Name of the adapter that answers; empty: none."""

        self._server = server
        self._switching = switching
        self._next = Settings()
        """That is loaded next."""

        self._now: _Served | None = None
        self._failed: _Served | None = None
        self._folders: list[tuple[Path, Runtime | None]] = []
        self._arranged: _Arranged | None = None
        self._stamps: object = None
        self._asked = True
        self._waiting: list[asyncio.Future[None]] = []
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def begun(self) -> bool:
        """Whether `start` was called."""
        return self._task is not None

    def start(self) -> None:
        """Load the model in the background, and look after it until the end."""
        self._server.status("loading", "loading the model")
        self._task = asyncio.create_task(self._run())

    async def refresh(self, *, again: bool = False) -> None:
        """Bring what answers to what is wanted; returns when that is done or failed.

        Args:
            again: Whether what has failed before may succeed now.
        """
        if self._task is None or self._task.done():
            return  # it begins with the settings as they are then
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._asked = True
        if again:
            self._failed = None
        self._news.set()
        await done

    def of(self, path: str) -> "Runtime | None":
        """The model as the folder of a file wants it; None: as the session does."""
        for folder, runtime in self._folders:
            if Path(path).is_relative_to(folder):
                return runtime
        return None

    def stop(self) -> None:
        """End, and give up a model that is loading."""
        self.worker.stop()
        self._news.set()

    async def _run(self) -> None:
        while not self.worker.stopped:
            self._news.clear()
            waiting, self._waiting = self._waiting, []
            try:
                await self._step()
            except Exception:
                log.exception("the model is as it was")
            for done in waiting:
                if not done.done():
                    done.set_result(None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PERIOD if self._switching else None):
                    await self._news.wait()

    async def _step(self) -> None:
        if self._server.edited():
            self._asked = True
        stamps = _stamps() if self._switching else None
        if not self._asked and stamps == self._stamps:
            return
        self._asked, self._stamps = False, stamps
        try:
            wanted = await asyncio.to_thread(self._wanted, self._server.settings)
        except Exception as error:  # noqa: BLE001 - whatever it is, there is no model
            self._refused(error)
            return
        model = wanted.settings.model
        served = _Served(model, wanted.settings.completion, stamp(model.adapter))
        if served == self._failed:
            return
        changed = served != self._now and await self._change(served, wanted)
        trouble: Exception | None = None
        try:
            await self._arrange()
        except Exception as error:  # noqa: BLE001 - a folder's settings may be wrong
            trouble = error
        if changed:  # who is told "ready" may ask in any folder
            await self._loaded(served, wanted.note)
        await self._index()
        if trouble is not None:
            raise trouble

    def _wanted(self, settings: Settings) -> Wanted:
        return self._switching.wanted(settings) if self._switching else Wanted(settings)

    async def _change(self, served: _Served, wanted: Wanted) -> bool:
        """Whether it is what answers from now on."""
        runtime = self.worker.runtime
        same = served.shares(self._now)
        if same and runtime is not None and self._switching is not None:
            settings = wanted.settings
            self.worker.replace(self._switching.adjusted(runtime, settings))
        else:
            self._next = wanted.settings
            try:
                await self._load()
            except Exception as error:  # noqa: BLE001 - a worker's border
                self._failed = served
                if not self.worker.stopped:  # else nobody waits for it any more
                    self._refused(error)
                return False
            self._arranged = None  # for the old model
        self._now, self._failed = served, None
        return True

    async def _load(self) -> None:
        if self.worker.failure is not None:
            self._server.status("loading", "loading the model")
        bar = self._server.bar("loading the model")
        try:
            await self.worker.load(bar.report if bar else lambda _part: None)
        finally:
            if bar:
                bar.end()

    def _refused(self, error: Exception) -> None:
        known = isinstance(error, CodeassistError)
        log.error("no model: %s", error, exc_info=None if known else error)
        server, runtime = self._server, self.worker.runtime
        if runtime is not None:
            server.warn(f"{error}; {runtime.model} goes on as it was")
            return
        self.worker.failure = str(error)
        server.tell_once(types.MessageType.Error, str(error))
        server.status("error", str(error), Silence.NO_MODEL)

    async def _loaded(self, served: _Served, note: str) -> None:
        server, runtime = self._server, self.worker.runtime
        if runtime is None:  # pragma: no cover - it was just loaded
            return
        self.adapter = name_of(served.model.adapter)
        note = "; ".join(filter(None, (runtime.note, note)))
        log.info("ready: %s, adapter %s", runtime.model, self.adapter or "none")
        if note:
            log.info("%s", note)
        if not runtime.family:
            server.warn(runtime.note)
        server.registrations.update(server.settings.completion, ready=True)
        await server.registrations.settled()  # who is told "ready" may ask
        server.status("idle", note)

    async def _arrange(self) -> None:
        """Make the models of the folders that want other completions.

        Those that there are answer until all are made, for a moment also a model's that
        another one has taken the place of.
        """
        now, usual = self._now, self._server.settings
        wanted = tuple(self._server.folders.items())
        if now is None or (now, usual.completion, wanted) == self._arranged:
            return
        model = replace(now.model, adapter=usual.model.adapter)
        folders: list[tuple[Path, Runtime | None]] = []
        try:
            for folder, settings in wanted:
                other = settings.completion != usual.completion
                own = replace(settings, model=model)
                folders.append((folder, await self._adjusted(own) if other else None))
        except Exception:
            if self._arranged is None:  # they are another model's
                self._folders = []
            raise
        self._arranged, self._folders = (now, usual.completion, wanted), folders

    async def _adjusted(self, settings: Settings) -> "Runtime | None":
        """What answers, with the settings of a folder."""
        runtime, now, switching = self.worker.runtime, self._now, self._switching
        if runtime is None or now is None or switching is None:
            return None
        sizes = (await asyncio.to_thread(switching.wanted, settings)).settings
        made = switching.adjusted(runtime, replace(sizes, model=now.model))
        made.completer.context = self._server.repositories
        return made

    async def _index(self) -> None:
        """Let the model see the repositories, as long as any prompt shows of them."""
        runtime, server = self.worker.runtime, self._server
        if runtime is None:
            return
        others = (each for _, each in self._folders if each is not None)
        completers = [each.completer for each in (runtime, *others)]
        shows = any(each.settings.context_tokens > 0 for each in completers)
        if shows and server.repositories is None:
            server.repositories = await open_repositories(server.bar, server.shows)
            server.follow()
        over, known = None, server.repositories
        if known is not None and (self.worker.stopped or not shows):
            known.end()
            over, server.repositories = known, None
        for each in completers:
            each.context = server.repositories
        if over is not None:
            await asyncio.to_thread(over.wait)


def _stamps() -> tuple[Stamp, ...]:
    """What changes when an adapter is switched on or off, or removed."""
    return stamp(active_file()), stamp(active_file().parent)
