"""How a run is asked to end: signals that let the step under way be finished and saved."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

__all__ = ["asked_to_end"]

SAID = "\nending after this step; ^C again ends at once\n"


@contextmanager
def asked_to_end(*, leads: bool) -> Iterator[threading.Event]:
    """An event that the first Ctrl-C or SIGTERM sets; a further Ctrl-C interrupts.

    A further SIGTERM does not: torchrun passes one on to processes that Ctrl-C has
    reached already.

    Args:
        leads: Whether this process says so on stderr.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            if number == signal.SIGINT:
                raise KeyboardInterrupt
            return
        stop.set()
        # note: it may come while this thread is writing there, which Python refuses
        with suppress(RuntimeError, OSError, ValueError):
            sys.stderr.write(SAID if leads else "")

    before = {n: signal.signal(n, ask) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
