"""How many examples come from which repository, in which language."""

from collections.abc import Mapping

__all__ = ["Quotas", "quotas"]

Part = tuple[str, str]
"""A repository and a language in it."""

Quotas = Mapping[Part, int]


def quotas(
    files: Mapping[Part, int],
    wanted: int,
    shares: Mapping[str, float],
    *,
    per_file: int,
    per_repository: int,
) -> Quotas:
    """As many examples of each repository as of another, as far as it has files.

    What a language is short of is spread over the others.

    Args:
        files: How many there are of each part.
        wanted: Examples in all.
        shares: Of each language; those that are not named get none. Empty: by files.
        per_file: Examples of a file at the most.
        per_repository: Examples of a part at the most.
    """
    rooms: dict[str, dict[Part, int]] = {}
    for part, count in sorted(files.items()):
        if not shares or shares.get(part[1], 0) > 0:
            room = min(count * per_file, per_repository)
            rooms.setdefault(part[1], {})[part] = room
    sizes = {name: sum(rooms[name].values()) for name in rooms}
    given = _spread(
        wanted, {n: shares.get(n, 0) if shares else sizes[n] for n in rooms}, sizes
    )
    chosen: dict[Part, int] = {}
    for language, parts in rooms.items():
        chosen |= _levelled(given[language], parts)
    return {part: count for part, count in chosen.items() if count}


def _spread(
    wanted: int, shares: Mapping[str, float], sizes: Mapping[str, int]
) -> dict[str, int]:
    """The number of each language: its share, but no more than there is."""
    given = dict.fromkeys(shares, 0)
    open_ = set(shares)
    while open_:
        left = wanted - sum(given[name] for name in shares if name not in open_)
        total = sum(shares[name] for name in open_)
        due = {name: round(left * shares[name] / total) for name in sorted(open_)}
        short = {name for name in open_ if due[name] >= sizes[name]}
        if not short:
            return given | due
        given |= {name: sizes[name] for name in short}
        open_ -= short
    return given


def _levelled(wanted: int, rooms: Mapping[Part, int]) -> dict[Part, int]:
    """The same number of each part, more of the others where one has less."""
    given: dict[Part, int] = {}
    left = wanted
    for number, part in enumerate(sorted(rooms, key=lambda part: (rooms[part], part))):
        given[part] = min(rooms[part], -(-left // (len(rooms) - number)))
        left -= given[part]
    return given
