"""The echo server, in a process whose interpreter ends pools of processes too late.

When it ends, it wakes each pool that is there; here it does so when the pool has just
closed what it is woken by, which else happens on a busy machine, and seldom.
"""

import runpy
import threading
from concurrent.futures import process
from pathlib import Path


class Late(process._ThreadWakeup):
    """Is woken by the interpreter's end behind its own."""

    def __init__(self):
        super().__init__()
        self._over = threading.Event()

    def close(self):
        super().close()
        self._over.set()

    def wakeup(self):
        ending = threading.current_thread() is threading.main_thread()
        if ending and not self._closed:
            self._over.wait()
            self._writer.send_bytes(b"")
        else:
            super().wakeup()


if __name__ == "__main__":  # else it is the index's process that imports it
    process._ThreadWakeup = Late
    runpy.run_path(str(Path(__file__).with_name("echo_server.py")), run_name="__main__")
