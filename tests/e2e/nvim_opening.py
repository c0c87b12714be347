"""Opens files in real Neovims, with a home, a plugin and a server of their own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from codeassist import config
from codeassist.engine.models.store import models_dir

from .nvim_driver import COLUMNS, Neovim

__all__ = ["PLUGIN_INIT", "REAL", "Opening", "find_nvim"]

ROOT = Path(__file__).parents[2]
PLUGIN_INIT = Path(__file__).with_name("init.lua")
REAL = [sys.executable, "-m", "codeassist", "lsp"]
OLDEST = (0, 12)
LOADING = 120.0
"""Seconds the model may take to load."""


def _suits(program: Path) -> bool:
    try:
        asked = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    version = re.match(r"NVIM v(\d+)\.(\d+)", asked.stdout)
    return version is not None and tuple(map(int, version.groups())) >= OLDEST


def find_nvim(shared: Callable[[], Path]) -> Path:
    """A Neovim that is new enough: `$NVIM`, or one of our own in the cache folder.

    Args:
        shared: Finds the folder whose script fetches one.
    """
    if (chosen := os.environ.get("NVIM")) and _suits(Path(chosen)):
        return Path(chosen)
    folder = config.cache_dir() / "editors"
    program = folder / "nvim" / "bin" / "nvim"
    if not _suits(program):
        script = shared() / "editors" / "get-nvim.sh"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["sh", script, folder / "nvim"],
            check=True,
            env={**os.environ, "NVIM_DEB_CACHE": str(folder / "nvim-debs")},
        )
    return program


@dataclass
class Opening:
    """Opens files in Neovims that share a home of their own, and ends them."""

    nvim: Path
    home: Path
    command: list[str]
    opened: list[Neovim] = field(default_factory=list)

    def __call__(
        self,
        text: str = "",
        name: str = "sums.py",
        *,
        cores: int | None = None,
        models: Path | None = None,
        command: list[str] | None = None,
        setup: dict[str, object] | None = None,
        before: str = "",
        init: Path = PLUGIN_INIT,
        env: dict[str, str] | None = None,
        attached: bool = True,
        columns: int = COLUMNS,
    ) -> Neovim:
        """A Neovim that edits a file.

        Args:
            text: Of the file.
            name: Below the project's folder.
            cores: That it and its server share.
            models: Folder of the models; None: the user's.
            command: Of the server; None: this opening's.
            setup: Options of the plugin beside `cmd`.
            before: Lua that runs before the plugin is set up.
            init: The configuration.
            env: More variables.
            attached: Wait until the server is there and has a model, or cannot.
            columns: Of the screen.
        """
        file = self.home / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
        (self.home / "tmp").mkdir(exist_ok=True)
        options = {"cmd": command or self.command, **(setup or {})}
        private = {
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "TMPDIR": str(self.home / "tmp"),
            "CODEASSIST_PLUGIN": str(ROOT / "editors" / "nvim"),
            "CODEASSIST_MODELS": str(models or models_dir()),
            "CODEASSIST_SETUP": json.dumps(options),
        }
        if before:
            private["CODEASSIST_BEFORE"] = before
        editor = Neovim(
            self.nvim, init, file, {**private, **(env or {})}, cores, columns=columns
        )
        self.opened.append(editor)
        if attached:
            editor.wait(lambda: editor.attached("codeassist"), "server", timeout=60)
            if init == PLUGIN_INIT:
                editor.wait(lambda: _settled(editor), "loaded model", timeout=LOADING)
        return editor

    def end(self) -> None:
        """Quit; no error may have been shown, and no server may be left."""
        shown = [line for editor in self.opened for line in editor.faults()]
        survivors = [process for editor in self.opened for process in editor.quit()]
        assert not shown
        assert not survivors


def _settled(editor: Neovim) -> bool:
    """Whether the model is loaded or cannot be."""
    status = editor.lua("return require('codeassist').status() or vim.NIL")
    return bool(status) and status["kind"] in ("idle", "quiet", "error")
