"""`rows.json`: what a folder of rows holds, and the checksums of its shards."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from codeassist.errors import CorpusError

__all__ = ["INDEX_FILE", "RowsIndex", "Shard", "read_index"]

INDEX_FILE = "rows.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Shard:
    """One file of blocks."""

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RowsIndex:
    """The contents of `rows.json`."""

    length: int
    """Tokens of a row, padding included."""

    vocab_size: int
    pad: int
    block: int
    """Rows that are unpacked together; the last block of a shard may have fewer."""

    rows: int = 0
    tokens: int = 0
    """Without padding."""

    learned: int = 0
    """Tokens that are to be predicted."""

    shards: tuple[Shard, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    """Where the rows come from, in the words of who wrote them."""

    def to_json(self) -> str:
        """The file's text."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        values["shards"] = [asdict(shard) for shard in self.shards]
        return json.dumps({"format": FORMAT, **values}, indent=1) + "\n"


def read_index(folder: Path) -> RowsIndex:
    """Read what a folder of rows holds.

    Raises:
        CorpusError: there is no readable `rows.json`, or it has no rows.
    """
    path = folder / INDEX_FILE
    try:
        values = json.loads(path.read_text("utf-8"))
        if values.pop("format") != FORMAT:
            msg = "it is of another version"
            raise ValueError(msg)
        shards = tuple(Shard(**each) for each in values.pop("shards"))
        index = RowsIndex(shards=shards, **values)
    except FileNotFoundError as error:
        msg = f"{folder} has no {INDEX_FILE}; name a folder of prepared rows"
        raise CorpusError(msg) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{path} cannot be read ({error}); delete the folder to prepare it again"
        raise CorpusError(msg) from error
    if index.rows != sum(shard.rows for shard in shards) or not index.rows:
        msg = f"{path} counts no rows, or others than its shards; delete the folder"
        raise CorpusError(msg)
    return index
