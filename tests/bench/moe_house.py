"""[moe-house] SmolLM2-135M upcycled to shared and routed experts, beside the dense model.

Both go on from the same weights over the same rows for the same steps, by the recipes
moe-house.toml and moe-house-dense.toml, and a token is multiplied with as many
parameters in both. Then: loss on the middles of held-out files, and the speed at which
llama.cpp (its own llama-bench) decodes and reads a prompt with both as Q8_0.
`CODEASSIST_BENCH_STEPS`: another number of steps. A killed run goes on.
"""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import reference
import torch
from harness import threads, verdict

from codeassist.config import cache_dir
from codeassist.engine.decode import open_vocabulary
from codeassist.evaluate.fingerprint import of_code
from codeassist.evaluate.scores.intervals import compare
from codeassist.fim import Fim, detect
from codeassist.training.checkpoint import load_decoder, read_config
from codeassist.training.packed import PackedRows
from codeassist.training.presets import active_parameters, parameters

RECIPES = Path(__file__).parents[2] / "training" / "recipes"
NAMES = {"mixture": "moe-house", "dense": "moe-house-dense"}
STEPS = int(os.environ.get("CODEASSIST_BENCH_STEPS", "150"))
ROWS = 60
"""Held-out rows at the most."""

ROUNDS, TOKENS, PROMPT = 4, 64, 256
ALIKE = 0.01
"""By so much the active parameters may differ: the routers are extra."""


@dataclass(frozen=True, slots=True)
class Trained:
    """One of the two, and what was measured."""

    all: int
    active: int
    losses: dict[str, float]
    """Of each held-out example, a middle's mean."""

    gguf: Path

    @property
    def loss(self) -> float:
        return sum(self.losses.values()) / len(self.losses)


def main() -> int:
    mixture, dense = (_trained(NAMES[each]) for each in ("mixture", "dense"))
    for name, each in (("mixture", mixture), ("dense", dense)):
        print(
            f"{name}: {each.all / 1e6:.1f} million parameters, {each.active / 1e6:.1f} "
            f"active, loss {each.loss:.4f} on {len(each.losses)} middles",
            flush=True,
        )
    found = compare(mixture.losses, dense.losses)
    d = found.difference
    print(f"loss, mixture less dense: {d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}]")
    speeds = _speeds({"mixture": mixture.gguf, "dense": dense.gguf})
    ratios = {
        what: median(speeds["mixture", what]) / median(speeds["dense", what])
        for what in ("decode", "prompt")
    }
    for (name, what), values in sorted(speeds.items()):
        print(f"{what}, {name}: median {median(values):.1f} tokens/s of {len(values)}")
    alike = abs(mixture.active / dense.active - 1) <= ALIKE
    figure = (
        f"loss {mixture.loss:.3f} against the dense one's {dense.loss:.3f}, decodes at "
        f"{ratios['decode']:.2f} and reads at {ratios['prompt']:.2f} times its speed"
    )
    holds = alike and len(mixture.losses) >= ROWS // 2
    bar = f"active parameters within {ALIKE:.0%}, all figures taken"
    return verdict("moe-house", figure, bar, holds=holds)


def _trained(name: str) -> Trained:
    """Train by a recipe, or take what a run before has trained."""
    recipe = RECIPES / f"{name}.toml"
    told = recipe.read_text("utf-8") + of_code(also={"training", "quantize"})
    key = hashlib.sha256(told.encode()).hexdigest()[:8]
    out = cache_dir() / "bench" / "moe-house" / f"{name}-{STEPS}-{key}"
    gguf = out / "model-q8_0.gguf"
    if not gguf.is_file():
        own = ("--out", str(out), "--steps", str(STEPS), "--gguf", "F16")
        _command("train", str(recipe), *own)
        _command("quantize", str(out / "model.gguf"), str(gguf), "--type", "Q8_0")
    config = read_config(out / "checkpoint")
    losses = _losses(out / "checkpoint", out / "rows" / "held-out", out / "model.gguf")
    return Trained(parameters(config), active_parameters(config), losses, gguf)


def _command(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "codeassist", *words], check=True)


@torch.no_grad()
def _losses(checkpoint: Path, rows: Path, gguf: Path) -> dict[str, float]:
    """Mean loss of each held-out middle: what stands behind its last sentinel."""
    contract = detect(open_vocabulary(gguf))
    assert isinstance(contract, Fim), contract
    begins = contract.render("x = 1\n", "\n").tokens[-1]
    decoder, found = load_decoder(checkpoint, dtype=torch.float32), {}
    packed = PackedRows(rows)
    for number in range(min(ROWS, len(packed))):
        row = packed[number]
        ids, documents, positions = (
            torch.tensor(each[None].astype(np.int64))
            for each in (row.tokens, row.documents, row.positions)
        )
        out = decoder(ids, documents=documents, positions=positions)
        scores = torch.log_softmax(out.logits[0, :-1].float(), -1)
        loss = -scores.gather(1, ids[0, 1:, None])[:, 0].numpy()
        for document in np.unique(row.documents[row.documents >= 0]):
            at = np.flatnonzero(row.documents == document)
            starts = np.flatnonzero(row.tokens[at] == begins)
            if len(starts) and starts[-1] + 1 < len(at):
                middle = at[starts[-1] + 1 :]
                found[f"{number}.{document}"] = float(loss[middle - 1].mean())
    return found


def _speeds(files: dict[str, Path]) -> dict[tuple[str, str], list[float]]:
    """Tokens per second of llama-bench, both files in turns."""
    tool, found = reference.tool("llama-bench"), dict[tuple[str, str], list[float]]()
    for number in range(ROUNDS):
        for name in sorted(files, reverse=bool(number % 2)):
            options = {"-p": PROMPT, "-n": TOKENS, "-t": threads(), "-r": 3}
            words = [str(word) for pair in options.items() for word in pair]
            command = [str(tool), "-m", str(files[name]), "-o", "json", *words]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            for test in json.loads(done.stdout):
                what = "decode" if test["n_gen"] else "prompt"
                found.setdefault((name, what), []).append(test["avg_ts"])
    return found


if __name__ == "__main__":
    sys.exit(main())
