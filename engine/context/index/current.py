"""The snapshot that counts now: swapped whole, never changed."""

import threading
from collections.abc import Callable

from .snapshot import Snapshot

__all__ = ["Current"]


class Current:
    """Readers take the snapshot and wait for nobody; writers take turns."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self._turn = threading.Lock()

    def change(self, step: Callable[[Snapshot], Snapshot]) -> None:
        """Replace the snapshot by what a step makes of it."""
        with self._turn:
            self.snapshot = step(self.snapshot)
