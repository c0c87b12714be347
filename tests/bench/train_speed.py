"""Tokens per second of our LoRA step against transformers and peft, taken in turns.

`train_speed.py [ROUNDS]`. Same weights, rows, rank, threads and types; each side does
the step as it does it. On a GPU the MFU of full training at 135M parameters comes
before.
"""

import json
import pickle
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from harness import spread, threads, verdict
from safetensors.torch import save_file

from codeassist.training.checkpoint import read_config, read_tensors
from codeassist.training.fim_data import Row
from codeassist.training.flops import matmul_rate, step_cost
from codeassist.training.loop import LoopSettings, train
from codeassist.training.lora import LoraParts, load_adapted
from codeassist.training.model import Decoder
from codeassist.training.presets import preset
from tests.bench.training_ground import CACHE, checkpoint, code_rows

BAR, BAR_MFU = 1.3, 0.45
MODEL, ROWS, LENGTH = "qwen2.5-coder-0.5b", 2, 512
LORA = LoraParts(rank=16, alpha=32)
LR, ROUNDS = 1e-4, 6
PEERS = (
    "transformers==5.23.0",
    "peft==0.21.2",
    "accelerate==1.15.0",
    "regex",
    "pyyaml",
)
SAME = 0.01
"""How far the first losses may be apart, both being sums in bfloat16."""

HERE = Path(__file__).parent


def ours(rows):
    """Train with `train` itself, one step at a command."""
    decoder = load_adapted(checkpoint(MODEL), LORA)
    settings = LoopSettings(
        steps=1_000_000,
        rows_per_step=len(rows),
        rows_per_batch=len(rows),
        lr=LR,
        schedule="constant",
        warmup=0,
        threads=threads(),
        save_every=1_000_000,
    )

    def answer(step):
        print(json.dumps({"loss": step.loss, "seconds": step.seconds}), flush=True)
        sys.stdin.readline()

    sys.stdin.readline()
    with tempfile.TemporaryDirectory() as folder:
        train(decoder, rows, settings, Path(folder), observe=answer)


