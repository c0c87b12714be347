"""Fine-tuning for the engine: its own prompts as training examples, and the proof."""

from .asking import Asker
from .building import Built, build
from .cuts import KINDS
from .mixture import ExampleMixture, read_mixture

__all__ = ["KINDS", "Asker", "Built", "ExampleMixture", "build", "read_mixture"]
