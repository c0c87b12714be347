"""`codeassist convert`: GGUF to checkpoint and back, adapters merged on the way."""

import argparse
import sys
from pathlib import Path

from codeassist.decoder import WEIGHTS_FILE, DecoderConfig, gguf_name
from codeassist.errors import InputError
from codeassist.quantize.checkpoint import TensorReader
from codeassist.quantize.contents import read_contents
from codeassist.quantize.convert import Format, load_config, to_gguf
from codeassist.quantize.families import caution
from codeassist.quantize.lora import Adapter, merge, read_adapter
from codeassist.quantize.rounding import survivors
from codeassist.quantize.source import (
    Form,
    as_checkpoint,
    check_room,
    form_of,
    is_checkpoint,
    make_checkpoint,
    scratch,
)

from .lora_file import lora_file
from .weights import check_place, locate, on_disk, steps

__all__ = ["run"]

LEAST = 0.8
"""Share of a change below which its loss is worth a warning."""

SAFE = "Q8_0"
"""A type that loses little of any change."""


def run(args: argparse.Namespace) -> int:
    """Convert; return the exit status."""
    source, target = locate(args.source), Path(args.target).expanduser()
    lora = lora_file(args.adapter) if args.adapter else None
    check_place(target, source, *([lora] if lora else []))
    if target.suffix != ".gguf" and target.exists() and not is_checkpoint(target):
        msg = f"{target} is something else; name a new folder, or NAME.gguf"
        raise InputError(msg)
    to_file = target.suffix == ".gguf"
    format_: Format = args.format or ("F16" if to_file else "F32")
    with scratch(target) as folder, steps("converting") as tell:
        if lora or to_file:
            merged: list[Format] = ["F32"] if lora and to_file else []
            check_room(folder, source, [*merged, format_])
            weights = as_checkpoint(source, folder / "checkpoint", progress=tell)
        else:
            make_checkpoint(source, target, format_=format_, progress=tell)
            weights = target
        config = load_config(weights)
        if lora:
            adapter = read_adapter(lora, config)
            base, weights = weights, folder / "merged" if to_file else target
            # note: what is rounded once more on its way must not be rounded before
            kind: Format = "F32" if to_file else format_
            merge(base, adapter, weights, scale=args.scale, format_=kind, progress=tell)
            _warn_of_loss(source, base, adapter, format_, args.scale)
        if to_file:
            to_gguf(weights, target, format_=format_, progress=tell)
    if warning := caution(config):
        _say(f"warning: {warning}")
    _say(f"{target}: {config.architecture}, {format_}, {on_disk(target) / 1e6:,.0f} MB")
    return 0


def _warn_of_loss(
    source: Path, weights: Path, adapter: Adapter, format_: Format, scale: float
) -> None:
    """Say where rounding takes the adapter's change away."""
    tensors = TensorReader(weights / WEIGHTS_FILE)
    left = survivors(tensors, adapter, dict.fromkeys(adapter.pairs, format_), scale)
    for kind, share in left.items():
        if share < LEAST:
            _say(f"warning: {kind} keeps {share:.0%} of the change; take --format F32")
    packed = _packed(source, load_config(weights), adapter)
    again = survivors(tensors, adapter, packed, scale)
    lost = {kind: share for kind, share in again.items() if share < LEAST}
    if lost:
        safe = survivors(tensors, adapter, dict.fromkeys(adapter.pairs, SAFE), scale)
        kinds = ", ".join(f"{kind} keeps {share:.0%}" for kind, share in lost.items())
        _say(
            f"warning: the base was quantised, and quantised to its types again {kinds} "
            f"of the adapter's change; take {SAFE} ({safe.get(SAFE, 0):.0%}) or keep "
            f"the adapter beside the base"
        )


def _packed(source: Path, config: DecoderConfig, adapter: Adapter) -> dict[str, str]:
    """Types of the adapted weights where the base has them quantised."""
    if form_of(source) is not Form.GGUF:
        return {}
    kinds = read_contents(source).gguf_kinds
    found = {name: kinds.get(gguf_name(name), "F32") for name in adapter.pairs}
    return {name: kind for name, kind in found.items() if kind not in _FLOATS}


_FLOATS = ("F32", "F16", "BF16")


def _say(line: str) -> None:
    print(f"codeassist: {line}", file=sys.stderr, flush=True)
