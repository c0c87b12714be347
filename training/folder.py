"""A training's folder: how it is known, to others that must not take it for code."""

from pathlib import Path

__all__ = ["LOCK", "RECIPE_FILE", "is_training"]

RECIPE_FILE, LOCK = "recipe.toml", ".lock"
"""Of each training's folder, and of each fine-tuning's."""


def is_training(folder: Path) -> bool:
    """Whether a folder is a training's own."""
    return all((folder / name).is_file() for name in (RECIPE_FILE, LOCK))
