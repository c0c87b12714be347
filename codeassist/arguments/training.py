"""Arguments of the commands around training: train, presets."""

from .common import Commands, command

__all__ = ["add_presets", "add_train"]


def add_train(commands: Commands) -> None:
    """Train by a recipe."""
    parser = command(commands, "train", "train a model, or an adapter, by a recipe")
    parser.add_argument(
        "recipe",
        metavar="RECIPE.toml",
        help="as in training/recipes; all keys have defaults",
    )
    parser.add_argument(
        "--out", metavar="FOLDER", help="default: runs/NAME, by the recipe's name"
    )
    parser.add_argument("--steps", type=int, metavar="N", help="in place of loop.steps")
    parser.add_argument(
        "--set",
        dest="overrides",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        help="in place of what the recipe says; repeatable",
    )
    parser.add_argument(
        "--gguf",
        choices=("F32", "F16", "BF16"),
        help="after full training: write a GGUF, too",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what it would take"
    )
    parser.add_argument("--json", action="store_true", help="for a script")


def add_presets(commands: Commands) -> None:
    """Show published shapes."""
    parser = command(commands, "presets", "published shapes, and what they cost")
    parser.add_argument("name", nargs="?", metavar="NAME", help="default: all of them")
    parser.add_argument(
        "--length", type=int, metavar="N", help="tokens of the KV cache; default: all"
    )
    parser.add_argument("--json", action="store_true", help="for a script")
