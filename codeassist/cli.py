"""The `codeassist` command: one tree of arguments, one border for errors."""

import argparse
import importlib
import io
import sys
import traceback
from collections.abc import Sequence

from .errors import CodeassistError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status.

    0: done; 1: failed; 2: wrong input or usage; 3: something is wrong with the
    model; 130: interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # no text is lost in a small locale
            stream.reconfigure(errors="backslashreplace")
    args = _parser().parse_args(argv)
    try:
        module = importlib.import_module(f"codeassist.commands.{args.command}")
        status: int = module.run(args)
    except CodeassistError as error:
        return _failed(error, args.debug, error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("\ncodeassist: interrupted\n")
        return 130
    except BrokenPipeError:
        return 0
    except OSError as error:
        what = f"{error.strerror or error}: {error.filename or 'output'}"
        return _failed(f"{what}; --debug shows where", args.debug, 1)
    except Exception as error:  # noqa: BLE001 - the command line is a border
        what = f"internal error: {type(error).__name__}: {error}; --debug shows where"
        return _failed(what, args.debug, 1)
    return status


def _failed(what: object, debug: bool, status: int) -> int:
    if debug:
        traceback.print_exc()
    sys.stderr.write(f"codeassist: {what}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="codeassist", description="Complete code locally."
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (_complete, _demo, _doctor, _evaluate, _lsp, _models):
        add(commands)
    return parser


class _Version(argparse.Action):
    """`--version` reads the installed metadata only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from codeassist import __version__

        sys.stdout.write(f"codeassist {__version__}\n")
        parser.exit()


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    summary: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(command=name)
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    return parser


def _complete(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    parser = _command(commands, "complete", "complete at a position of a file")
    parser.add_argument(
        "position",
        metavar="FILE:LINE:COL",
        help="both from 1, COL in characters: the cursor stands before it",
    )
    parser.add_argument("--stdin", action="store_true", help="read the text from stdin")
    parser.add_argument("--path", help="the name the text on stdin goes by")
    parser.add_argument("--lines", choices=("auto", "one", "block"))
    parser.add_argument("--max-tokens", type=int, metavar="N")
    parser.add_argument("--time-limit-ms", type=int, default=60_000, metavar="MS")
    parser.add_argument("--show-prompt", action="store_true", help="on stderr")
    parser.add_argument("--json", action="store_true")
    _model_options(parser)


def _model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="ID|PATH", help="catalog id or GGUF file")
    parser.add_argument("--adapter", metavar="PATH", help="LoRA adapter (GGUF)")
    parser.add_argument("--family", metavar="NAME", help="FIM family; default: found")
    parser.add_argument("--n-ctx", type=int, metavar="N", help="tokens of context")
    parser.add_argument("--threads", type=int, metavar="N", help="0: adapt")


def _demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _command(commands, "demo", "complete three holes of our own source")
    _model_options(parser)


def _doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _command(commands, "doctor", "run a real completion, say what is wrong")
    parser.add_argument("--json", action="store_true")
    _model_options(parser)


def _evaluate(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    parser = _command(commands, "evaluate", "measure completions, ours and others'")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    repo = actions.add_parser("repo", help="holes cut into a repository")
    repo.add_argument("path", metavar="PATH")
    repo.add_argument("--holes", type=int, default=200, metavar="N")
    repo.add_argument("--kinds", metavar="KIND,…", help="default: all kinds")
    repo.add_argument("--since", metavar="REV", help="only lines that came after it")
    repo.add_argument("--manifest", metavar="FILE", help="holes to keep, or kept ones")
    public = actions.add_parser("set", help="a public set, from local files")
    public.add_argument("name", metavar="NAME|FILE")
    public.add_argument("--limit", type=int, metavar="N", help="so many, drawn")
    for action in (repo, public):
        action.add_argument("--journal", metavar="FILE", help="to go on where it was")
        action.add_argument("--samples", type=int, default=1, metavar="N")
        action.add_argument("--temperature", type=float, default=0.8, metavar="T")
    replay = actions.add_parser("replay", help="type a file or a commit")
    replay.add_argument("target", metavar="FILE|COMMIT")
    replay.add_argument("--repo", default=".", metavar="PATH", help="of the commit")
    replay.add_argument("--from-line", type=int, default=1, metavar="N")
    replay.add_argument("--keystrokes", type=int, metavar="N", help="at the most")
    replay.add_argument("--client", choices=("vscode", "neovim"), default="vscode")
    replay.add_argument("--speed", type=float, default=1.0, metavar="X")
    replay.add_argument("--patient", action="store_true", help="wait for each answer")
    for action in (repo, public, replay):
        action.add_argument("--seed", type=int, default=0, metavar="N")
        peer = "llama.cpp=URL, openai[:FAMILY]=URL on loopback, or plain; repeatable"
        action.add_argument(
            "--against", action="append", default=[], metavar="PEER", help=peer
        )
        _model_options(action)
    compare = actions.add_parser("compare", help="two results, hole by hole")
    compare.add_argument("first", metavar="A.json")
    compare.add_argument("second", metavar="B.json")
    for action in actions.choices.values():
        action.add_argument("--json", metavar="FILE", help="write all rows here")
        action.add_argument("--html", metavar="FILE", help="write a page here")
        action.add_argument("--debug", action="store_true", help="show tracebacks")


def _lsp(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _command(commands, "lsp", "serve an editor over stdio")
    parser.add_argument("--tcp", action="store_true", help="loopback, for debugging")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--log", metavar="FILE", help="log here, not in the log folder")
    _model_options(parser)


def _models(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _command(commands, "models", "list, fetch, check and remove models")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="the catalog, and what is here")
    listing.add_argument("--json", action="store_true")
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
