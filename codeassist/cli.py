"""The `codeassist` command: one tree of arguments, one border for errors."""

import argparse
import importlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from .arguments.completing import (
    add_complete,
    add_demo,
    add_doctor,
    add_explain,
    add_lsp,
    add_models,
)
from .arguments.corpus import add_corpus
from .arguments.evaluating import add_evaluate
from .arguments.examples import add_examples
from .arguments.finetuning import add_adapters, add_finetune
from .arguments.quantizing import add_convert, add_inspect, add_quantize, add_verify
from .arguments.records import add_replay, add_stats, add_why
from .arguments.tokenizer import add_tokenizer
from .arguments.training import add_presets, add_train
from .arguments.tuning import add_tune
from .errors import CodeassistError, installs

__all__ = ["main"]

ADD = (
    add_adapters,
    add_complete,
    add_convert,
    add_corpus,
    add_demo,
    add_doctor,
    add_evaluate,
    add_examples,
    add_explain,
    add_finetune,
    add_inspect,
    add_lsp,
    add_models,
    add_presets,
    add_quantize,
    add_replay,
    add_stats,
    add_tokenizer,
    add_train,
    add_tune,
    add_verify,
    add_why,
)

EXTRAS = {"evaluate": "evaluate", "stats": "evaluate"}
"""Which extra brings the packages of a command; of all others `train`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status.

    0: done; 1: failed; 2: wrong input or usage; 3: something is wrong with the
    model; 130: interrupted; 143: terminated.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # no text is lost in a small locale
            stream.reconfigure(errors="backslashreplace")
    args = argparse.Namespace(command="", debug=False)
    try:
        with _terminable():
            status = _run(args, argv)
    except SystemExit as stopped:  # argparse has said what there is to say
        status = int(stopped.code or 0)
    return _flushed(status, args.debug)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, so that it takes away what is half done.

    A server sets its own handler.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    if not main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _run(args: argparse.Namespace, argv: Sequence[str] | None) -> int:
    """Parse into ``args``, run the command that they name, turn errors into a line."""
    try:
        _parser().parse_args(argv, args)
        module = importlib.import_module(f"codeassist.commands.{args.command}")
        status: int = module.run(args)
    except CodeassistError as error:
        return _failed(error, args.debug, error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("\ncodeassist: interrupted\n")
        return 130
    except BrokenPipeError:
        return 0
    except ModuleNotFoundError as error:
        extra = EXTRAS.get(args.command, "train")
        what = f"{error.name} is not installed; run {installs(extra)}"
        return _failed(what, args.debug, 1)
    except OSError as error:
        named = f": {error.filename}" if error.filename else ""
        what = f"{error.strerror or error}{named}; --debug shows where"
        return _failed(what, args.debug, 1)
    except Exception as error:  # noqa: BLE001 - the command line is a border
        what = f"internal error: {type(error).__name__}: {error}; --debug shows where"
        return _failed(what, args.debug, 1)
    return status


def _flushed(status: int, debug: bool) -> int:
    """Write what is left in stdout: at exit Python would complain in words of its own."""
    try:
        if sys.stdout is not None and not sys.stdout.closed:  # a server closes it
            sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not status and not isinstance(error, BrokenPipeError):
            return _failed(f"stdout cannot be written ({error.strerror})", debug, 1)
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
    for add in ADD:
        add(commands)
    return parser


class _Version(argparse.Action):
    """`--version` reads the installed metadata only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from codeassist import __version__

        print(f"codeassist {__version__}")  # noqa: T201 - as stdout may be None
        parser.exit()
