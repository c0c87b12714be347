"""`corpus build` over a hundred packages: what was planted is gone, all is attributed."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from codeassist.training.corpus import documents
from tests.bench.harness import verdict

HERE = Path(__file__).parent
PACKAGES = HERE / "corpus_packages.toml"
SHARED = Path(os.environ.get("CODEASSIST_SHARED", HERE.parents[1] / ".." / "shared"))
TOKEN = "ghp_" + "q7Rz2mK9vXc4Lp8TnB3yWd6HsJ1fGu5EaQkV"  # of no one

PERMISSION = """MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy of this
software, to deal in the Software without restriction, subject to the following: The
above copyright notice and this permission notice shall be included in all copies.
"""
OWN = '''"""Shelves of a small library."""

import datetime


class Shelf:
    """A row of books, the newest last."""

    def __init__(self, name: str, room: int) -> None:
        self.name = name
        self.room = room
        self.books: list[tuple[str, datetime.date]] = []

    def put(self, title: str, bought: datetime.date) -> bool:
        """Put a book on the shelf unless it is full already."""
        if len(self.books) >= self.room:
            return False
        self.books.append((title, bought))
        self.books.sort(key=lambda book: book[1])
        return True

    def bought_after(self, day: datetime.date) -> list[str]:
        """Titles of the books that came after a day."""
        return [title for title, bought in self.books if bought > day]
'''
GPL = '''# This program is free software: you can redistribute it and/or modify it under the
# terms of the GNU General Public License as published by the Free Software Foundation.

def weigh(fruit, scales):
    """Weigh fruit on some scales and return the heaviest reading in grams."""
    readings = [scale.read(fruit) for scale in scales]
    return max(readings, default=0)
'''


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="codeassist-corpus-") as scratch:
        own, out = Path(scratch) / "planted", Path(scratch) / "corpus"
        _plant(own)
        command = [sys.executable, "-m", "codeassist", "corpus", "build"]
        command += [str(PACKAGES), str(own), "--out", str(out), "--json"]
        command += ["--against", str(SHARED / "eval")]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        report = json.loads(done.stdout)
        gone = _gone(report, out)
        complete = _complete(out, report)
    for stage in report["stages"]:
        if stage["files"]:
            size = stage["bytes"] / 1e6
            print(f"{stage['stage']:>10} -{stage['files']:>6} files {size:8.2f} MB")
    kept = report["kept"]
    print(f"      kept  {kept['files']:>6} files {kept['bytes'] / 1e6:8.2f} MB")
    for what, held in gone.items():
        print(f"{what}: {'gone, and named' if held else 'STILL THERE OR NOT NAMED'}")
    speed = report["mb_per_second_per_core"]
    told = f"{sum(gone.values())} of 4 planted gone, manifest "
    told += f"{'complete' if complete else 'INCOMPLETE'}, {speed:g} MB/s per core"
    holds = all(gone.values()) and complete
    return verdict("corpus", told, "4 of 4, complete", holds=holds)


def _plant(own: Path) -> None:
    """A folder with one good file and four that must go, or lose their secret."""
    own.mkdir()
    files = {
        "LICENSE": PERMISSION,
        "a_shelf.py": OWN,
        "near_copy.py": OWN.replace("small library", "small public library"),
        "taken.py": GPL,
        "solution.py": _problem(),
        "client.py": OWN.replace("Shelf", "Client").replace("books", "calls")[:700]
        + f'\n\ndef token() -> str:\n    """The key of the service."""\n    return "{TOKEN}"\n',
    }
    for name, text in files.items():
        (own / name).write_text(text, encoding="utf-8")


def _problem() -> str:
    """A problem of HumanEval with its solution, renamed and in a class."""
    path = SHARED / "eval" / "humaneval" / "HumanEval.jsonl.gz"
    if not path.is_file():
        msg = f"{path} is missing; set CODEASSIST_SHARED to the shared folder"
        raise SystemExit(msg)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        row = max(map(json.loads, lines), key=lambda row: len(row["prompt"]))
    text = row["prompt"] + row["canonical_solution"]
    return "# My own function.\n" + text.replace(row["entry_point"], "mine")


def _gone(report: dict[str, Any], out: Path) -> dict[str, bool]:
    named = {(each["file"], each["stage"]) for each in report["dropped"]}
    texts = {
        each.path: each.text for each in documents(out) if each.repository == "planted"
    }
    secret = TOKEN not in "".join(each.text for each in documents(out))
    kept = "a_shelf.py" in texts
    return {
        "secret": secret
        and report["redacted"].get("key", 0) >= 1
        and "client.py" in texts,
        "GPL file": ("planted/taken.py", "licence") in named
        and "taken.py" not in texts,
        "evaluation problem": ("planted/solution.py", "evaluation") in named
        and "solution.py" not in texts,
        "near-duplicate": ("planted/near_copy.py", "near") in named
        and kept
        and "near_copy.py" not in texts,
    }


def _complete(out: Path, report: dict[str, Any]) -> bool:
    """Each document has its row, each row its document, and the hashes are theirs."""
    lines = (out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows = list(map(json.loads, lines))
    pinned = tomllib.loads(PACKAGES.read_text(encoding="utf-8"))["packages"]
    archives = {line.rpartition(":")[2] for line in pinned}
    reader = documents(out)
    for row in rows:
        document = next(reader, None)
        if document is None:
            return False
        place = (reader.shards[reader.position.shard].file, reader.position.document)
        same = (row["source"], row["path"]) == (document.repository, document.path)
        digest = hashlib.sha256(document.text.encode()).hexdigest()
        attributed = row["licence"] and row["found_by"]
        if place != (row["shard"], row["line"]) or row["sha256"] != digest:
            return False
        if not (same and attributed):
            return False
        if row["source"] != "planted" and row["source_sha256"] not in archives:
            return False
    whole = next(reader, None) is None and report["sources"] == len(archives) + 1
    return whole and not report["refused"] and len(rows) == report["kept"]["files"]


if __name__ == "__main__":
    sys.exit(main())
