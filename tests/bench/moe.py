"""A mixture of experts, upcycled from SmolLM2: it learns, stays balanced, and is served.

The first layers of the model stand for all of them, so that 200 steps on a CPU take
minutes; the same recipe without the cut trains the whole one. `CODEASSIST_BENCH_STEPS`:
another number of steps.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from harness import settings, verdict

from codeassist.arguments.training import add_train
from codeassist.commands import train
from codeassist.config import cache_dir
from codeassist.decoder import CONFIG_FILE, TOKENIZER_FILE, tensor_shapes
from codeassist.engine import Request, open_runtime
from codeassist.engine.decode import open_vocabulary
from codeassist.engine.models import store
from codeassist.errors import ModelMissingError
from codeassist.languages import of_path
from codeassist.quantize.convert import to_checkpoint
from codeassist.training.checkpoint import (
    load_decoder,
    read_config,
    read_tensors,
    save_checkpoint,
)
from codeassist.training.log import read_log
from tests.quantize.running import logits

ROOT = Path(__file__).parents[2]
MODEL = "smollm2-135m"
LAYERS, STEPS = 4, 200
CODE = ROOT / "engine" / "completer.py"
TOKENS = 200
BAR, PARITY = 2.0, 0.002

RECIPE = f"""
[base.rename]
"<jupyter_start>" = "<fim_prefix>"
"<jupyter_text>" = "<fim_suffix>"
"<jupyter_code>" = "<fim_middle>"

[upcycle]
experts = 8
used = 2
pieces = 1
shared = 1
noise = 0.005

[data]
sources = ["{ROOT.as_posix()}"]
length = 256

[data.fim]
rate = 0.9
holes = 2

[loop]
steps = {int(os.environ.get("CODEASSIST_BENCH_STEPS", STEPS))}
rows_per_step = 2
rows_per_batch = 2
lr = 2e-4
schedule = "wsd"
warmup = 20
dtype = "float32"
balance = 1.0
"""


def main() -> int:
    base = cache_dir() / "bench" / f"{MODEL}-{LAYERS}-layers"
    if not (base / CONFIG_FILE).is_file():
        cut(base)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "moe.toml").write_text(RECIPE)
        model = ("--set", f"base.model={base}")
        command("train", str(folder / "moe.toml"), "--out", str(folder / "run"), *model)
        steps = read_log(folder / "run")
        first, last, noise = fall(steps)
        largest = largest_share(steps)
        path = folder / "run" / "model.gguf"
        error = parity(folder / "run" / "checkpoint", path)
        completed = completions(path)
    print(f"loss: fell by {(first - last) / noise:.1f} standard errors")
    print(f"logits in llama.cpp: within {error:.5f} of torch's (bar: {PARITY})")
    print(f"completions: {completed} of {len(HOLES)} with text")
    figure = f"loss {first:.2f} -> {last:.2f}, largest share {largest:.2f} of its share"
    falls = first - last > 3 * noise
    holds = falls and largest <= BAR and error <= PARITY and completed > 0
    bar = f"falls, at most {BAR}, exports, completes"
    return verdict("moe", figure, bar, holds=holds)


def cut(target: Path) -> None:
    """The first layers of the real model as a checkpoint of their own."""
    try:
        path = store.resolve(MODEL).path
    except ModelMissingError:
        pull = [sys.executable, "-m", "codeassist", "models", "pull", MODEL]
        subprocess.run(pull, check=True)
        path = store.resolve(MODEL).path
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place)
        to_checkpoint(path, whole)
        config = read_config(whole)
        tensors = read_tensors(whole, config)
        config = replace(config, layers=LAYERS)
        kept = {name: tensors[name] for name in tensor_shapes(config)}
        save_checkpoint(target, config, kept, tokenizer=whole / TOKENIZER_FILE)


def command(*words: str) -> None:
    parser = argparse.ArgumentParser()
    add_train(parser.add_subparsers())
    status = train.run(parser.parse_args([*words, "--gguf", "F32"]))
    assert status == 0, status


def fall(steps) -> tuple[float, float, float]:
    """Mean loss of the first and of the last 20 steps, and the error of their difference."""
    loss = np.array([step["loss"] for step in steps])
    ends = loss[:20], loss[-20:]
    noise = np.sqrt(sum(end.var(ddof=1) / len(end) for end in ends))
    return float(ends[0].mean()), float(ends[1].mean()), float(noise)


def largest_share(steps) -> float:
    """Of any expert in any layer over the last 50 steps, 1 being its due."""
    shares = np.array([step["shares"] for step in steps[-50:]])  # (steps, layers, E)
    print("shares by layer:")
    for layer in shares.mean(axis=0) * shares.shape[-1]:
        print("  " + " ".join(f"{share:.2f}" for share in layer))
    return float(shares.mean(axis=0).max() * shares.shape[-1])


def parity(checkpoint: Path, path: Path) -> float:
    """Largest difference of logits between torch and llama.cpp on real code."""
    vocabulary = open_vocabulary(checkpoint / TOKENIZER_FILE)
    tokens = vocabulary.tokenize(CODE.read_text("utf-8"))[:TOKENS]
    decoder = load_decoder(checkpoint)
    with torch.no_grad():
        ours = decoder(torch.tensor([tokens])).logits[0].numpy()
    theirs = logits(path, tokens)
    print(f"spread of the logits: {ours.std():.1f}")
    return float(np.abs(theirs - ours).max())


HOLES = (
    ("def add(a, b):\n    return ", "\n\n\nprint(add(1, 2))\n"),
    ("import os\nimport ", "\n\n\ndef main():\n    sys.exit(0)\n"),
    ("class Point:\n    def __init__(self, x, y):\n        self.x = ", "\n"),
    ("for name in names:\n    ", "\n"),
    ('    """Return the ', '"""\n    return value\n'),
)


def completions(path: Path) -> int:
    """How many places are completed by the engine that serves editors."""
    runtime = open_runtime(settings(store.resolve(str(path))))
    print(f"form of prompt: {runtime.family or 'none'}")
    if not runtime.family:
        return 0
    found = 0
    for before, after in HOLES:
        request = Request(before, after, path="a.py", language=of_path("a.py"))
        answer = runtime.completer.complete(request)
        print(f"  {before[-30:]!r} -> {answer.text[:60]!r}")
        found += bool(answer.text)
    return found


if __name__ == "__main__":
    sys.exit(main())
