"""A list of holes in a file, so that runs and models are compared on the same ones."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from codeassist.errors import InputError
from codeassist.evaluate.hole import Hole
from codeassist.whole import write_text

from .cutting import Cutting, hole_at
from .repository import Repository, Source

__all__ = ["FORMAT", "Manifest", "read_manifest", "write_manifest"]

FORMAT = 1
"""Of the file; another one is refused."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Holes, and how they were cut."""

    repository: str
    """Its name."""

    commit: str
    """That was checked out; empty without git."""

    cutting: Cutting
    holes: tuple[Hole, ...]
    tool: str = version("codeassist")
    """Version that cut the holes."""


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write a manifest as JSON lines: a header, then one row for each hole.

    A row has the place, in bytes, and the hash of the file's text, not the text.

    Raises:
        InputError: the file cannot be written.
    """
    rows = [json.dumps(_row(hole), sort_keys=True) for hole in manifest.holes]
    header = {
        "codeassist manifest": FORMAT,
        "tool": manifest.tool,
        "repository": manifest.repository,
        "commit": manifest.commit,
        "cutting": asdict(manifest.cutting),
        "holes": len(rows),
        "sha256": _hash("\n".join(rows)),
    }
    _write(path, "\n".join([json.dumps(header), *rows, ""]))


def read_manifest(path: Path, repository: Repository) -> Manifest:
    """Read a manifest and cut the same holes again.

    Raises:
        InputError: no manifest, one that was changed, or the repository's files are
            not those that the holes were cut into.
    """
    header, rows = _parsed(path)
    try:
        kept = header["cutting"]
        cutting = Cutting(
            **kept | {k: tuple(kept[k]) for k in ("kinds", "languages")},
        )
        sources: dict[str, Source] = {}
        holes = tuple(_hole(row, repository, header, sources) for row in rows)
        return Manifest(
            repository=header["repository"],
            commit=header["commit"],
            cutting=cutting,
            holes=holes,
            tool=header["tool"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(_broken(path)) from error


def _row(hole: Hole) -> dict[str, Any]:
    start = len(hole.prefix.encode())
    return {
        "id": hole.id,
        "path": hole.path,
        "kind": hole.kind,
        "start": start,
        "end": start + len(hole.middle.encode()),
        "sha256": _hash(hole.prefix + hole.middle + hole.suffix),
        "tags": dict(hole.tags),
    }


def _hole(
    row: dict[str, Any],
    repository: Repository,
    header: dict[str, Any],
    sources: dict[str, Source],
) -> Hole:
    path = row["path"]
    source = sources.get(path) or repository.source(path)
    if source is None or source.sha256 != row["sha256"]:
        state = "is missing" if source is None else "has changed"
        commit = header["commit"]
        remedy = f"check out {commit[:12]}" if commit else "bring the old files back"
        msg = f"{repository.root / path} {state} since its holes were cut; {remedy}"
        raise InputError(msg)
    sources[path] = source
    hole = hole_at(source, row["kind"], (row["start"], row["end"]), repository.name)
    return replace(hole, id=row["id"], origin=header["repository"], tags=row["tags"])


def _parsed(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); name a manifest"
        raise InputError(msg) from error
    except UnicodeDecodeError as error:
        raise InputError(_broken(path)) from error
    first, _, rest = text.partition("\n")
    try:
        header = json.loads(first)
        if header["codeassist manifest"] != FORMAT:
            msg = f"{path} is of another version of codeassist; cut the holes anew"
            raise InputError(msg)
        if header["sha256"] != _hash(rest.removesuffix("\n")):
            raise InputError(_broken(path))
        return header, [json.loads(line) for line in rest.splitlines()]
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path} is no manifest of holes; name one that codeassist wrote"
        raise InputError(msg) from error


def _broken(path: Path) -> str:
    return f"{path} was cut short or changed; cut the holes anew"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}); name another place"
        raise InputError(msg) from error
