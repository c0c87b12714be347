"""A ring of chunks of the files a user came by, after llama.vim's description.

Behaviour from the description of llama.vim's extra context (snapshot a1c8e6e): half of
64 lines is picked when a file is entered, left or written and when the cursor jumps
far; what resembles a new chunk makes room for it; what resembles the text at the
cursor is thrown out, because it makes the model repeat what is there already.
"""

import random
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Chunk", "Ring", "similarity"]

WORDS = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of a file."""

    path: str
    text: str

    @property
    def field(self) -> dict[str, str]:
        """As `/infill` takes it in ``input_extra``."""
        return {"filename": self.path, "text": self.text}


class Ring:
    """The chunks that go into each request, oldest first.

    Args:
        size: Chunks at the most, both in the ring and waiting for it.
        chunk_lines: A chunk has at most half as many.
        seed: Of the place that is cut out of a longer text.
    """

    def __init__(self, size: int = 16, chunk_lines: int = 64, seed: int = 0) -> None:
        self._chunk_lines = chunk_lines
        self._ring: deque[Chunk] = deque(maxlen=size)
        self._queue: deque[Chunk] = deque(maxlen=size)
        self._random = random.Random(seed)

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """Those in the ring."""
        return tuple(self._ring)

    def clear(self) -> None:
        """Forget all, as in a new editor."""
        self._ring.clear()
        self._queue.clear()

    def pick(self, path: str, lines: Sequence[str]) -> None:
        """Queue a chunk of ``lines``; one that is known already changes nothing."""
        if len(lines) < 3:
            return
        half = self._chunk_lines // 2
        start = 0
        if len(lines) + 1 >= self._chunk_lines:
            start = self._random.randrange(max(1, len(lines) - half))
            lines = lines[start : start + half]
        chunk = Chunk(path, "\n".join(lines) + "\n")
        if any(chunk.text == old.text for old in (*self._ring, *self._queue)):
            return
        self._drop(chunk.text, 0.9)
        self._queue.append(chunk)

    def promote(self, n: int = 1) -> bool:
        """Move ``n`` chunks from the queue into the ring; whether there were any."""
        moved = False
        for _ in range(min(n, len(self._queue))):
            self._ring.append(self._queue.popleft())
            moved = True
        return moved

    def evict(self, text: str) -> None:
        """Throw out what resembles the text around the cursor."""
        self._ring = deque(
            (c for c in self._ring if similarity(c.text, text) <= 0.5),
            self._ring.maxlen,
        )

    def _drop(self, text: str, above: float) -> None:
        for chunks in (self._ring, self._queue):
            alike = [c for c in chunks if similarity(c.text, text) > above]
            for chunk in alike:
                chunks.remove(chunk)


def similarity(one: str, other: str) -> float:
    """Dice's coefficient of the words of two texts, from 0 to 1.

    Each word counts once in the one text, and for every time in the other one, as
    llama.vim's description has it: 2 · common / (words of one + words of other).
    """
    left, right = WORDS.split(one), WORDS.split(other)
    if not left or not right:
        return 0.0
    known = set(left)
    common = sum(word in known for word in right)
    return min(1.0, 2 * common / (len(left) + len(right)))
