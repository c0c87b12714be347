"""Logits of every family in torch and in llama.cpp, on 200 tokens of real code.

Every architecture is drawn with each of `SEEDS` and scaled to a logit spread of
`SPREAD`. Greedy tokens are compared where torch's best two logits lie further apart
than the two sides measurably do. An F16 cache moves the scores of experts by some
0.0005: where torch chose by less than `MARGIN` llama.cpp may choose another one, and
what follows in that text is then left out, with that cache only, and counted.

On a CPU ggml looks GELU up in a table of F16, which alone moves logits by more than
`BAR_F32`. So for GELU the F32 cache is held against torch with that table, in F64: two
torch runs with it, in F32 and in F64, differ from each other about as much as the F32
one from llama.cpp, for a sum at the edge between two table entries falls to either.
"""

import gzip
import json
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from harness import verdict
from torch.nn import functional as F

from codeassist.decoder import Experts, Latent, Rope, RopeScaling
from codeassist.engine.decode.vocab import Vocab
from codeassist.engine.decode.weights import Weights
from codeassist.quantize.checkpoint import TOKENIZER
from codeassist.quantize.convert import to_checkpoint, to_gguf
from codeassist.training.checkpoint import load_decoder
from tests.quantize.models import CONFIGS, NEOX, checkpoint
from tests.quantize.running import F16, F32, logits

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CODEASSIST_SHARED") or ROOT.parent / "shared")
CODE = SHARED / "eval" / "humaneval" / "HumanEval.jsonl.gz"
"""A text that stays the same while our own code changes."""

TOKENS = 200
SPREAD = 6.0
BAR, BAR_F32 = 0.02, 0.002
SEEDS = (0, 1, 2)
MARGIN = 0.001
GELU_ENDS = 10.0
"""Beyond them ggml takes 0 and the input itself (ggml_vec_gelu_f32)."""

PLAIN_GELU = F.gelu


def code() -> str:
    with gzip.open(CODE, "rt", encoding="utf-8") as rows:
        first = [json.loads(row) for row in islice(rows, 3)]
    return "\n\n".join(row["prompt"] + row["canonical_solution"] for row in first)


def models():
    """Every architecture, and what the families differ in, by name."""
    wide = {"width": 256, "heads": 8, "layers": 4, "ffn_width": 512}
    usual = {"kv_heads": 2, "head_dim": 32}
    found = {}
    for name, config in CONFIGS.items():
        own = dict(usual)
        if config.architecture == "starcoder":
            own["kv_heads"] = 1
        if config.latent:
            own = {"kv_heads": 8, "latent": Latent(64, 16, 32, 32, q_rank=48)}
        if config.window:
            layers = (True, True, False, True)
            own["window"] = replace(config.window, layers=layers)
        if config.experts:
            own["experts"] = replace(config.experts, count=8, width=128, shared=2)
        found[name] = replace(config, **wide, **own)
    llama, latent = found["llama"], found["deepseek2"]
    found["llama, MHA, untied"] = replace(llama, kv_heads=8, tied=False)
    found["llama, MQA"] = replace(llama, kv_heads=1)
    linear, yarn = RopeScaling("linear", 4.0), RopeScaling("yarn", 4.0, 64)
    for scaling in (linear, yarn):
        rope = Rope(1e5, interleaved=True, scaling=scaling)
        found[f"llama, RoPE {scaling.kind}"] = replace(llama, rope=rope)
    found["llama, experts"] = replace(
        llama, experts=Experts(count=8, used=2, width=512, renormalise=True)
    )
    found["deepseek of neox weights"] = replace(found["deepseek"], rope=NEOX)
    found["deepseek2, no YaRN"] = replace(latent, rope=Rope(interleaved=True))
    lite = replace(latent.latent, q_rank=0)
    experts = replace(latent.experts, dense_layers=25)
    deep = {"layers": 27, "latent": lite, "experts": experts}
    found["deepseek2, Lite"] = replace(latent, **deep)
    return found


@dataclass(frozen=True)
class Compared:
    """One random model on both sides, both with the same tokens."""

    spread: float
    f16: float
    """Largest difference of a logit, with an F16 cache in llama.cpp."""

    f32: float
    greedy: int
    """Tokens of 200 that differ though they are clear, with either cache."""

    ties: int
    left_out: int
    """Tokens from the first one on that an F16 cache sent to another expert."""

    table: float | None = None
    """As `f32`, held against torch in F64 with ggml's table of GELU."""

    noise: float | None = None
    """Of torch with that table, between F32 and F64."""


