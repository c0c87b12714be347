"""Arguments of `codeassist tokenizer`."""

from .common import Commands, command

__all__ = ["add_tokenizer"]


def add_tokenizer(commands: Commands) -> None:
    """Train vocabularies for code, and compare them."""
    parser = command(commands, "tokenizer", "train a vocabulary for code, compare some")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    train = actions.add_parser("train", help="a vocabulary, from source files")
    train.add_argument("paths", nargs="+", metavar="PATH", help="folders or files")
    train.add_argument(
        "--kind",
        choices=("bpe", "sentencepiece"),
        required=True,
        help="how it is trained",
    )
    train.add_argument(
        "--vocab", type=int, default=32_000, metavar="N", help="default: 32000"
    )
    train.add_argument(
        "--out", required=True, metavar="FILE.gguf", help="the vocabulary"
    )
    density = actions.add_parser("density", help="tokens per character, by language")
    density.add_argument("tokenizers", nargs="+", metavar="FILE|ID", help="GGUF files")
    density.add_argument(
        "--on",
        nargs="+",
        required=True,
        metavar="PATH",
        help="files or folders to count on",
    )
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="for a script")
        action.add_argument("--debug", action="store_true", help="show tracebacks")
