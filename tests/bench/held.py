"""The language server, and how long its event loop was held, for the bench `loop`.

`held.py FILE ARGUMENTS…` runs `codeassist ARGUMENTS…` in this process and writes what it
has measured to the file. The loop is asked to wake up every `BEAT` seconds. Where it
wakes up late it was held: by callbacks of its own, by another thread that kept the
interpreter's lock, or by other programs that kept the processor. The last is no fault of
ours, so of a late beat only so much counts as the loop's thread and the other Python
threads have computed meanwhile. The thread that decodes is left out of that sum: it
computes all the time, without the lock.
"""

import asyncio
import json
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from codeassist import cli
from codeassist.lsp.server import CodeassistServer

__all__ = ["BEAT", "Beat"]

BEAT = 0.002
NOTED = 0.004
"""Seconds. Of a beat that is later, it is noted who has computed."""

DECODING = "decode"


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat; all times are in seconds."""

    at: float
    """On the clock that all processes share."""

    late: float
    """Until the loop woke up."""

    delayed: float
    """Of that, at the most, while the processor was others'."""

    held: float
    """Of that, while the loop or a thread with the lock may have computed."""

    own: float
    """What the loop's thread has computed."""

    threads: dict[str, float] = field(default_factory=dict)
    """What the other threads have computed, where it was late."""


class Heart:
    """Beats on the loop."""

    def __init__(self) -> None:
        self.beats: list[Beat] = []
        self._clocks: dict[str, float] = {}
        self._own = self._waited = self._due = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin, on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._look()
        self._again()

    def _again(self) -> None:
        assert self._loop is not None
        self._due = time.monotonic() + BEAT
        self._loop.call_at(self._due, self._beat)

    def _beat(self) -> None:
        now = time.monotonic()
        own, waited, before = self._own, self._waited, self._clocks
        self._look()
        late = now - self._due
        spent = {name: at - before.get(name, 0) for name, at in self._clocks.items()}
        lock = sum(each for name, each in spent.items() if DECODING not in name)
        self.beats.append(
            Beat(
                at=now,
                late=late,
                delayed=min(late, self._waited - waited),
                held=min(late, self._own - own + lock),
                own=self._own - own,
                threads=spent if late > NOTED else {},
            )
        )
        self._again()

    def _look(self) -> None:
        """Read the clocks of all threads."""
        own = threading.current_thread()
        self._own = time.thread_time()
        self._clocks = {}
        for each in threading.enumerate():
            if each is not own and each.ident is not None:
                try:
                    clock = time.pthread_getcpuclockid(each.ident)
                    self._clocks[each.name] = time.clock_gettime(clock)
                except OSError:  # it has just ended
                    continue
        self._waited = _waited()


def _waited() -> float:
    """Seconds that this thread was ready to run and did not; 0: nobody counts."""
    try:
        counts = Path("/proc/thread-self/schedstat").read_text().split()
    except OSError:
        return 0.0
    return int(counts[1]) / 1e9


def main() -> int:
    file, *arguments = sys.argv[1:]
    heart = Heart()
    begin = CodeassistServer.start_loading

    def beating(server: CodeassistServer) -> None:
        heart.start()
        begin(server)

    CodeassistServer.start_loading = beating  # type: ignore[method-assign]
    try:
        return cli.main(arguments)
    finally:
        beats = [asdict(beat) for beat in heart.beats]
        Path(file).write_text(json.dumps(beats), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
