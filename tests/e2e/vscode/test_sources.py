"""The VS Code extension's words and settings are those of the server."""

import json
import re
import shutil
import subprocess
from dataclasses import asdict

import pytest

from codeassist.config import Settings
from codeassist.engine import Silence
from tests.conftest import absent

from .serving import EXTENSION, build_vsix

MANIFEST = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
OWN = {"codeassist.enable", "codeassist.path"}
"""Settings that the server is not told."""


def test_every_silence_has_words() -> None:
    """The extension says in words why there is nothing, for each reason there is."""
    source = (EXTENSION / "src" / "reasons.ts").read_text(encoding="utf-8")
    table = source[source.index("WORDS") : source.index("};")]
    named = re.findall(r"^ +'?([\w-]+)'?:", table, re.MULTILINE)
    assert set(named) == {silence.value for silence in Silence}


def test_settings_are_the_servers() -> None:
    """Each setting has the name and the default that the server knows it by."""
    known = {
        f"codeassist.{section}.{key}": value
        for section, table in asdict(Settings()).items()
        if isinstance(table, dict)
        for key, value in table.items()
    }
    settings = MANIFEST["contributes"]["configuration"]["properties"]
    said = {name: each["default"] for name, each in settings.items()}
    assert {name: said[name] for name in said.keys() - OWN} == {
        name: known[name] for name in said.keys() - OWN
    }


def test_untrusted_workspaces_set_nothing_but_where_it_is_on() -> None:
    """In restricted mode no setting of the workspace counts for the server."""
    settings = MANIFEST["contributes"]["configuration"]["properties"]
    restricted = MANIFEST["capabilities"]["untrustedWorkspaces"]
    assert restricted["supported"] == "limited"
    assert set(restricted["restrictedConfigurations"]) == settings.keys() - {
        "codeassist.enable"
    }


def test_nothing_names_a_host() -> None:
    """The lock file says what is fetched, and not from where."""
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, each in lock["packages"].items() if "resolved" in each]


@pytest.mark.editor
def test_the_extension_is_built_clean_and_small() -> None:
    """One command makes a `.vsix` below 500 kB of sources that pass their checks."""
    if not shutil.which("npm"):
        absent("npm is absent; it builds the extension")
    vsix = build_vsix()
    assert vsix.stat().st_size < 500_000
    checked = subprocess.run(
        ["npm", "run", "--silent", "check"],
        cwd=EXTENSION,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_server_runs_where_the_code_is() -> None:
    """In a remote window, a container or WSL the extension is installed beside the code,
    not beside the window; all tests here run in a remote window."""
    assert MANIFEST["extensionKind"] == ["workspace"]
