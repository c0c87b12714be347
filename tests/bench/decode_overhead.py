"""Time per token of our decoding loop, over that of llama.cpp's own benchmark."""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import holes
import reference
from harness import model, spread, threads, verdict
from tqdm import tqdm

from codeassist.config import Settings
from codeassist.engine.decode import Generation, Greedy, Model, Session, ThreadPolicy
from codeassist.engine.decode.threads import Load, machine_load

BAR = 1.05
ROUNDS = 8
REPETITIONS = 3
DEPTH = 256
TOKENS = 64


def main() -> int:
    path, n_threads = model().path, threads()
    tool = reference.tool("llama-bench")
    session = Session(
        Model(path),
        n_ctx=Settings().model.n_ctx,
        threads=ThreadPolicy(n_threads, _undisturbed),
    )
    prompt = _prompt(session)
    _ours(session, prompt)  # a warm-up, as llama-bench has one of its own
    ours: list[float] = []
    theirs: list[float] = []
    for number in tqdm(range(ROUNDS), "rounds"):
        turns = [
            lambda: ours.extend(_ours(session, prompt) for _ in range(REPETITIONS)),
            lambda: theirs.extend(_theirs(tool, path, n_threads)),
        ]
        for turn in turns if number % 2 else reversed(turns):
            turn()
    print(
        f"{TOKENS} tokens after {DEPTH}, {n_threads} threads, greedy, with their "
        f"log-probabilities; {ROUNDS} rounds in turns, each {REPETITIONS} runs"
    )
    print(spread("ours", ours, "ms per token"))
    print(spread("llama-bench", theirs, "ms per token"))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"best over best: {min(ours) / min(theirs):.3f}")
    return verdict(
        "decode-overhead", f"{ratio:.3f}", f"<= {BAR:.2f}", holds=ratio <= BAR
    )


def _undisturbed() -> Load:
    """The load, looked at as always, but all our own: the threads stay as many."""
    load = machine_load()
    return replace(load, own=load.all)


def _prompt(session: Session) -> list[int]:
    """The first tokens of a real source file."""
    longest = max(holes.pick(), key=lambda hole: len(hole.prefix))
    return session.model.vocab.tokenize(longest.prefix)[:DEPTH]


def _ours(session: Session, prompt: list[int]) -> float:
    """Milliseconds from one token to the next: a step, a choice, a probability."""
    session.clear()
    session.evaluate(prompt)
    generation = Generation(
        session, sampler=Greedy(), ends=frozenset(), max_tokens=TOKENS + 1
    )
    times = [time.perf_counter() for _ in generation]
    if len(times) != TOKENS + 1:
        msg = f"the model ended after {len(times)} tokens ({generation.stop})"
        raise SystemExit(msg)
    return 1000 * sum(b - a for a, b in pairwise(times)) / TOKENS


def _theirs(tool: Path, path: Path, n_threads: int) -> list[float]:
    """Milliseconds per token of some runs of llama-bench at the same depth."""
    options = {"-p": 0, "-n": TOKENS, "-d": DEPTH, "-t": n_threads, "-r": REPETITIONS}
    command = [str(tool), "-m", str(path), "-o", "json"]
    for name, value in options.items():
        command += [name, str(value)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (test,) = json.loads(done.stdout)
    return [nanoseconds / TOKENS / 1e6 for nanoseconds in test["samples_ns"]]


if __name__ == "__main__":
    sys.exit(main())
