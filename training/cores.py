"""How many threads torch takes for a while."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["with_threads"]


@contextmanager
def with_threads(number: int) -> Iterator[None]:
    """Have torch take so many, and no more than there are cores; 0: as many as it has."""
    before = torch.get_num_threads()
    torch.set_num_threads(min(number, os.cpu_count() or 1) or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
