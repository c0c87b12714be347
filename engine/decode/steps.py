"""How many prompt tokens are evaluated in one step, so that cancelling loses little."""

from dataclasses import dataclass

__all__ = ["ALONE", "LARGEST", "Steps"]

LARGEST = 128
"""Tokens. Larger steps are hardly faster: 362, 352, 314, 273 tokens/s at 512, 128, 64,
32 (two cores, 0.5B Q4_K_M)."""

FIRST = 32
SMALLEST = 4

ALONE = 3
"""Tokens. So few at the end of a prompt, as somebody types them, go one by one on a CPU:
two took 40 ms instead of 56, three 58 instead of 70, four 70 instead of 74 (CPU time,
0.5B Q4_K_M). llama.cpp multiplies by one column with faster kernels than by a few."""


@dataclass(slots=True)
class Steps:
    """Sizes of the steps of one prompt after another.

    An aborted step is lost. The steps of a prompt grow, so that an abort loses no more
    than about half of what was done, at 5 % of the time of 400 tokens. A prompt that
    was aborted in its very first step makes the next one begin smaller: somebody types
    faster than that, and each of his requests must get a little further.
    """

    first: int = FIRST
    alone: int = ALONE
    """Up to that many go one by one; 0, as for a GPU: none."""

    def sizes(self, n: int) -> list[int]:
        """Step sizes for `n` tokens, in order; they add up to `n`."""
        sizes: list[int] = []
        size = self.first
        while n > self.alone:
            sizes.append(min(size, n))
            n -= size
            size = min(2 * size, LARGEST)
        return sizes + [1] * n if n > 0 else sizes

    def aborted(self, done: int) -> None:
        """A prompt was aborted after `done` steps."""
        if done == 0:
            self.first = max(SMALLEST, self.first // 2)

    def completed(self) -> None:
        """A prompt was evaluated to its end."""
        self.first = min(FIRST, 2 * self.first)
