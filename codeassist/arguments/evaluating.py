"""Arguments of `codeassist evaluate`."""

from .calibrating import add_calibrate
from .common import Commands, command, model_options

__all__ = ["add_evaluate"]


def add_evaluate(commands: Commands) -> None:
    """Measure completions."""
    parser = command(commands, "evaluate", "measure completions, ours and others'")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    repo = actions.add_parser("repo", help="holes cut into a repository")
    repo.add_argument("path", metavar="PATH", help="folder of a repository")
    repo.add_argument(
        "--holes", type=int, default=200, metavar="N", help="default: 200"
    )
    repo.add_argument("--kinds", metavar="KIND,…", help="default: all kinds")
    repo.add_argument("--since", metavar="REV", help="only lines that came after it")
    repo.add_argument("--manifest", metavar="FILE", help="holes to keep, or kept ones")
    public = actions.add_parser("set", help="a public set, from local files")
    public.add_argument(
        "name",
        metavar="NAME|FILE",
        help="a name such as infilling-single-line (an unknown one lists all), or a file",
    )
    public.add_argument("--limit", type=int, metavar="N", help="so many, drawn")
    for action in (repo, public):
        action.add_argument("--journal", metavar="FILE", help="to go on where it was")
        action.add_argument(
            "--samples",
            type=int,
            default=1,
            metavar="N",
            help="answers to each hole; default: 1",
        )
        action.add_argument(
            "--temperature",
            type=float,
            default=0.8,
            metavar="T",
            help="of several samples; one is greedy; default: 0.8",
        )
    replay = actions.add_parser("replay", help="type a file or a commit")
    replay.add_argument(
        "target",
        metavar="FILE|COMMIT",
        help="what is typed: the file, or what the commit added",
    )
    replay.add_argument("--repo", default=".", metavar="PATH", help="of the commit")
    replay.add_argument(
        "--from-line", type=int, default=1, metavar="N", help="of the file"
    )
    replay.add_argument("--keystrokes", type=int, metavar="N", help="at the most")
    replay.add_argument(
        "--client",
        choices=("vscode", "neovim"),
        default="vscode",
        help="whose way of asking; default: vscode",
    )
    replay.add_argument(
        "--speed",
        type=float,
        default=1.0,
        metavar="X",
        help="so many times as fast as a person types",
    )
    replay.add_argument("--patient", action="store_true", help="wait for each answer")
    replay.add_argument(
        "--stops",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="of the keys, drawn: wait for an answer there, a minute at the most",
    )
    for action in (repo, public, replay):
        action.add_argument(
            "--seed", type=int, default=0, metavar="N", help="of all that is drawn"
        )
        peer = "llama.cpp=URL, openai[:FAMILY]=URL on loopback, or plain; repeatable"
        action.add_argument(
            "--against", action="append", default=[], metavar="PEER", help=peer
        )
        model_options(action)
    compare = actions.add_parser("compare", help="two results, hole by hole")
    compare.add_argument("first", metavar="A.json", help="written with --json")
    compare.add_argument("second", metavar="B.json", help="the same")
    for action in actions.choices.values():
        action.add_argument("--json", metavar="FILE", help="write all rows here")
        action.add_argument("--html", metavar="FILE", help="write a page here")
        action.add_argument("--debug", action="store_true", help="show tracebacks")
    add_calibrate(actions)
