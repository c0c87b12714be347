"""A real Neovim with our plugin, and our server with the default model behind it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codeassist import config
from codeassist.engine.models.store import models_dir

from .nvim_driver import Neovim

ROOT = Path(__file__).parents[2]
OLDEST = (0, 12)
LOADING = 120.0
"""Seconds the model may take to load."""

Edit = Callable[..., Neovim]


def _suits(program: Path) -> bool:
    try:
        asked = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    version = re.match(r"NVIM v(\d+)\.(\d+)", asked.stdout)
    return version is not None and tuple(map(int, version.groups())) >= OLDEST


@pytest.fixture(scope="session")
def nvim(request: pytest.FixtureRequest) -> Path:
    """A Neovim of 0.12 or newer: `$NVIM`, or one of our own in the cache folder."""
    if (chosen := os.environ.get("NVIM")) and _suits(Path(chosen)):
        return Path(chosen)
    folder = config.cache_dir() / "editors"
    program = folder / "nvim" / "bin" / "nvim"
    if not _suits(program):
        script = request.getfixturevalue("shared") / "editors" / "get-nvim.sh"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["sh", script, folder / "nvim"],
            check=True,
            env={**os.environ, "NVIM_DEB_CACHE": str(folder / "nvim-debs")},
        )
    return program


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
def edit(nvim: Path, default_model: Path, tmp_path: Path) -> Iterator[Edit]:
    """Open a file in a Neovim attached to our server, the model loaded if it can be."""
    opened: list[Neovim] = []

    def _edit(
        text: str = "",
        name: str = "sums.py",
        cores: int | None = None,
        models: Path | None = None,
    ) -> Neovim:
        file = tmp_path / "project" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
        (tmp_path / "tmp").mkdir(exist_ok=True)
        command = [sys.executable, "-m", "codeassist", "lsp"]
        private = {
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "TMPDIR": str(tmp_path / "tmp"),
            "CODEASSIST_PLUGIN": str(ROOT / "editors" / "nvim"),
            "CODEASSIST_COMMAND": json.dumps(command),
        }
        private["CODEASSIST_MODELS"] = str(models or models_dir())
        init = Path(__file__).with_name("init.lua")
        editor = Neovim(nvim, init, file, private, cores)
        opened.append(editor)
        editor.wait(lambda: editor.attached("codeassist"), "server", timeout=30)
        editor.wait(lambda: _settled(editor), "loaded model", timeout=LOADING)
        return editor

    yield _edit
    survivors = [process for editor in opened for process in editor.quit()]
    assert not survivors


def _settled(editor: Neovim) -> bool:
    """Whether the model is loaded or cannot be."""
    status = editor.lua("return require('codeassist').status() or vim.NIL")
    return bool(status) and status["kind"] in ("idle", "error")
