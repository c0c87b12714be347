"""Arguments of `codeassist corpus`."""

from .common import Commands, command

__all__ = ["add_corpus"]


def add_corpus(commands: Commands) -> None:
    """Build what may be trained on."""
    parser = command(commands, "corpus", "build what may be trained on")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = actions.add_parser("build", help="from folders, repositories, archives")
    build.add_argument(
        "inputs",
        nargs="+",
        metavar="RECIPE.toml|PATH|NAME==VERSION",
        help="a recipe, and sources beside its own",
    )
    build.add_argument("--out", required=True, metavar="FOLDER", help="the corpus")
    build.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="FOLDER",
        help="evaluation sets that it must not meet; repeatable",
    )
    build.add_argument("--workers", type=int, metavar="N", help="default: all cores")
    build.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray: on a cluster; default: local",
    )
    build.add_argument("--json", action="store_true", help="print the report's figures")
    build.add_argument("--debug", action="store_true", help="show tracebacks")
