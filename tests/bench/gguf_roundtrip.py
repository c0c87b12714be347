"""The default model into torch and back to a GGUF; then an adapter, trained and run."""

import random
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from harness import model, verdict
from tqdm import tqdm

from codeassist import config
from codeassist.commands.weights import steps
from codeassist.engine.decode.model import open_vocabulary
from codeassist.quantize.agreement import agree, losses
from codeassist.quantize.convert import load_config, to_checkpoint, to_gguf
from codeassist.quantize.lora import Adapter, Pair, write_adapter
from codeassist.training.fim_data import Row
from codeassist.training.loop.settings import LoopSettings
from codeassist.training.loop.trainer import train
from codeassist.training.lora import LoraParts, load_adapted, lora_weights
from codeassist.training.measure import logits
from tests.quantize.running import opened

ROOT = Path(__file__).parents[2]
CODE = ("codeassist", "engine", "lsp", "quantize", "training", "tests")
LENGTH = 256
STEPS, HELD_OUT = 50, 8
NOISE_BAR, F16_BAR, TOP_BAR, DROP_BAR = 1.1, 0.2, 0.01, 0.05
LORA = LoraParts(rank=16, alpha=32.0)
LOOP = LoopSettings(
    steps=STEPS, rows_per_step=1, schedule="constant", warmup=5, held_out_every=STEPS
)


def main() -> int:
    source = model().path
    learned, held_out = rows(open_vocabulary(source))
    place = config.cache_dir() / "bench"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix="roundtrip-") as name:
        folder, path = Path(name), Path(name) / "f16.gguf"
        with steps("converting") as tell:
            to_checkpoint(source, folder / "torch", progress=tell)
            to_gguf(folder / "torch", path, format_="F16", progress=tell)
        decoder = load_adapted(folder / "torch", LORA, dtype=torch.float32)
        same, first = compare(source, path, decoder, held_out[0])
        learn(folder, decoder, learned)
        adapter = folder / "adapter.gguf"
        weights = lora_weights(decoder)
        pairs = {name: Pair(*pair) for name, pair in weights.pairs.items()}
        own = load_config(folder / "torch")
        write_adapter(adapter, Adapter(weights.alpha, pairs), own)
        held, second = drops(source, adapter, decoder, held_out)
    bar = (
        f"difference from the source <= {NOISE_BAR} times the noise, from torch <= "
        f"{F16_BAR} times; same first choice as torch has, within {TOP_BAR:.0%}; drops "
        f"within {DROP_BAR:.0%} and the noise"
    )
    holds = same and held
    return verdict("gguf-roundtrip", f"{first}; {second}", bar, holds=holds)


def rows(vocabulary):
    """Tokens to learn from and to look at, each row from a file of its own."""
    files = sorted(file for top in CODE for file in (ROOT / top).rglob("*.py"))
    random.Random(0).shuffle(files)
    texts = (vocabulary.tokenize(file.read_text("utf-8"))[:LENGTH] for file in files)
    full = [ids for ids in texts if len(ids) == LENGTH]
    return full[HELD_OUT : HELD_OUT + STEPS], full[:HELD_OUT]


def compare(source, path, decoder, ids):
    """The export beside its source, with torch between the two.

    note: llama.cpp quantises activations where weights are quantised. What that moves
    is the noise: the source in llama.cpp against torch with the very same weights.
    """
    with opened(source, LENGTH) as run:
        first = run(ids)
    with opened(path, LENGTH) as run:
        second = run(ids)
    plain = logits(decoder, ids)  # fresh adapters change nothing
    noise = agree([(ids, first, plain)])
    there = agree([(ids, first, second)])
    rounding = agree([(ids, plain, second)])
    for name, each in (
        ("source and torch, the noise", noise),
        ("source and export", there),
        ("torch and export", rounding),
    ):
        print(
            f"{name}: differ by {each.mean:.4f} on average, {each.largest:.3f} at most "
            f"(spread {each.spread:.2f}), KL {each.divergence:.6f}, same first choice "
            f"{each.same_top:.2%}",
            flush=True,
        )
    holds = (
        there.mean <= NOISE_BAR * noise.mean
        and rounding.mean <= F16_BAR * noise.mean
        and there.same_top >= noise.same_top - TOP_BAR
    )
    figure = (
        f"export differs from the source by {there.mean / noise.mean:.2f} times the "
        f"noise, from torch by {rounding.mean / noise.mean:.3f} times, same first "
        f"choice {there.same_top:.1%} (torch {noise.same_top:.1%})"
    )
    return holds, figure


def learn(folder, decoder, texts):
    """Train in bfloat16, then put the adapter into the decoder in float32."""
    fresh = load_adapted(folder / "torch", LORA)
    with tqdm(total=STEPS, desc="training", unit="step") as bar:

        def observe(step):
            bar.set_postfix(loss=f"{step.loss:.3f}")
            bar.update()

        train(fresh, [row(ids) for ids in texts], LOOP, folder / "run", observe=observe)
    own = dict(fresh.named_parameters())
    with torch.no_grad():
        for name, parameter in decoder.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(own[name])


def row(ids):
    mask = np.arange(LENGTH) > 0
    zeros = np.zeros(LENGTH, np.int32)
    return Row(np.array(ids, np.int32), mask, zeros, np.arange(LENGTH, dtype=np.int32))


def drops(source, adapter, decoder, texts):
    """By how much the adapter lowers the loss of other files, in both."""
    found = {"torch": [], "llama.cpp": []}
    for change in (None, adapter):
        with opened(source, LENGTH, change) as run:
            theirs = np.mean([losses(ids, run(ids)) for ids in texts])
        with adapting(decoder, change is not None):
            ours = np.mean([losses(ids, logits(decoder, ids)) for ids in texts])
        found["torch"].append(ours)
        found["llama.cpp"].append(theirs)
    for name, (before, after) in found.items():
        print(f"{name}: loss {before:.4f}, with the adapter {after:.4f}", flush=True)
    ours, theirs = (before - after for before, after in found.values())
    noise = abs(found["torch"][0] - found["llama.cpp"][0])
    holds = theirs > 0 and abs(ours - theirs) <= DROP_BAR * ours + noise
    figure = (
        f"the adapter's loss drops by {ours:.4f} in torch and {theirs:.4f} in "
        f"llama.cpp (noise {noise:.4f})"
    )
    return holds, figure


@contextmanager
def adapting(decoder, on):
    """The decoder with its adapter, or as if it had none."""
    named = decoder.named_parameters()
    halves = [half for name, half in named if name.endswith(".lora_b")]
    kept = [half.detach().clone() for half in halves]
    with torch.no_grad():
        for half in halves:
            half.mul_(float(on))
        yield
        for half, value in zip(halves, kept, strict=True):
            half.copy_(value)


if __name__ == "__main__":
    sys.exit(main())
