"""Arguments of the commands on weights: inspect, convert, quantize, verify."""

from collections.abc import Callable

from .common import Commands, command

__all__ = ["add_convert", "add_inspect", "add_quantize", "add_verify"]

FOLDERS = (
    "A Hugging Face folder has safetensors of model_type llama, mistral, qwen2, "
    "gpt_bigcode, starcoder2, deepseek or deepseek_v2, not quantised, and a "
    "tokenizer.json of byte-level BPE, or the vocabulary as tokenizer.gguf."
)
MODEL = "GGUF, checkpoint folder, Hugging Face folder, or catalog id"


def add_inspect(commands: Commands) -> None:
    """Look into a model."""
    parser = command(commands, "inspect", "show what a model file or folder holds")
    parser.add_argument("model", metavar="MODEL", help=MODEL)
    parser.add_argument("--tensors", action="store_true", help="each of them")
    parser.add_argument("--json", action="store_true", help="for a script")


def add_convert(commands: Commands) -> None:
    """GGUF to checkpoint and back, and adapters merged on the way."""
    parser = command(commands, "convert", "convert a model to GGUF or to a checkpoint")
    parser.add_argument("source", metavar="SRC", help=MODEL)
    parser.epilog = FOLDERS
    parser.add_argument("target", metavar="DST", help="NAME.gguf, or a new folder")
    parser.add_argument(
        "--format",
        choices=("F32", "F16", "BF16"),
        help="default: F16 for a GGUF, F32 for a folder",
    )
    parser.add_argument("--adapter", metavar="GGUF", help="LoRA adapter to merge")
    parser.add_argument(
        "--scale", type=float, default=1.0, metavar="X", help="of the adapter"
    )


def add_quantize(commands: Commands) -> None:
    """Make a model small."""
    parser = command(commands, "quantize", "quantise a model with llama.cpp")
    parser.add_argument("source", metavar="SRC", help=f"{MODEL}, of floats")
    parser.epilog = FOLDERS
    parser.add_argument("target", metavar="DST", help="NAME.gguf")
    parser.add_argument(
        "--type",
        default="Q4_K_M",
        metavar="TYPE",
        help="of llama.cpp, as Q8_0 or Q4_K_M; default: Q4_K_M",
    )
    parser.add_argument(
        "--imatrix",
        default="auto",
        metavar="auto|FILE|none",
        help="importance matrix; auto: measured and kept beside DST",
    )
    _text(parser.add_argument, 4096)
    parser.add_argument(
        "--output-type",
        default="",
        metavar="TYPE",
        help="of the output matrix; default: as --type has it",
    )
    parser.add_argument(
        "--embedding-type",
        default="",
        metavar="TYPE",
        help="of the table of tokens; default: as --type has it",
    )
    parser.add_argument("--json", action="store_true", help="for a script")


def add_verify(commands: Commands) -> None:
    """Compare two models."""
    parser = command(commands, "verify", "compare two models' logits on real text")
    parser.add_argument("first", metavar="A", help=MODEL)
    parser.add_argument("second", metavar="B", help="the same")
    _text(parser.add_argument, 1024)
    parser.add_argument("--tensors", action="store_true", help="what each became")
    parser.add_argument("--json", action="store_true", help="for a script")


def _text(add: Callable[..., object], tokens: int) -> None:
    add(
        "--text",
        action="append",
        default=[],
        metavar="PATH",
        help="file or folder of code; repeatable; default: the current folder's",
    )
    add("--tokens", type=int, default=tokens, metavar="N", help=f"default: {tokens}")
