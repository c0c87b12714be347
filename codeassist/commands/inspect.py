"""`codeassist inspect`: what a model file or folder holds."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from codeassist.decoder import DecoderConfig
from codeassist.engine.decode.model import open_vocabulary
from codeassist.errors import ModelError
from codeassist.fim import Fim, detect
from codeassist.quantize.contents import Contents, Words, read_contents, read_words
from codeassist.quantize.source import as_vocabulary
from codeassist.training.presets import cost

from .weights import locate

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Show a model; return the exit status."""
    contents = read_contents(locate(args.model))
    words, fim = _vocabulary(contents.path)
    if args.json:
        facts = _facts(contents, words, fim, tensors=args.tensors)
        print(json.dumps(facts, indent=2))
        return 0
    print(f"{contents.path}: {_title(contents)}")
    for label, what in _lines(contents, words, fim):
        print(f"  {label:11}{what}")
    for kind, (count, size) in contents.kinds.items():
        print(f"    {kind:8}{count:6,} {size:16,} bytes")
    for tensor in contents.tensors if args.tensors else ():
        shape = " x ".join(map(str, tensor.shape))
        print(f"    {tensor.name:40} {shape:>20} {tensor.kind:6}{tensor.size:14,}")
    return 0


def _title(contents: Contents) -> str:
    words = [contents.architecture, contents.kind.removesuffix("model")]
    name = f', "{contents.name}"' if contents.name else ""
    return f"{contents.form.value}, {' '.join(filter(None, words))}{name}"


def _lines(
    contents: Contents, words: Words | None, fim: str
) -> Iterator[tuple[str, str]]:
    config = contents.config
    if config is None:
        yield "decoder", f"none that can be converted: {contents.note}"
    else:
        price, token = cost(config), cost(config, 1)
        yield "decoder", ", ".join(_shape(config))
        part = "all" if price.active == price.parameters else f"{price.active:,}"
        yield "parameters", f"{price.parameters:,}, {part} active per token"
        cache = f"{token.kv_bytes:,} bytes a token, {price.kv_bytes:,} in all"
        yield "context", f"{config.context:,} tokens; KV cache (F16) {cache}"
    if words:
        special = ", ".join(f"{k} {n} {text}" for k, (n, text) in words.special.items())
        kind = " ".join(filter(None, (words.model, words.pre)))
        yield "vocabulary", f"{words.size:,} tokens ({kind}); {special}"
    if fim:
        yield "FIM" if words else "vocabulary", fim
    yield "tensors", f"{len(contents.tensors):,}, {contents.size:,} bytes"


def _shape(c: DecoderConfig) -> Iterator[str]:
    yield f"{c.layers} layers of {c.width:,}"
    if m := c.latent:
        yield f"{c.heads} heads, latent of {m.kv_rank} and {m.rope_dim}"
    else:
        yield f"{c.heads} heads of {c.head_dim} over {c.kv_heads} of keys"
    yield f"{c.activation} {c.ffn_width:,}"
    if e := c.experts:
        lead = f", {e.dense_layers} dense layers first" if e.dense_layers else ""
        yield f"{e.used} of {e.count} experts of {e.width:,} and {e.shared} shared{lead}"
    yield f"{c.norm} norm"
    yield f"RoPE base {c.rope.base:,.0f}" if c.rope else "learned positions"
    if c.rope and c.rope.scaling:
        yield f"{c.rope.scaling.kind} scaling by {c.rope.scaling.factor:g}"
    if c.window:
        yield f"window {c.window.size:,}"
    yield "output tied to the embedding" if c.tied else "output of its own"


def _vocabulary(model: Path) -> tuple[Words | None, str]:
    """A model's vocabulary, and what its FIM is or why there is none."""
    with TemporaryDirectory(prefix="codeassist-") as folder:
        words = None
        try:
            path = as_vocabulary(model, Path(folder))
            words = read_words(path)
            return words, _fim(path) if words else ""
        except ModelError as error:
            return words, str(error)


def _fim(path: Path) -> str:
    """The family's sentinels with their ids, or why there are none."""
    contract = detect(open_vocabulary(path))
    if isinstance(contract, Fim):
        ids = ", ".join(f"{text} {n}" for text, n in contract.ids.items())
        return f"{contract.family.name}: {ids}"
    return contract.reason


def _facts(
    contents: Contents, words: Words | None, fim: str, *, tensors: bool
) -> dict[str, Any]:
    config = contents.config
    return {
        "path": str(Path(contents.path).resolve()),
        "form": contents.form.value,
        "kind": contents.kind,
        "architecture": contents.architecture,
        "name": contents.name,
        "note": contents.note,
        "decoder": config.to_dict() if config else None,
        "cost": asdict(cost(config)) if config else None,
        "kv_bytes_per_token": cost(config, 1).kv_bytes if config else None,
        "vocabulary": asdict(words) if words else None,
        "fim": fim,
        "bytes": contents.size,
        "types": {
            kind: {"tensors": count, "bytes": size}
            for kind, (count, size) in contents.kinds.items()
        },
        "tensors": [asdict(each) for each in contents.tensors] if tensors else None,
    }
