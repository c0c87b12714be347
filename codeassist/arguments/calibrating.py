"""Arguments of `codeassist evaluate calibrate`."""

import argparse
from typing import TypeAlias

from .common import model_options

__all__ = ["add_calibrate"]

Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


def add_calibrate(actions: Actions) -> None:
    """Find how sure a model has to be before its answers are shown."""
    summary = "how sure a model has to be before its answers are shown"
    parser = actions.add_parser("calibrate", help=summary, description=summary)
    parser.add_argument("path", metavar="PATH", help="a repository, or any folder")
    parser.add_argument(
        "--holes", type=int, default=200, metavar="N", help="passages that are typed"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of all that is drawn"
    )
    parser.add_argument(
        "--answers",
        metavar="FILE",
        help="keep the model's answers here, to go on where it was",
    )
    parser.add_argument(
        "--held-out", metavar="FILE", help="answers kept of another folder, to try on"
    )
    parser.add_argument("--picture", metavar="FILE", help="write the curve (PNG, SVG)")
    parser.add_argument("--json", metavar="FILE", help="write the table here")
    parser.add_argument(
        "--save", action="store_true", help="complete with it from now on"
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    model_options(parser)
