"""A code-server for each module of tests, and windows for its tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import absent

from .driver import CodeServer
from .serving import Served, get_chromium, serving
from .window import Window


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodeServer]:
    """A running code-server with the extension."""
    if not shutil.which("npm"):
        absent("npm is absent; it builds the extension and fetches the editor")
    if not (browser := get_chromium()):
        absent("chromium is absent; install it")
    with serving(tmp_path_factory.mktemp("vscode"), browser) as code:
        yield code


@pytest.fixture
def vscode(code: CodeServer, tmp_path: Path) -> Iterator[Served]:
    """What a test needs; its windows are closed behind it."""
    served = Served(code, tmp_path)
    served.be("echo")
    served.settings()
    yield served
    served.close()


@pytest.fixture(scope="module")
def echo(
    code: CodeServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """One window with a server that answers at once, for all tests of a module."""
    served = Served(code, tmp_path_factory.mktemp("echo"))
    served.be("echo")
    served.settings()
    served.open().ready()
    yield served
    served.close()


@pytest.fixture
def window(echo: Served) -> Window:
    """That window, emptied, with the usual settings."""
    echo.settings()
    window = echo.windows[0]
    window.clear()
    return window
