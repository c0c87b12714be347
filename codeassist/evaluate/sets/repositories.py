"""CrossCodeEval, RepoEval and fresh-fim: holes in files of real repositories."""

from collections import defaultdict
from pathlib import Path

from codeassist import languages
from codeassist.evaluate.hole import Hole

from .records import Record

__all__ = ["crosscodeeval", "fresh_fim", "repoeval"]

FRESH = {"line": "one", "xline": "one", "block": "block"}
"""Kind of hole to what is asked for."""


def crosscodeeval(record: Record) -> Hole:
    """CrossCodeEval [2310.11248], with the retrieved pieces as files."""
    about = record.inner("metadata")
    path = about.text("file")
    return Hole(
        id=about.text("task_id"),
        path=path,
        language=languages.of_path(path).name,
        kind="statement",
        prefix=record.text("prompt"),
        suffix=record.text("right_context") if "right_context" in record.values else "",
        middle=record.text("groundtruth"),
        lines="one",
        origin="crosscodeeval",
        files=_retrieved(record),
    )


def _retrieved(record: Record) -> tuple[tuple[str, str], ...]:
    """Pieces of one file as one text, best first."""
    pieces: dict[str, list[str]] = defaultdict(list)
    if record.values.get("crossfile_context"):
        for piece in record.inner("crossfile_context").inners("list"):
            pieces[piece.text("filename")].append(piece.text("retrieved_chunk"))
    return tuple((path, "\n".join(texts)) for path, texts in pieces.items())


def repoeval(record: Record) -> Hole:
    """RepoEval [RepoCoder 2303.12570]: left context only, as published."""
    about = record.inner("metadata")
    path = "/".join(about.texts("fpath_tuple")[1:])
    prefix = record.text("prompt")
    lines_above = about.number("line_no") - about.number("context_start_lineno")
    if prefix.count("\n") < lines_above:  # the set joins lines, without a last line end
        prefix += "\n"
    function = "function_name" in about.values
    api = "api" in record.file.name
    return Hole(
        id=about.text("task_id"),
        path=path,
        language=languages.of_path(path).name,
        kind="function" if function else "api" if api else "line",
        prefix=prefix,
        suffix="",
        middle=about.text("ground_truth"),
        lines="block" if function else "auto" if api else "one",
        origin="repoeval",
    )


def fresh_fim(record: Record) -> Hole:
    """Holes in lines of public repositories written after mid-2025.

    Where a checkout of the set's commit lies beside the set file, in a folder of the
    repository's name, it is the hole's `root`. Its file still holds the answer:
    `codeassist.evaluate.workspace` shows a copy into which the hole is cut.
    """
    kind, path = record.text("kind"), record.text("path")
    if kind not in FRESH:
        raise record.error(f"kind {kind!r} is none of {', '.join(FRESH)}")
    return Hole(
        id=record.text("id"),
        path=path,
        language=languages.of_path(path).name,
        kind=kind,
        prefix=record.text("prefix"),
        suffix=record.text("suffix"),
        middle=record.text("middle"),
        lines=FRESH[kind],
        origin="fresh-fim",
        root=_checkout(record, path),
        tags={"dup": "yes" if record.values.get("dup") else "no"},
    )


def _checkout(record: Record, path: str) -> str:
    folder = record.file.parent / Path(record.text("repo")).name
    try:
        text = (folder / path).read_text()
    except (OSError, UnicodeDecodeError):
        return ""
    stands = text[record.number("start") : record.number("end")]
    return str(folder) if stands == record.text("middle") else ""
