"""A thread that brings the index up to what is on disk, whenever it is asked to."""

import logging
import threading
from collections.abc import Iterable

from .update import Update

__all__ = ["Scanner"]

log = logging.getLogger(__name__)


class Scanner:
    """Collects what is to be looked at, and looks at it in one go.

    Args:
        update: What does the work.
    """

    def __init__(self, update: Update) -> None:
        self._update = update
        self._state = threading.Condition()
        self._paths: set[str] = set()
        self._all = False
        self._busy = False
        self._thread = threading.Thread(target=self._run, name="index", daemon=True)

    def start(self) -> None:
        """Load what is kept, then look at everything once."""
        self._all = self._busy = True
        self._thread.start()

    def request(self, paths: Iterable[str] | None) -> None:
        """Look at these paths soon; None: at all there are."""
        with self._state:
            if paths is None:
                self._all = True
            else:
                self._paths.update(paths)
            self._state.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is left to look at; whether that came true."""
        with self._state:
            return self._state.wait_for(self._is_idle, timeout)

    def close(self) -> None:
        """End soon: what has begun is thrown away."""
        self._update.stopping.set()
        with self._state:
            self._state.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)

    def _is_idle(self) -> bool:
        return self._update.stopping.is_set() or not (
            self._busy or self._all or self._paths
        )

    def _has_work(self) -> bool:
        return self._update.stopping.is_set() or self._all or bool(self._paths)

    def _run(self) -> None:
        try:
            self._update.load()
        except Exception:
            log.exception("the index begins empty")
        while True:
            with self._state:
                self._busy = False
                self._state.notify_all()
                self._state.wait_for(self._has_work)
                if self._update.stopping.is_set():
                    return
                paths = None if self._all else frozenset(self._paths)
                self._paths, self._all, self._busy = set(), False, True
            try:
                self._update.scan(paths)
            except Exception:
                log.exception("a scan came to nothing")
