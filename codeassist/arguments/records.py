"""Arguments of the commands that read the records: why, replay, stats."""

from .common import Commands, command, model_options

__all__ = ["add_replay", "add_stats", "add_why"]


def add_why(commands: Commands) -> None:
    """List the last requests."""
    summary = "list the last requests: what came of each, why, and when"
    parser = command(commands, "why", summary)
    parser.add_argument("-n", type=int, default=20, metavar="N", help="so many; 20")
    parser.add_argument("--json", action="store_true", help="one object a line")


def add_replay(commands: Commands) -> None:
    """Repeat a request."""
    summary = "run a recorded request again, with the settings of today"
    parser = command(commands, "replay", summary)
    parser.set_defaults(command="replay_request")
    parser.add_argument(
        "id", metavar="ID", help="of `codeassist why`, or its beginning"
    )
    parser.add_argument("--json", action="store_true", help="for a script")
    model_options(parser)


def add_stats(commands: Commands) -> None:
    """Count what suggestions were worth."""
    summary = "what suggestions were worth: shown, accepted, still there"
    parser = command(commands, "stats", summary)
    parser.add_argument("--days", type=int, default=90, metavar="N", help="90 at most")
    parser.add_argument("--json", action="store_true", help="for a script")
    parser.add_argument(
        "--plot", metavar="FILE", help="draw the days (PNG, SVG or PDF)"
    )
