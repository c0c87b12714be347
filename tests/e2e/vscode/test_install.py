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
from .window import PICKER, Window

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
    """Pip as it is set up for this user, and the llama.cpp that is built here.

    The server of VS Code has a home of its own, where pip's settings are not found.
    """
    show = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(show, check=True, capture_output=True, text=True).stdout
    lines = [line.partition("=") for line in listed.splitlines()]
    own = {
        f"PIP_{name.rpartition('.')[2].replace('-', '_').upper()}": value.strip("'")
        for name, _, value in lines
        if name.startswith(("global.", "install."))
    }
    over = {name: value for name, value in os.environ.items() if name[:4] == "PIP_"}
    env = {"PIP_CACHE_DIR": str(cache_dir().parent / "pip"), **own, **over}
    links = " ".join(map(str, (cache_dir() / "wheels").glob("*")))
    return {
        **env,
        "PIP_FIND_LINKS": f"{env.get('PIP_FIND_LINKS', '')} {links}".strip(),
        "PIP_ONLY_BINARY": "llama-cpp-python",
        "CODEASSIST_MODELS": str(models_dir()),
    }


def choose_file(window: Window, file: Path) -> None:
    """Choose it in the dialog of a window without a desktop.

    The dialog writes its folder over what was typed before it had its list, and takes
    no Enter while it fetches the next one.
    """
    box = window.page.locator(PICKER)
    window.wait(lambda: ".." in window.choices(), "list of the dialog for a file")

    def is_chosen() -> bool:
        written = window.written()
        if written and written != [str(file)]:
            box.fill(str(file), timeout=1000)
        elif written and file.name in window.choices():
            box.press("Enter", timeout=1000)
        return not written

    window.wait(is_chosen, "end of the dialog for a file")


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
        choose_file(window, package)
        window.wait(
            lambda: "installing the server" in "".join(window.messages()), "progress"
        )
        window.wait(
            lambda: window.status().startswith("codeassist: Ready"),
            "ready server",
            INSTALLING,
        )
        window.open_file("a.py", 2)
        window.clear()  # a key of the dialogs may have come into the text
        window.type("def add(one, two): return ")
        window.wait_ghost()
        served.close()
