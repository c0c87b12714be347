"""Arguments of `codeassist examples`."""

from .common import Commands, command

__all__ = ["add_examples"]


def add_examples(commands: Commands) -> None:
    """Build rows of examples as the engine asks them."""
    parser = command(
        commands, "examples", "build training rows in the engine's own prompts"
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="MIXTURE.toml|FOLDER",
        help="folders of code, or corpora; and what is made of them",
    )
    parser.add_argument("--out", required=True, metavar="FOLDER", help="the rows")
    parser.add_argument("--model", default="", metavar="ID|PATH", help="whose tokens")
    parser.add_argument(
        "--count",
        type=int,
        default=10_000,
        metavar="N",
        help="examples; default: 10000",
    )
    parser.add_argument(
        "--held-out", type=int, default=400, metavar="N", help="examples not learned"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of all that is drawn"
    )
    parser.add_argument("--json", action="store_true", help="print what was made")
