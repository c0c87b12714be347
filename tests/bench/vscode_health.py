"""VS Code's part of editors-health: planted faults, each named with its cure."""

from pathlib import Path

from tests.bench.editors import Part
from tests.bench.vscode_running import chromium
from tests.e2e.vscode.faults import FAULTS, examined, rival
from tests.e2e.vscode.serving import Served, serving

__all__ = ["run"]


def run(folder: Path) -> Part:
    """Plant each fault in one window, and read the health check."""
    named = 0
    notes = []
    with serving(folder / "code", chromium()) as code:
        code.install(rival(folder))
        served = Served(code, folder)
        served.be("echo")
        served.settings()
        window = served.open()
        window.ready()
        for fault in FAULTS:
            try:
                what, cure = examined(served, window, fault)
            except AssertionError as error:
                notes.append(f"{fault.name}: NOT NAMED: {str(error).splitlines()[0]}")
                continue
            named += 1
            notes.append(f"{fault.name}: {what.strip()} -> {cure.strip()}")
        served.close()
    figures = {"named": named, "planted": len(FAULTS)}
    return Part("VS Code", named == len(FAULTS), figures, notes)
