"""How many prompt tokens are evaluated in one step, so that typing loses none of them."""

from dataclasses import dataclass

__all__ = ["ALONE", "FIRST", "LARGEST", "SMALLEST", "Steps"]

LARGEST = 128
"""Tokens. Larger steps are hardly faster: 362, 352, 314, 273 tokens/s at 512, 128, 64,
32 (two cores, 0.5B Q4_K_M)."""

FIRST = 32
SMALLEST = 8

SHORT_S, LONG_S = 0.07, 0.16
"""Seconds of a short step and of a long one: it is what the next request waits for."""

ALONE = 3
"""Tokens. So few at the end of a prompt, as somebody types them, go one by one on a CPU:
two took 40 ms instead of 56, three 58 instead of 70, four 70 instead of 74 (CPU time,
0.5B Q4_K_M). llama.cpp multiplies by one column with faster kernels than by a few."""


@dataclass(slots=True)
class Steps:
    """Sizes of the steps of one prompt after another.

    An aborted step is lost, so that one of up to `first` tokens is made to its end:
    whoever types on wants nearly the same prompt next, and each of his requests gets
    further. Behind a prompt that was not finished no step is larger; else they grow,
    which takes a sixth less time, and an abort loses no more than about half of what
    was done.
    """

    first: int = FIRST
    alone: int = ALONE
    """Up to that many go one by one; 0, as for a GPU: none."""

    grow: bool = True

    def sizes(self, n: int) -> list[int]:
        """Step sizes for `n` tokens, in order; they add up to `n`."""
        sizes: list[int] = []
        size = self.first
        while n > self.alone:
            sizes.append(min(size, n))
            n -= size
            if self.grow:
                size = min(2 * size, LARGEST)
        return sizes + [1] * n if n > 0 else sizes

    def is_kept(self, size: int) -> bool:
        """Whether a step is made to its end, whoever cancels."""
        return size <= self.first

    def took(self, size: int, seconds: float) -> None:
        """A step was made; one that takes long on this machine becomes smaller."""
        if size != self.first:
            return
        if seconds > LONG_S:
            self.first = max(SMALLEST, self.first // 2)
        elif seconds < SHORT_S:
            self.first = min(FIRST, 2 * self.first)

    def ended(self, *, complete: bool) -> None:
        """A prompt was evaluated to its end, or not."""
        self.grow = complete
