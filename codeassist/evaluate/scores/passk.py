"""The unbiased estimator of pass@k [Codex 2107.03374, section 2.1]."""

from collections.abc import Iterable
from math import prod
from statistics import fmean

from codeassist.errors import InputError

__all__ = ["mean_pass_at_k", "pass_at_k"]


def pass_at_k(n: int, c: int, k: int) -> float:
    """How likely one of k samples passes, estimated from n samples of which c did.

    1 - C(n-c, k) / C(n, k), as a product of ratios, which neither overflows nor
    cancels for large n.

    Raises:
        InputError: not 0 <= c <= n, or not 1 <= k <= n.
    """
    if not 0 <= c <= n:
        raise InputError(f"{c} of {n} samples cannot pass; give 0 <= c <= n")
    if not 1 <= k <= n:
        raise InputError(f"pass@{k} needs at least {max(k, 1)} samples, not {n}")
    return 1.0 - prod(1.0 - k / i for i in range(n - c + 1, n + 1))


def mean_pass_at_k(problems: Iterable[tuple[int, int]], k: int) -> float:
    """Mean over problems, each given as (samples, samples that passed).

    Raises:
        InputError: no problems, or counts that cannot be.
    """
    values = [pass_at_k(n, c, k) for n, c in problems]
    if not values:
        raise InputError("pass@k needs at least one problem")
    return fmean(values)
