"""Order, settings and places that all tests share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TIERS = ("torch", "model", "editor")

TORCH = ("quantize", "training")
"""Folders whose tests convert and train small models."""


def pytest_collection_modifyitems(items):
    """Fast tests first, then those with torch, with a real model, in real editors."""
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in TORCH or hasattr(getattr(item, "module", None), "torch"):
            item.add_marker("torch")
    items.sort(
        key=lambda item: max(
            (n + 1 for n, tier in enumerate(TIERS) if item.get_closest_marker(tier)),
            default=0,
        )
    )


def absent(reason):
    """Skip with the reason; in CI nothing may be absent, so fail there."""
    if os.environ.get("CI"):
        pytest.fail(f"in CI this must not be absent: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of evaluation data and editor scripts."""
    folder = Path(os.environ.get("CODEASSIST_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        absent(f"{folder} is absent; set CODEASSIST_SHARED")
    return folder
