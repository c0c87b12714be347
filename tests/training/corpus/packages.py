"""Small packages that corpora are built from in tests."""

import io
import subprocess
import tarfile
from pathlib import Path

from codeassist.training.corpus.recipe import Near, Recipe
from codeassist.training.corpus.sources import Source, of_path

__all__ = ["MIT", "RECIPE", "archive", "code", "folder", "git"]

MIT = """Permission is hereby granted, free of charge, to any person obtaining a copy of
this software to use it. The above copyright notice and this permission notice shall be
included in all copies.
"""
RECIPE = Recipe(near=Near(permutations=64, bands=16))


def code(subject: str, lines: int = 12) -> str:
    """A module on a subject; two subjects share few n-grams."""
    body = "".join(
        f"def {subject}_{n}(first_{subject}, other):\n"
        f"    {subject}_left = first_{subject} + {n} * other\n"
        f"    return [{subject}_left, other, '{subject} number {n}']\n\n\n"
        for n in range(lines)
    )
    return f'"""All about {subject}."""\n\n{body}'


def folder(place: Path, files: dict[str, str]) -> Source:
    """A folder with these files."""
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    return of_path(place)


def archive(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> Path:
    """A tar archive with these files."""
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def git(place: Path, *arguments: str) -> None:
    """Have git do something in a folder."""
    who = ("-c", "user.name=T", "-c", "user.email=t@localhost")
    subprocess.run(["git", "-C", str(place), *who, *arguments], check=True)