def main() -> int:
    torch.set_num_threads(1)
    found = []
    for name, config in models().items():
        for seed in SEEDS:
            with tempfile.TemporaryDirectory() as place:
                each = compare(Path(place), config, seed)
            found.append(each)
            print(f"{name:24} {seed}: {told(each)}", flush=True)
    gelu = [each for each in found if each.table is not None]
    others = [each for each in found if each.table is None]
    f16 = max(each.f16 for each in found)
    f32 = max(each.f32 for each in others)
    plain, table, noise = (
        max(getattr(each, name) for each in gelu) for name in ("f32", "table", "noise")
    )
    greedy, ties, left_out = (
        sum(getattr(each, name) for each in found)
        for name in ("greedy", "ties", "left_out")
    )
    print(
        f"GELU with an F32 cache: {plain:.5f} from torch, {table:.5f} from torch with "
        f"ggml's F16 table; that table in F32 and in F64: {noise:.5f}"
    )
    figure = (
        f"logits within {f16:.4f}, with an F32 cache within {f32:.5f}, GELU {table:.5f} "
        f"({plain:.4f} without ggml's table), {greedy} greedy tokens differ; left out of "
        f"{2 * TOKENS * len(found)}: {ties} near ties, {left_out} behind another expert"
    )
    holds = f16 <= BAR and max(f32, table) <= BAR_F32 and not greedy
    return verdict("parity", figure, f"{BAR}, {BAR_F32}, {BAR_F32}, 0", holds=holds)


def told(each: Compared) -> str:
    line = f"spread {each.spread:.1f}, largest difference {each.f16:.5f}, "
    line += f"F32 cache {each.f32:.5f}"
    if each.table is not None:
        line += f" (with ggml's table {each.table:.5f}, its own noise {each.noise:.5f})"
    line += f", {each.greedy} greedy tokens differ, {each.ties} near ties"
    if each.left_out:
        line += f", {each.left_out} left out behind another expert"
    return line


def compare(place: Path, config, seed: int) -> Compared:
    folder = checkpoint(place / "first", config, SHARED, seed=seed)
    vocabulary = Vocab(Weights(folder / TOKENIZER, vocab_only=True))
    tokens = vocabulary.tokenize(code())[:TOKENS]
    drawn, _ = run(folder, tokens)
    checkpoint(folder, config, SHARED, SPREAD / drawn.std(), seed)
    path, again = place / "model.gguf", place / "again"
    to_gguf(folder, path)
    to_checkpoint(path, again)
    ours, margins = run(again, tokens)
    best = np.partition(ours, -2)[:, -2:]
    gap = best[:, 1] - best[:, 0]
    errors, greedy, ties, end = {}, 0, 0, TOKENS
    for cache in (F16, F32):
        theirs = logits(path, tokens, cache=cache)
        apart = np.abs(theirs - ours).max(axis=1)
        compared = np.ones(TOKENS, bool)
        if cache == F16:
            end = other_expert(apart, margins)
            compared[end:] = False
        errors[cache] = float(apart[compared].max())
        clear = gap > apart
        differ = theirs.argmax(axis=1) != ours.argmax(axis=1)
        greedy += int((compared & clear & differ).sum())
        ties += int((compared & ~clear).sum())
    spread, left_out = float(ours.std()), TOKENS - end
    found = Compared(spread, errors[F16], errors[F32], greedy, ties, left_out)
    if config.activation != "gelu":
        return found
    with mock.patch.object(F, "gelu", looked_up):
        single, exact = (run(again, tokens, kind)[0] for kind in (None, torch.float64))
    table, noise = (float(np.abs(each - exact).max()) for each in (theirs, single))
    return replace(found, table=table, noise=noise)


def other_expert(apart, margins):
    """The first token that lies outside the bar, where its experts were a near tie."""
    outside = np.flatnonzero(apart > BAR)
    first = int(outside[0]) if outside.size else len(apart)
    return first if outside.size and margins[first] < MARGIN else len(apart)


def looked_up(x, approximate):
    """GELU out of ggml's table: F16 in and out, plain beyond its ends."""
    found = PLAIN_GELU(x.half().to(x.dtype), approximate=approximate)
    found = found.half().to(x.dtype)
    found = torch.where(x <= -GELU_ENDS, torch.zeros_like(x), found)
    return torch.where(x >= GELU_ENDS, x, found)


def run(folder, tokens, kind=None):
    """Torch's logits, and by how much each token's last expert beat the next."""
    decoder, margins = load_decoder(folder), [np.full(len(tokens), np.inf)]
    if kind is not None:
        decoder.to(kind)
    experts = decoder.config.experts

    def listen(_module, _inputs, scores):
        best = scores.detach().sort(dim=-1, descending=True).values
        gap = best[..., experts.used - 1] - best[..., experts.used]
        margins.append(gap.flatten().numpy())

    for name, module in decoder.named_modules():
        if name.endswith(".router"):
            module.register_forward_hook(listen)
    with torch.no_grad():
        found = decoder(torch.tensor([tokens])).logits[0].numpy()
    return found, np.min(margins, axis=0)


if __name__ == "__main__":
    sys.exit(main())
