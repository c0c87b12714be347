"""Neovim's part of editors-health: each fault in a Neovim of its own."""

from pathlib import Path

from tests.bench.editors import Part, shared
from tests.e2e.nvim_faults import FAULTS, Fault, checked
from tests.e2e.nvim_opening import Opening, find_nvim
from tests.lsp.client import ECHO

__all__ = ["run"]


def run(folder: Path) -> Part:
    """Plant the faults one by one, and read the report."""
    program = find_nvim(shared)
    missed = [fault.name for fault in FAULTS if not _named(program, folder, fault)]
    figures = {"planted": len(FAULTS), "named": len(FAULTS) - len(missed)}
    notes = [f"{name} is not named" for name in missed]
    return Part("Neovim", not missed, figures, notes)


def _named(program: Path, folder: Path, fault: Fault) -> bool:
    own = folder / fault.name
    own.mkdir()
    opening = Opening(program, own, ECHO)
    try:
        found = checked(fault.plant(opening, own))
    finally:
        for editor in opening.opened:
            editor.quit()
    return fault.says in found and fault.cure in found
