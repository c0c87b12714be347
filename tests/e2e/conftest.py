"""Neovims in tests: ours and their files, gone when a test ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lsp.client import ECHO

from .nvim_opening import REAL, Opening, find_nvim


@pytest.fixture(scope="session")
def nvim(request: pytest.FixtureRequest) -> Path:
    """A Neovim of 0.12 or newer: `$NVIM`, or one of our own in the cache folder."""
    return find_nvim(lambda: request.getfixturevalue("shared"))


@pytest.fixture(scope="session")
def default_model() -> Path:
    """The file of the default model, as the server will find it."""
    asked = subprocess.run(
        [sys.executable, "-m", "codeassist", "models", "path"],
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode == 0:
        return Path(asked.stdout.strip())
    if os.environ.get("CI"):
        pytest.fail(f"in CI this must not be absent: {asked.stderr}")
    pytest.skip(asked.stderr.strip())


@pytest.fixture
def edit(nvim: Path, default_model: Path, tmp_path: Path) -> Iterator[Opening]:
    """Open a file with our server and the default model behind it."""
    opening = Opening(nvim, tmp_path, REAL)
    yield opening
    opening.end()


@pytest.fixture
def echo(nvim: Path, tmp_path: Path) -> Iterator[Opening]:
    """Open a file with our server around an engine that answers at once."""
    opening = Opening(nvim, tmp_path, ECHO)
    yield opening
    opening.end()
