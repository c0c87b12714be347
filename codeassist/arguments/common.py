"""What the arguments of several commands have in common."""

import argparse
from typing import TypeAlias

__all__ = ["Commands", "command", "model_options", "told_option"]

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


def command(commands: Commands, name: str, summary: str) -> argparse.ArgumentParser:
    """Add a command; the module `codeassist.commands.NAME` runs it."""
    parser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(command=name)
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    return parser


def model_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command that runs a model knows."""
    parser.add_argument("--model", metavar="ID|PATH", help="catalog id or GGUF file")
    parser.add_argument("--adapter", metavar="PATH", help="LoRA adapter (GGUF)")
    parser.add_argument("--family", metavar="NAME", help="FIM family; default: found")
    parser.add_argument("--n-ctx", type=int, metavar="N", help="tokens of context")
    parser.add_argument("--threads", type=int, metavar="N", help="0: adapt")


def told_option(parser: argparse.ArgumentParser) -> None:
    """Add what an editor's settings are handed on by."""
    parser.add_argument(
        "--settings",
        metavar="JSON",
        default="{}",
        help="what an editor tells the server in its section `codeassist`, as "
        '\'{"completion": {"lines": "one"}}\': it goes over the files here, too',
    )
