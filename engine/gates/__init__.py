"""What is shown of an answer that nobody asked for: what is likely, and parses."""

from .calibration import Calibration, calibration_of
from .confidence import Confidence
from .gates import Gates
from .learning import Learned, learn

__all__ = ["Calibration", "Confidence", "Gates", "Learned", "calibration_of", "learn"]
