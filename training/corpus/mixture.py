"""How much of each language is kept."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from .recipe import Mix
from .record import Kept

__all__ = ["left_out"]


def left_out(files: Sequence[tuple[int, str, Kept]], mix: Mix) -> dict[int, str]:
    """Numbers of the files that are left out, with the reason.

    Which ones hangs on their contents alone, not on their order.

    Args:
        files: Number, source and facts of each.
        mix: Weights first, then caps over what is left.
    """
    out: dict[int, str] = {}
    left: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for number, source, kept in files:
        draw = hashlib.sha256(f"{source}\0{kept.path}\0{kept.sha256}".encode())
        share = int.from_bytes(draw.digest()[:8], "big") / 2**64
        weight = mix.weights.get(kept.language, 1.0)
        if share >= weight:
            out[number] = f"weight of {kept.language}"
        else:
            left[kept.language].append((draw.hexdigest(), number, kept.size))
    room = _room({name: sum(n for *_, n in rows) for name, rows in left.items()}, mix)
    for language, most in room.items():
        used = 0
        for _, number, size in sorted(left[language]):
            used += size
            if used > most:
                out[number] = f"cap of {language}"
    return out


def _room(sizes: dict[str, int], mix: Mix) -> dict[str, float]:
    """Bytes for each language whose cap binds, as shares of what is kept at last."""
    binding: dict[str, float] = {}
    while True:
        free = sum(size for name, size in sizes.items() if name not in binding)
        total = free / max(1e-9, 1 - sum(binding.values())) if binding else free
        over = {
            name: mix.caps[name]
            for name, size in sizes.items()
            if name in mix.caps
            and name not in binding
            and size > mix.caps[name] * total
        }
        if not over:
            return {name: cap * total for name, cap in binding.items()}
        binding |= over
