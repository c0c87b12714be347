"""The Neovim plugin's sources: their form, and what can be said of them unrun."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import platformdirs
import pytest

from tests.conftest import absent

pytestmark = [pytest.mark.editor]

PLUGIN = Path(__file__).parents[2] / "editors" / "nvim"
STYLUA = "@johnnymorganz/stylua"
VERSION = "2.5.2"


def get_luacheck() -> str:
    """Debian's luacheck, installed if we may."""
    if not shutil.which("luacheck") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "-qq", "update"], check=True)
        install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends"]
        subprocess.run([*install, "lua-check"], check=True)
    return shutil.which("luacheck") or absent("luacheck is absent; install it")


def get_stylua() -> Path:
    """The folder of stylua as npm has it, fetched once a machine."""
    if not shutil.which("npm"):
        absent("npm is absent; it fetches stylua")
    folder = platformdirs.user_cache_path("codeassist-dev") / f"stylua-{VERSION}"
    package = folder / "node_modules" / STYLUA
    if not package.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund"]
        command = [*install, "--ignore-scripts", "--prefix", folder]
        subprocess.run([*command, f"{STYLUA}@{VERSION}"], check=True)
    return package


def test_the_plugin_is_written_as_stylua_writes() -> None:
    """No Lua file differs from what stylua makes of it with the folder's settings."""
    settings = tomllib.loads((PLUGIN / "stylua.toml").read_text(encoding="utf-8"))
    script = Path(__file__).with_name("stylua.cjs")
    files = sorted(PLUGIN.rglob("*.lua"))
    checked = subprocess.run(
        ["node", script, get_stylua(), json.dumps(settings), *files],
        capture_output=True,
        text=True,
        check=True,
    )
    assert files
    assert checked.stdout.splitlines() == []


def test_luacheck_finds_nothing() -> None:
    """No name is unused, shadowed or unknown in the plugin."""
    command = [get_luacheck(), "--no-color", "--quiet", "."]
    checked = subprocess.run(
        command, cwd=PLUGIN, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_the_help_has_every_key_command_and_function() -> None:
    """What `init.lua`, `command.lua` and `keys.lua` offer stands in the vimdoc."""
    lua = PLUGIN / "lua" / "codeassist"
    init, keys, command = (
        (lua / f"{name}.lua").read_text(encoding="utf-8")
        for name in ("init", "keys", "command")
    )
    actions = keys[keys.index("M.ACTIONS") : keys.index("\n}", keys.index("M.ACTIONS"))]
    table = command[command.index("local SUBCOMMANDS") :].split("\n}\n")[0]
    options = init[init.index("local OPTIONS") : init.index("\n}\n")]
    names = {
        *re.findall(r"^function M\.(\w+)", init, re.MULTILINE),
        *re.findall(r"^  (\w+) =", actions, re.MULTILINE),
        *re.findall(r"^  '(\w+)',", options, re.MULTILINE),
        *re.findall(r"^  (\w+) = ", table, re.MULTILINE),
    }
    said = (PLUGIN / "doc" / "codeassist.txt").read_text(encoding="utf-8")
    assert names > {"accept_word", "setup", "keymaps", "finetune"}
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", said)] == []
