"""A program beside the server: its lines as they come, and an end when it is told so."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ended", "Program"]

NICE = 10
"""So that the editor, and what it asks the server, goes first."""

GRACE = 60.0
"""Seconds that a program may take to save its work before it is killed."""

LINE_BYTES = 1 << 20
LAST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a program."""

    status: int
    output: str
    """All that it wrote to stdout."""

    said: str
    """Its last line on stderr that `Program.run` was not asked to keep away."""

    cancelled: bool


class Program:
    """One program that runs once.

    Args:
        command: It, with its arguments.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._cancelled = False

    async def run(self, take: Callable[[str], bool]) -> Ended:
        """Run it to its end, at a low priority and with nothing to read.

        Args:
            take: Is given each line of stderr; True: it is no message for the user.

        Raises:
            OSError: there is no such program.
            asyncio.CancelledError: who waits was cancelled; so was the program, and it
                has ended.
        """
        running = asyncio.ensure_future(self._run(take))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self.cancel()
            await running
            raise

    async def _run(self, take: Callable[[str], bool]) -> Ended:
        with _interruptible():
            self._process = process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,  # ours are the client's words
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                limit=LINE_BYTES,
            )
        _step_back(process.pid)
        if self._cancelled:  # while it was started
            self._interrupt()
        assert process.stdout is not None
        assert process.stderr is not None
        output, said = await asyncio.gather(
            process.stdout.read(), _lines(process.stderr, take)
        )
        status = await process.wait()
        return Ended(status, output.decode(errors="replace"), said, self._cancelled)

    def cancel(self) -> None:
        """Let it save its work and end; kill it where it does not."""
        if not self._cancelled:
            self._cancelled = True
            self._interrupt()

    def _interrupt(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        _send(process, signal.SIGINT)
        with contextlib.suppress(RuntimeError):  # the loop has ended; it may end, too
            loop = asyncio.get_running_loop()
            loop.call_later(GRACE, _send, process, _KILL)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let what is started be interrupted, though this program cannot be.

    What a shell starts in the background ignores SIGINT, and hands that on.
    """
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


_KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


async def _lines(stream: asyncio.StreamReader, take: Callable[[str], bool]) -> str:
    """The last line that nobody has taken."""
    last: deque[str] = deque(maxlen=LAST_WORDS)
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # it is longer than any that we know
            continue
        if not line:
            return last[-1] if last else ""
        text = line.decode(errors="replace").strip()
        if text and not take(text):
            last.append(text.removeprefix("codeassist: "))


def _send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """To the program and all that it has started."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, number)


def _step_back(pid: int) -> None:
    """Let the editor and the server go first.

    Linux shares the cores between sessions first, and a niceness counts within one
    (`sched(7)`, autogroups). The program has a session of its own, so that is told, too.
    """
    if sys.platform != "win32":
        niceness = max(NICE, os.nice(0))
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, niceness)
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(str(niceness))
