"""Reading what a program writes, and stopping it at a limit."""

import contextlib
import os
import re
import selectors
import time
from collections.abc import Iterator

import psutil

from .limits import Ended, Limits

__all__ = ["Watch"]

CHUNK = 1 << 16
POLL_S = 0.05

WRITABLE = ("/tmp", "/dev/shm")
"""How often the use of all processes together is looked at."""

_PID = re.compile(rb'"child-pid": (\d+)')


class Watch:
    """The eyes on one run.

    Args:
        news: Read end of the pipe into which bubblewrap writes the first process's id
            and the sandbox that it is ready.
        stdout: Read end of the program's standard output.
        stderr: Read end of its standard error.
        limits: What it may use.
    """

    def __init__(self, news: int, stdout: int, stderr: int, limits: Limits) -> None:
        self._limits = limits
        self._news, self._stdout, self._stderr = news, stdout, stderr
        self._read = {fd: bytearray() for fd in (news, stdout, stderr)}
        self._first: psutil.Process | None = None
        self.cpu_s = 0.0
        """Used when it was last looked at."""

        self._poll_at = time.monotonic() + POLL_S

    @property
    def ready(self) -> bool:
        """Whether the sandbox stood and the program was started."""
        return b"ready" in self._read[self._news]

    @property
    def stdout(self) -> str:
        """What the program wrote, up to the limit."""
        return self._text(self._stdout)

    @property
    def stderr(self) -> str:
        """What it wrote to its standard error, up to the limit."""
        return self._text(self._stderr)

    def _text(self, fd: int) -> str:
        return self._read[fd][: self._limits.output_kib << 10].decode(errors="replace")

    def follow(self, bubblewrap: int) -> Ended | None:
        """Wait until bubblewrap, and with it everything, has ended.

        Args:
            bubblewrap: Its process id, a child of this process.

        Returns:
            The limit that was met; None where the program ended by itself.
        """
        met: Ended | None = None
        deadline = time.monotonic() + self._limits.wall_s
        with selectors.DefaultSelector() as selector, _pidfd(bubblewrap) as ending:
            for fd in (ending, *self._read):
                selector.register(fd, selectors.EVENT_READ)
            while ending not in (ready := _ready(selector)):
                for fd in ready:
                    if not self._take(fd):
                        selector.unregister(fd)
                if met is None and (met := self._met(deadline)):
                    self._kill(bubblewrap)
        for fd in self._read:  # what is left in the pipes; nobody can write any more
            os.set_blocking(fd, False)
            with contextlib.suppress(BlockingIOError):
                while self._take(fd):
                    pass
        return met or self._too_much()

    def _take(self, fd: int) -> bool:
        """Read once; what is beyond the limit is forgotten. False at the end."""
        chunk = os.read(fd, CHUNK)
        if len(self._read[fd]) <= self._limits.output_kib << 10:
            self._read[fd] += chunk
        if fd == self._news and self._first is None:
            pid = _PID.search(self._read[fd])
            with contextlib.suppress(psutil.NoSuchProcess):
                self._first = psutil.Process(int(pid[1])) if pid else None
        return bool(chunk)

    def _met(self, deadline: float) -> Ended | None:
        """The limit that is met now."""
        now = time.monotonic()
        if now < self._poll_at and now < deadline:
            return self._too_much()
        self._poll_at = now + POLL_S
        over = self._too_much() or self._too_many_files() or self._overused()
        return over or (Ended.TIMEOUT if now >= deadline else None)

    def _too_much(self) -> Ended | None:
        most = self._limits.output_kib << 10
        over = max(len(self._read[fd]) for fd in (self._stdout, self._stderr)) > most
        return Ended.OUTPUT if over else None

    def _too_many_files(self) -> Ended | None:
        if self._first is None:
            return None
        root, used = f"/proc/{self._first.pid}/root", 0
        try:
            for folder in WRITABLE:
                there = os.statvfs(root + folder)
                used += there.f_files - there.f_ffree
        except OSError:  # not there yet, or gone
            return None
        if not self.ready:  # the root is still the machine's own
            return None
        return Ended.FILES if used > self._limits.files else None

    def _overused(self) -> Ended | None:
        """What all processes together have too much of."""
        cpu_s, resident, tasks = 0.0, 0, 0
        for process in self._processes():
            with contextlib.suppress(psutil.Error), process.oneshot():
                cpu_s += sum(process.cpu_times()[:4])  # its own and its dead children's
                resident += process.memory_info().rss
                tasks += process.num_threads()
        self.cpu_s = max(self.cpu_s, cpu_s)
        if resident > self._limits.memory_mib << 20:
            return Ended.MEMORY
        if tasks >= self._limits.processes:
            return Ended.PROCESSES
        return Ended.CPU if self.cpu_s > self._limits.cpu_s else None

    def _processes(self) -> list[psutil.Process]:
        if self._first is None:
            return []
        try:
            return [self._first, *self._first.children(recursive=True)]
        except psutil.Error:
            return []

    def _kill(self, bubblewrap: int) -> None:
        """End the first process: the kernel ends all others of its namespace."""
        with contextlib.suppress(psutil.NoSuchProcess):
            (self._first or psutil.Process(bubblewrap)).kill()


def _ready(selector: selectors.BaseSelector) -> set[int]:
    return {key.fd for key, _ in selector.select(POLL_S)}


@contextlib.contextmanager
def _pidfd(pid: int) -> Iterator[int]:
    """A descriptor that becomes readable when the process ends."""
    fd = os.pidfd_open(pid)
    try:
        yield fd
    finally:
        os.close(fd)