class Side:
    """One of the two, in a process of its own, that makes a step when told to."""

    def __init__(self, script, *arguments, path=()):
        command = [sys.executable, str(HERE / script), *map(str, arguments)]
        self._process = subprocess.Popen(
            ["env", f"PYTHONPATH={':'.join(map(str, path))}", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def step(self):
        print(file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, "a side ended before its time"
        return json.loads(line)

    def end(self):
        self._process.kill()
        self._process.wait()


def peers():
    """A folder with transformers and peft, of this bench alone."""
    folder = CACHE / "peft"
    done = folder / "installed.txt"
    if not done.is_file() or done.read_text() != " ".join(PEERS):
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps"]
        subprocess.run([*pip, "--upgrade", "--target", str(folder), *PEERS], check=True)
        done.write_text(" ".join(PEERS))
    return folder


def hugging_face():
    """Our checkpoint as transformers reads it; qwen2 needs no permutation."""
    source, folder = checkpoint(MODEL), CACHE / "hugging-face" / MODEL
    if (folder / "config.json").is_file():
        return folder
    c = read_config(source)
    tensors = read_tensors(source, c)
    folder.mkdir(parents=True, exist_ok=True)
    renamed = {_theirs(name): tensor.bfloat16() for name, tensor in tensors.items()}
    save_file(renamed, folder / "model.safetensors", metadata={"format": "pt"})
    about = {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "vocab_size": c.vocab_size,
        "hidden_size": c.width,
        "intermediate_size": c.ffn_width,
        "num_hidden_layers": c.layers,
        "num_attention_heads": c.heads,
        "num_key_value_heads": c.kv_heads,
        "max_position_embeddings": c.context,
        "rms_norm_eps": c.norm_eps,
        "rope_theta": c.rope.base,
        "tie_word_embeddings": c.tied,
        "hidden_act": "silu",
        "torch_dtype": "bfloat16",
    }
    (folder / "config.json").write_text(json.dumps(about))
    return folder


def _theirs(name):
    stem, _, suffix = name.rpartition(".")
    top = {"embedding": "model.embed_tokens", "norm": "model.norm", "output": "lm_head"}
    if stem in top:
        return f"{top[stem]}.{suffix}"
    _, layer, part = stem.split(".", 2)
    room, _, which = part.partition(".")
    inner = {
        "attention_norm": "input_layernorm",
        "ffn_norm": "post_attention_layernorm",
        "attention": f"self_attn.{which}_proj",
        "ffn": f"mlp.{which}_proj",
    }
    return f"model.layers.{layer}.{inner[room]}.{suffix}"


def long_rows():
    """Rows of one example each and hardly any padding: no side has to mask anything.

    Of those, the ones with as many learned tokens as FIM rows have on average.
    """
    rows = code_rows(MODEL, count=100, length=LENGTH)
    usual = sum(row.mask.sum() for row in rows) / len(rows)
    full = [
        row
        for row in rows
        if row.documents.max() == 0 and (row.documents == 0).mean() > 0.95
    ]
    return sorted(full, key=lambda row: abs(row.mask.sum() - usual))[:ROWS]


def on_cpu(rounds):
    rows = long_rows()
    every = [
        replace(row, mask=(row.documents == 0) & (row.positions > 0)) for row in rows
    ]
    ratios = [
        compare("loss on the middles", rows, rounds),
        compare("loss on every token", every, rounds),
    ]
    return verdict(
        "train-speed",
        f"{min(ratios):.2f} times the tokens/s of transformers + peft, "
        f"{max(ratios):.2f} with the loss on the middles",
        BAR,
        holds=min(ratios) >= BAR,
    )


def compare(name, rows, rounds):
    """The ratio of the two sides on some rows."""
    tokens = sum(int((row.documents >= 0).sum()) for row in rows)
    learned = sum(int(row.mask.sum()) for row in rows)
    print(f"{name}: {ROWS} rows of {LENGTH}, {tokens} tokens, {learned} learned")
    with tempfile.TemporaryDirectory() as place:
        peft, own = sides(Path(place), rows)
        try:
            first = {"ours": own.step()["loss"], "peft": peft.step()["loss"]}
            seconds = {"ours": [], "peft": []}
            for number in range(rounds):
                turn = [("ours", own), ("peft", peft)]
                for side, process in turn[:: 1 if number % 2 else -1]:
                    seconds[side].append(process.step()["seconds"])
        finally:
            own.end()
            peft.end()
    print(f"first loss: ours {first['ours']:.4f}, peft {first['peft']:.4f}")
    assert abs(first["ours"] / first["peft"] - 1) < SAME, "the losses differ"
    for side, each in seconds.items():
        print(spread(side, [tokens / second for second in each], "tokens/s"))
    cost = step_cost(read_config(checkpoint(MODEL)), length=LENGTH, lora=LORA)
    rate = matmul_rate("bfloat16", threads=threads())
    mfu = cost.flops(tokens, learned) / min(seconds["ours"]) / rate
    print(f"MFU {mfu:.0%} of {rate / 1e9:.0f} GFLOP/s that bfloat16 products reach")
    ratios = [b / a for a, b in zip(seconds["ours"], seconds["peft"], strict=True)]
    print(spread("ratio", ratios, "times"))
    return statistics.median(ratios)


def sides(folder, rows):
    """Both, at work on the same rows."""
    given = folder / "rows.pickle"
    given.write_bytes(pickle.dumps(rows))
    np.savez(
        folder / "rows.npz",
        tokens=np.stack([row.tokens for row in rows]),
        mask=np.stack([row.mask for row in rows]),
        real=np.stack([row.documents >= 0 for row in rows]),
    )
    settings = {"rank": LORA.rank, "alpha": LORA.alpha, "lr": LR, "threads": threads()}
    arguments = hugging_face(), folder / "rows.npz", json.dumps(settings)
    return (
        Side("peft_worker.py", *arguments, path=[peers()]),
        Side("train_speed.py", "--ours", given, path=[HERE.parents[1], HERE]),
    )


def on_gpu():
    """MFU of full training at SmolLM2-135M's shape; what the tokens say is all one."""
    decoder = Decoder(preset("smollm2-135m"))
    decoder.initialise(0)
    length, ids = 2048, np.random.default_rng(0)
    rows = [
        Row(
            ids.integers(decoder.config.vocab_size, size=length, dtype=np.int32),
            np.arange(length) > 0,
            np.zeros(length, np.int32),
            np.arange(length, dtype=np.int32),
        )
        for _ in range(64)
    ]
    settings = LoopSettings(
        steps=40, rows_per_step=64, rows_per_batch=16, compile=True, warmup=0
    )
    steps = []
    with tempfile.TemporaryDirectory() as folder:
        train(decoder, rows, settings, Path(folder), observe=steps.append)
    cost = step_cost(decoder.config, length=length)
    pace = statistics.median(step.seconds for step in steps[20:])
    done = cost.flops(steps[-1].tokens, steps[-1].learned_tokens) / pace
    mfu, tokens = done / matmul_rate("bfloat16"), steps[-1].tokens / pace
    return verdict(
        "train-speed (GPU)",
        f"{mfu:.0%} MFU at 135M, {tokens:,.0f} tokens/s",
        f"{BAR_MFU:.0%}",
        holds=mfu >= BAR_MFU,
    )


def main():
    status = on_gpu() if torch.cuda.is_available() else 0
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    return on_cpu(rounds) or status


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ours"]:
        sys.exit(ours(pickle.loads(Path(sys.argv[2]).read_bytes())))
    sys.exit(main())
