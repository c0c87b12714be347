"""The server installed by the extension, as who has nothing but the `.vsix` does it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codeassist.config import cache_dir
from codeassist.engine.models.store import models_dir
from tests.conftest import absent

from .serving import ROOT, Served, get_chromium, serving

pytestmark = [pytest.mark.editor, pytest.mark.model]

INSTALLING = 400.0


def wheel(folder: Path) -> Path:
    """A wheel of what is tracked, made outside of the source tree."""
    source, target = folder / "source", folder / "wheel"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "-w",
        target,
        source,
    ]
    subprocess.run(pip, check=True)
    (built,) = target.iterdir()
    return built


def environment() -> dict[str, str]:
    """Pip as this machine's user has set it up, and the llama.cpp that is built here."""
    configured = Path.home() / ".config" / "pip" / "pip.conf"
    links = " ".join(map(str, (cache_dir() / "wheels").glob("*")))
    env = {
        "PIP_FIND_LINKS": f"{os.environ.get('PIP_FIND_LINKS', '')} {links}".strip(),
        "PIP_ONLY_BINARY": "llama-cpp-python",
        "PIP_CACHE_DIR": os.environ.get(
            "PIP_CACHE_DIR", str(cache_dir().parent / "pip")
        ),
        "CODEASSIST_MODELS": str(models_dir()),
    }
    if configured.is_file() and "PIP_CONFIG_FILE" not in os.environ:
        env["PIP_CONFIG_FILE"] = str(configured)
    return env


@pytest.mark.usefixtures("default_model")
def test_a_user_completes_after_installing_the_extension(tmp_path: Path) -> None:
    """From the message that the server is missing to ghost text of the real model, by
    the extension's own buttons and nothing else."""
    if not shutil.which("npm"):
        absent("npm is absent; it builds the extension and fetches the editor")
    if not (browser := get_chromium()):
        absent("chromium is absent; install it")
    package = wheel(tmp_path)
    with serving(tmp_path / "vscode", browser, **environment()) as code:
        served = Served(code, tmp_path)
        served.settings(**{"codeassist.path": ""})
        window = served.open("def add(one, two):\n    \n")
        window.wait(lambda: "not installed" in window.status(), "status")
        window.answer("Install…")
        window.answer("Install from a File or Folder…")
        window.wait(window.written, "dialog for the file")
        box = window.page.locator(".quick-input-widget:visible input.input")
        box.fill(str(package))
        window.wait(lambda: str(package) in window.written(), "name of the file")
        window.press("Enter")
        window.wait(
            lambda: "installing the server" in "".join(window.messages()), "progress"
        )
        window.wait(
            lambda: window.status().startswith("codeassist: Ready"),
            "ready server",
            INSTALLING,
        )
        window.open_file("a.py", 2)
        window.press("End")
        window.awake()
        window.type("return ")
        window.wait_ghost()
        served.close()
