"""Arguments of `codeassist tune`."""

from .common import Commands, command, model_options

__all__ = ["add_tune"]


def add_tune(commands: Commands) -> None:
    """Measure this machine, and choose what meets a latency target."""
    summary = "measure this machine; choose model and sizes that answer in time"
    parser = command(commands, "tune", summary)
    parser.add_argument(
        "--latency-ms",
        type=int,
        metavar="MS",
        help="what an answer may take while somebody types on (default: as set, else 400)",
    )
    parser.add_argument(
        "--again", action="store_true", help="measure what was measured before, too"
    )
    parser.add_argument("--json", action="store_true", help="for a script")
    model_options(parser)
