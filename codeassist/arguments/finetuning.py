"""Arguments of `codeassist finetune` and `adapters`."""

from .common import Commands, command, model_options, told_option

__all__ = ["add_adapters", "add_finetune"]


def add_finetune(commands: Commands) -> None:
    """Fine-tune on a repository."""
    summary = "learn a repository, prove that it helps, switch it on"
    parser = command(commands, "finetune", summary)
    parser.add_argument(
        "path",
        nargs="?",
        default=".",
        metavar="PATH",
        help="folder of a repository, or one in it; default: this one",
    )
    parser.add_argument(
        "--budget",
        default="20m",
        metavar="TIME",
        help="like 20m or 1h30m; default: 20m",
    )
    parser.add_argument(
        "--since",
        default="",
        metavar="REV",
        help="learn what the commits after it changed, too; the newest are for judging",
    )
    parser.add_argument(
        "--accepted",
        action="store_true",
        help="learn where you took suggestions and kept them, too, from your records",
    )
    parser.add_argument(
        "--yes", action="store_true", help="do not ask before it starts"
    )
    parser.add_argument("--json", action="store_true", help="print what came of it")
    parser.add_argument(
        "--progress",
        choices=("bars", "json"),
        default="bars",
        help="json: one object a line on stderr, for an editor",
    )
    parser.add_argument(
        "--out", metavar="FOLDER", help="work there and leave everything there"
    )
    told_option(parser)
    model_options(parser)


def add_adapters(commands: Commands) -> None:
    """Keep the adapters."""
    parser = command(commands, "adapters", "list, switch, hand on and remove adapters")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="what is here, and which is active")
    for name, summary in (
        ("activate", "complete with it, wherever its base model completes"),
        ("remove", "delete it; the one before is active again"),
        ("export", "write it to one file, with its report"),
    ):
        action = actions.add_parser(name, help=summary)
        action.add_argument("name", metavar="NAME", help="as `list` has it")
    actions.choices["export"].add_argument("file", metavar="FILE", help="to be written")
    back = actions.add_parser(
        "rollback", help="back to the adapter that was active before"
    )
    back.add_argument(
        "name", nargs="?", default="", metavar="NAME", help="of the model of this one"
    )
    taken = actions.add_parser(
        "import", help="take in an exported file, or a LoRA GGUF"
    )
    taken.add_argument("file", metavar="FILE", help="of `export`, or ending in .gguf")
    taken.add_argument("--name", default="", help="default: the name it has")
    for name in ("rollback", "import"):
        summary = "whose; default: the model that completes"
        actions.choices[name].add_argument("--model", metavar="ID|PATH", help=summary)
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="for a script")
        action.add_argument("--debug", action="store_true", help="show tracebacks")
