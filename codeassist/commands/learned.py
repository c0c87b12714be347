"""What the gate learns from the user's own records, for the server and for `stats`."""

import logging
import time

from codeassist.config import Settings
from codeassist.engine.gates import Learned, learn
from codeassist.records import Records, RecordsError, records_file

__all__ = ["learned", "shift_for"]

log = logging.getLogger(__name__)

DAYS_S = 60 * 86_400
"""Older suggestions tell of another user, as it were."""


def learned(model: str, adapter: str) -> Learned:
    """What became of a model's suggestions, and what it says of its calibration.

    Args:
        model: Its catalog id, or the name of its file.
        adapter: Its name; empty: none.

    Raises:
        RecordsError: there are no records, or they cannot be read.
    """
    records = Records(records_file())
    return learn(records.outcomes(model, adapter, time.time() - DAYS_S))


def shift_for(settings: Settings, model: str, adapter: str) -> float:
    """What is added to the calibration of a model; 0 without records."""
    if not settings.records.enabled:
        return 0.0
    try:
        found = learned(model, adapter)
    except RecordsError:  # none yet, or damaged: the recorder begins a new one
        return 0.0
    if found.shift:
        log.info("the gate of %s is shifted by %+.2f, as learned", model, found.shift)
    return found.shift
