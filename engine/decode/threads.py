"""How many threads to decode with while other programs use the machine, too.

llama.cpp's threads spin at barriers: with two threads on a two-core machine and two
busy programs beside them, decoding fell from 69 to 1 token per second, with one
thread to 38 (docs/experiments.md). So the threads are as many as there are idle
cores, looked at anew while decoding.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

__all__ = ["Load", "ThreadPolicy", "machine_load"]

WINDOW = 0.1
"""Seconds between two looks: ten ticks of the kernel's accounting."""

MARGIN = 0.3
"""Part of a core that others may use before one is left to them."""


@dataclass(frozen=True, slots=True)
class Load:
    """Processor seconds since some fixed moment."""

    at: float
    """Monotonic time of the look."""

    all: float
    """Of all processes."""

    own: float
    """Of this process."""


def machine_load() -> Load:
    """The machine's load now, from the kernel's counters."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    own = os.times()
    return Load(time.monotonic(), sum(times) - guest - idle, own.user + own.system)


class ThreadPolicy:
    """Number of threads for the next step of decoding.

    Args:
        limit: Threads at the most; 0: the physical cores.
        look: Where the load is read.
        cores: Cores that this process may use; 0: ask the system.
    """

    def __init__(
        self,
        limit: int = 0,
        look: Callable[[], Load] = machine_load,
        cores: int = 0,
    ) -> None:
        self._cores = cores or _usable_cores()
        physical = psutil.cpu_count(logical=False) or self._cores
        self.limit = max(1, min(limit or cores or physical, self._cores))
        self._look = look
        self._last = look()
        self._threads = self.limit

    def threads(self) -> int:
        """Threads to use now; cheap enough to be asked before every step."""
        if time.monotonic() - self._last.at < WINDOW:
            return self._threads
        now = self._look()
        others = (now.all - self._last.all) - (now.own - self._last.own)
        free = self._cores - others / (now.at - self._last.at)
        self._threads = max(1, min(self.limit, int(free + MARGIN)))
        self._last = now
        return self._threads


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
