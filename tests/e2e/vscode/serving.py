"""VS Code for tests and benches: fetched once a machine, with our extension in it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs
from playwright.sync_api import sync_playwright

from .driver import CodeServer
from .window import Window

ROOT = Path(__file__).parents[3]
EXTENSION = ROOT / "editors" / "vscode"
PROGRAM = Path(__file__).with_name("program.py")


def get_vscode() -> Path:
    """A code-server of our own in the cache folder, fetched if need be."""
    folder = platformdirs.user_cache_path("codeassist-dev") / "vscode"
    program = folder / "bin" / "code-server"
    if not program.is_file():
        script = Path(__file__).with_name("get-vscode.sh")
        subprocess.run(["sh", script, folder], check=True)
    return program


def get_chromium() -> Path | None:
    """A Chromium, installed if we may; None: there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "-qq", "update"], check=True)
        install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends"]
        subprocess.run([*install, "chromium", "fonts-dejavu-core"], check=True)
        found = shutil.which("chromium")
    return Path(found) if found else None


def build_vsix() -> Path:
    """The extension, built by its one command."""
    stamp = EXTENSION / "node_modules" / ".package-lock.json"
    lock = EXTENSION / "package-lock.json"
    if not stamp.is_file() or stamp.stat().st_mtime < lock.stat().st_mtime:
        install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(install, cwd=EXTENSION, check=True, capture_output=True)
    built = ["npm", "run", "--silent", "vsix"]
    subprocess.run(built, cwd=EXTENSION, check=True, capture_output=True)
    return EXTENSION / "codeassist.vsix"


@dataclass
class Served:
    """A code-server with our extension, and the program that it finds.

    Args:
        code: The code-server.
        folder: Of what one test writes.
    """

    code: CodeServer
    folder: Path
    windows: list[Window] = field(default_factory=list)
    _over: int = 0
    """Bytes of the log that nobody asks for any more."""

    @property
    def program(self) -> Path:
        """The program named in the settings."""
        return self.code.folder / "codeassist"

    @property
    def log(self) -> Path:
        return self.folder / "messages.jsonl"

    def be(self, server: str = "echo", **more: Any) -> None:
        """What the program is from its next start on; see `program`."""
        control = {"server": server, "log": str(self.log), "env": {}, **more}
        (self.code.folder / "control.json").write_text(json.dumps(control))

    def settings(self, *, trust: bool = False, **settings: Any) -> None:
        """The user's settings, by their names."""
        own = {"codeassist.path": str(self.program), **settings}
        self.code.settings(own, trust=trust)

    def messages(self, who: str = "client", method: str = "") -> list[Any]:
        """What the client or the server has said, or only messages of one method."""
        entries = map(json.loads, self._written().splitlines())
        said = [entry[who] for entry in entries if who in entry]
        return [each for each in said if not method or each.get("method") == method]

    def forget(self) -> None:
        """Let `messages` begin with what is said from now on."""
        self._over += len(self._written())

    def _written(self) -> bytes:
        """The whole lines of the log; the server may be writing the next one."""
        if not self.log.exists():
            return b""
        with self.log.open("rb") as file:
            file.seek(self._over)
            text = file.read()
        return text[: text.rfind(b"\n") + 1]

    def open(self, text: str = "", name: str = "a.py") -> Window:
        """A window with one file in a folder, the keyboard in it."""
        file = self.file(name)
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
        window = self.window(file.parent, file)
        window.focus()
        return window

    def window(self, opened: Path, *files: Path, diff: bool = False) -> Window:
        """A window on a folder or workspace."""
        window = self.code.window(opened, files, diff=diff)
        self.windows.append(window)
        return window

    def close(self) -> None:
        """Close its windows."""
        for window in self.windows:
            window.close()

    def file(self, name: str = "a.py") -> Path:
        """A file of the folder that `open` opens."""
        return self.folder / "project" / name


class serving:  # noqa: N801 - read as a verb
    """A code-server with the extension, for as long as the block lasts."""

    def __init__(self, folder: Path, browser: Path, **env: str) -> None:
        self._folder = folder
        self._browser = browser
        self._env = env

    def __enter__(self) -> CodeServer:
        vsix = build_vsix()
        self._playwright = sync_playwright().start()
        self._code = CodeServer(
            get_vscode(), self._folder, self._playwright, self._browser, self._env
        )
        program = self._folder / "codeassist"
        control = self._folder / "control.json"
        program.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{PROGRAM}" "{control}" "$@"\n'
        )
        program.chmod(0o755)
        self._code.install(vsix)
        self._code.start()
        return self._code

    def __exit__(self, *_: object) -> None:
        self._code.stop()
        self._playwright.stop()
