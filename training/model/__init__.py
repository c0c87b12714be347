"""One decoder in plain torch; the families differ by configuration alone."""

from .attention import score_bytes
from .decoder import Decoder, Output
from .parts import Parts

__all__ = ["Decoder", "Output", "Parts", "score_bytes"]
