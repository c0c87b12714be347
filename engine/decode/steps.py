"""How many prompt tokens are evaluated in one step, so that typing loses none of them."""

from dataclasses import dataclass

__all__ = ["ALONE", "FIRST", "LARGEST", "SMALLEST", "Steps"]

LARGEST = 128
"""Tokens. Larger steps are hardly faster: 362, 352, 314, 273 tokens/s at 512, 128, 64,
32 (two cores, 0.5B Q4_K_M)."""

FIRST = 32
SMALLEST = 8

AHEAD = 64
"""Tokens of a step that nobody waits for, at the most."""

SHORT_S, LONG_S = 0.4, 0.8
"""Seconds of a short step and of a long one: it is what the next request waits for."""

ALONE = 3
"""Tokens. So few at the end of a prompt, as somebody types them, go one by one on a CPU:
two took 40 ms instead of 56, three 58 instead of 70, four 70 instead of 74 (CPU time,
0.5B Q4_K_M). llama.cpp multiplies by one column with faster kernels than by a few."""


@dataclass(slots=True)
class Steps:
    """Sizes of the steps of one prompt after another.

    An aborted step is lost. Whoever types on wants nearly the same prompt next, so what
    a request has begun is made to its end whoever cancels, in steps of about half a
    second. What nobody has asked for is another prompt than the next request's,
    perhaps, and stops at once; its steps are small, so that an abort loses little.
    """

    size: int = FIRST
    """Of a step that is made to its end."""

    alone: int = ALONE
    """Up to that many go one by one; 0, as for a GPU: none."""

    def sizes(self, n: int, *, ahead: bool = False) -> list[int]:
        """Step sizes for `n` tokens, in order; they add up to `n`.

        Args:
            n: How many tokens are missing.
            ahead: Whether nobody has asked for them.
        """
        sizes: list[int] = []
        size = min(FIRST, self.size) if ahead else self.size
        while n > self.alone:
            sizes.append(min(size, n))
            n -= size
            if ahead:
                size = min(2 * size, AHEAD)
        return sizes + [1] * n if n > 0 else sizes

    def took(self, size: int, seconds: float) -> None:
        """A step was made; one that takes long on this machine becomes smaller."""
        if size != self.size:
            return
        if seconds > LONG_S:
            self.size = max(SMALLEST, size // 2)
        elif seconds < SHORT_S:
            self.size = min(LARGEST, 2 * size)
