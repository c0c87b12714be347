"""The next token out of the logits, with its log-probability."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Greedy", "Sampled", "log_probability"]

Logits = NDArray[np.float32]
"""One row of logits. Shape: (n_vocab,)."""


def log_probability(logits: Logits, token: int) -> float:
    """Natural logarithm of the model's own probability of a token, in [-inf, 0].

    Args:
        logits: Unscaled. Shape: (n_vocab,).
        token: Its id.
    """
    top = logits.max()
    return float(logits[token] - top - np.log(np.exp(logits - top).sum()))


@dataclass(frozen=True, slots=True)
class Greedy:
    """The likeliest token."""

    def choose(self, logits: Logits) -> int:
        """Id of the largest logit; the first of equals."""
        return int(logits.argmax())


@dataclass(slots=True)
class Sampled:
    """A token drawn from the likeliest `top_k`, cut at `top_p` of the probability."""

    temperature: float = 0.4
    top_k: int = 40
    top_p: float = 0.95
    seed: int = 0
    _random: "np.random.Generator" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    def choose(self, logits: Logits) -> int:
        """Draw a token; the same seed and logits give the same tokens."""
        k = min(self.top_k, logits.size)
        best = np.argpartition(logits, -k)[-k:]
        best = best[np.argsort(-logits[best], kind="stable")]
        scaled = (logits[best] - logits[best[0]]).astype(np.float64) / self.temperature
        p = np.exp(scaled)
        p /= p.sum()
        kept = int(np.searchsorted(np.cumsum(p), self.top_p)) + 1
        p = p[:kept] / p[:kept].sum()
        return int(best[self._random.choice(p.size, p=p)])
