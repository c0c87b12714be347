"""Faults that can be planted around VS Code, and what the health check has to say."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .serving import Served
from .window import Window

__all__ = ["FAULTS", "Fault", "examined", "rival"]

RIVAL = ("tabnine", "tabnine-vscode")
"""Publisher and name of another completion extension."""


@dataclass(frozen=True)
class Fault:
    """Something wrong, and what must be said of it.

    Args:
        name: Of the fault.
        words: What the health check calls it.
        cure: What it says to do.
        settings: Set for it.
        control: What the program is; see `program`.
        status: What the status bar says when it has come true; empty: nothing.
    """

    name: str
    words: str
    cure: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    control: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""


FAULTS = (
    Fault(
        "program missing",
        "x codeassist is not installed",
        "codeassist: Install the Server",
        {"codeassist.path": ""},
        status="not installed",
    ),
    Fault(
        "path wrong",
        "x codeassist.path is /nowhere/codeassist",
        "set codeassist.path",
        {"codeassist.path": "/nowhere/codeassist"},
        status="no program there",
    ),
    Fault(
        "program too old",
        "is codeassist 0.0.9, and 0.1.0 or newer is needed",
        "install a newer wheel or checkout there",
        control={"version": "0.0.9"},
        status="is codeassist 0.0.9",
    ),
    Fault(
        "model missing",
        "x the model qwen2.5-coder-0.5b is not on this machine",
        "codeassist: Model” to fetch it",
        control={"env": {"CODEASSIST_MODELS": "/nowhere", "ECHO_NO_MODEL": "1"}},
        status="is not on this machine",
    ),
    Fault(
        "server crashed",
        "x the server has crashed",
        "codeassist: Restart Server",
        control={"server": "crash"},
        status="crashed 4 times",
    ),
    Fault(
        "bad setting",
        'x codeassist.completion.lines is one of auto, one, block, not "many"',
        "correct it in the settings",
        {"codeassist.completion.lines": "many"},
    ),
    Fault(
        "misspelt setting",
        "x codeassist.completion.latency is no setting of the extension",
        "correct it in the settings",
        {"codeassist.completion.latency": 100},
    ),
    Fault(
        "inline suggestions off",
        "x the editor shows no inline suggestions",
        "switch editor.inlineSuggest.enabled on",
        {"editor.inlineSuggest.enabled": False},
    ),
    Fault(
        "switched off",
        "! ghost text is switched off",
        "codeassist: Toggle Everywhere",
        {"codeassist.enable": {"*": False}},
        control={"server": "echo"},  # what is out of order would be said first
        status="Switched off",
    ),
    Fault("rival", "! Tabnine is enabled and shows ghost text, too", "disable one"),
)


def examined(served: Served, window: Window, fault: Fault) -> list[str]:
    """Plant a fault in an open window; its line of the health check, and the cure's."""
    served.be(**{"server": "echo", **fault.control})
    served.settings(**fault.settings)
    if fault.control:
        window.command("codeassist: Restart Server")
    if fault.status:
        window.wait(lambda: fault.status in window.status(), fault.name)
    return window.wait(lambda: _lines(window, fault), fault.words)


def _lines(window: Window, fault: Fault) -> list[str]:
    """Its two lines of a report, perhaps the one before; none, if it lacks them."""
    window.command("codeassist: Health Check")
    window.wait(lambda: "checking" not in window.lines()[0], "end of the check")
    lines = window.lines()
    at = next((n for n, line in enumerate(lines) if fault.words in line), len(lines))
    return lines[at : at + 2] if fault.cure in "".join(lines[at + 1 : at + 2]) else []


def rival(folder: Path) -> Path:
    """An extension that has the name of another and does nothing."""
    publisher, name = RIVAL
    about = {
        "name": name,
        "publisher": publisher,
        "version": "1.0.0",
        "engines": {"vscode": "*"},
    }
    manifest = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<PackageManifest Version="2.0.0" '
        'xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011"><Metadata>'
        f'<Identity Language="en-US" Id="{name}" Version="1.0.0" '
        f'Publisher="{publisher}"/><DisplayName>{name}</DisplayName></Metadata>'
        '<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/>'
        '</Installation><Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" '
        'Path="extension/package.json"/></Assets></PackageManifest>'
    )
    file = folder / "rival.vsix"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("extension.vsixmanifest", manifest)
        archive.writestr("extension/package.json", json.dumps(about))
    return file
