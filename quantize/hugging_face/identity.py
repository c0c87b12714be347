"""What a model is called: a part of the FIM families are told apart by that alone."""

import json
import os
from pathlib import Path
from typing import Any

from codeassist.decoder import CONFIG_FILE

__all__ = ["base_of", "family_of", "name_of"]


def name_of(folder: Path) -> str:
    """Its repository's name in a hub's cache, where the folder is a hash; else its own.

    Bytes that are not UTF-8 become U+FFFD.
    """
    folder = folder.resolve()
    name = folder.name
    if folder.parent.name == "snapshots":  # models--ORG--NAME/snapshots/HASH
        name = folder.parent.parent.name.rpartition("--")[2]
    return os.fsencode(name).decode("utf-8", "replace")


def base_of(folder: Path) -> str:
    """Name of what it was loaded from before it was saved; empty: nothing says it."""
    return _said(folder, "_name_or_path").rstrip("/").rpartition("/")[2]


def family_of(folder: Path) -> str:
    """Its ``model_type``, whether we know that or not."""
    return _said(folder, "model_type")


def _said(folder: Path, key: str) -> str:
    try:
        values: Any = json.loads((folder / CONFIG_FILE).read_text("utf-8"))
        return str(values.get(key) or "")
    except (OSError, ValueError, AttributeError):
        return ""
