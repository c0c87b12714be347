"""Arguments of the commands around completion: complete, explain, demo, and so on."""

import argparse

from .common import Commands, command, model_options, told_option

__all__ = [
    "add_complete",
    "add_demo",
    "add_doctor",
    "add_explain",
    "add_lsp",
    "add_models",
]


def add_complete(commands: Commands) -> None:
    """Complete at a position."""
    parser = command(commands, "complete", "complete at a position of a file")
    _position(parser)
    parser.add_argument(
        "--time-limit-ms",
        type=int,
        default=60_000,
        metavar="MS",
        help="then what there is is the answer; default: 60000",
    )
    parser.add_argument("--show-prompt", action="store_true", help="on stderr")
    parser.add_argument("--show-timings", action="store_true", help="on stderr")
    parser.add_argument("--json", action="store_true", help="for a script")
    model_options(parser)


def add_explain(commands: Commands) -> None:
    """Show the prompt of a position."""
    summary = "show the exact prompt of a position, and why it shows what it shows"
    parser = command(commands, "explain", summary)
    parser.set_defaults(time_limit_ms=None)
    _position(parser)
    told_option(parser)
    parser.add_argument("--json", action="store_true", help="for a script")
    model_options(parser)


def _position(parser: argparse.ArgumentParser) -> None:
    """Add what names a position, and how a text for it is asked for."""
    parser.add_argument(
        "position",
        metavar="FILE:LINE:COL",
        help="both from 1, COL in characters: the cursor stands before it",
    )
    parser.add_argument("--stdin", action="store_true", help="read the text from stdin")
    parser.add_argument("--path", help="the name the text on stdin goes by")
    parser.add_argument(
        "--language",
        metavar="ID",
        help="as an editor names it (python); default: what the file's name says",
    )
    parser.add_argument(
        "--lines",
        choices=("auto", "one", "block"),
        help="default: as completion.lines is set, else what the cursor asks for",
    )
    parser.add_argument(
        "--max-tokens",
        type=int,
        metavar="N",
        help="of the answer; default: as set for a line or a block",
    )
    parser.add_argument(
        "--context",
        type=_tokens,
        nargs="?",
        const=-1,
        metavar="TOKENS",
        help="show the model so much of the repository's other files, 0: none; alone: "
        "as much as completion.context_tokens says, or 512 where that is 0",
    )


def _tokens(text: str) -> int:
    """A number of tokens; a position that stands here has been taken for one."""
    if text.isdecimal():
        return int(text)
    place = "; write FILE:LINE:COL before --context" if ":" in text else ""
    msg = f"{text!r} is no number of tokens from 0 on{place}"
    raise argparse.ArgumentTypeError(msg)


def add_demo(commands: Commands) -> None:
    """Complete our own source."""
    parser = command(commands, "demo", "complete three holes of our own source")
    model_options(parser)


def add_doctor(commands: Commands) -> None:
    """Look for what is wrong."""
    parser = command(commands, "doctor", "run a real completion, say what is wrong")
    parser.add_argument("--json", action="store_true", help="for a script")
    model_options(parser)


def add_lsp(commands: Commands) -> None:
    """Serve an editor."""
    parser = command(commands, "lsp", "serve an editor over stdio")
    parser.add_argument("--tcp", action="store_true", help="loopback, for debugging")
    parser.add_argument(
        "--port", type=int, default=8765, help="of --tcp; default: 8765"
    )
    parser.add_argument("--log", metavar="FILE", help="log here, not in the log folder")
    model_options(parser)


def add_models(commands: Commands) -> None:
    """Keep the models."""
    parser = command(commands, "models", "list, fetch, check and remove models")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="the catalog, and what is here")
    listing.add_argument("--json", action="store_true", help="for a script")
    pull = actions.add_parser("pull", help="fetch a model")
    pull.add_argument("--from", dest="origin", metavar="FILE", help="copy this file")
    for name, summary in (
        ("path", "where the file lies"),
        ("verify", "compare the file with the catalog's SHA-256"),
        ("remove", "delete the file"),
    ):
        actions.add_parser(name, help=summary)
    for name, action in actions.choices.items():
        if name != "list":
            action.add_argument("id", nargs="?", help="default: the default model")
        action.add_argument("--debug", action="store_true", help="show tracebacks")
