"""A LoRA of SmolLM2-135M on real code, killed at random and in mid-save, and resumed."""

import json
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import threads, verdict

from codeassist.training.loop import LoopSettings, last_step, train
from codeassist.training.lora import LoraParts, load_adapted
from tests.bench.training_ground import checkpoint, code_rows

MODEL = "smollm2-135m"
STEPS, SAVE_EVERY, LENGTH = 12, 2, 192
RUNS = 3
"""Each is killed three times: twice after a random time, once while it saves."""


def settings():
    return LoopSettings(
        steps=STEPS,
        rows_per_step=2,
        rows_per_batch=1,
        lr=1e-3,
        ema=0.9,
        save_every=SAVE_EVERY,
        threads=threads(),
    )


def worker(folder):
    """Train, or go on training, and write each step down."""
    rows = pickle.loads((folder.parent / "rows.pickle").read_bytes())
    lora = LoraParts(rank=8, alpha=16, dropout=0.1)
    decoder = load_adapted(checkpoint(MODEL), lora)
    with (folder / "log.jsonl").open("a") as log:

        def write(step):
            entry = {"step": step.step, "loss": step.loss, "norm": step.grad_norm}
            print(json.dumps(entry), file=log, flush=True)

        train(decoder, rows, settings(), folder, observe=write)


def start(folder):
    folder.mkdir(exist_ok=True)
    command = [sys.executable, __file__, "--worker", str(folder)]
    return subprocess.Popen(command)


def lines(folder):
    """What was written, but for a last line that a kill cut short."""
    log = folder / "log.jsonl"
    text = log.read_text() if log.is_file() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]


def until(process, condition):
    """Wait; say whether it came about before the process ended."""
    while process.poll() is None:
        if condition():
            return True
        time.sleep(0.0005)
    return False


def kill_at_random(folder, process, dice, pace):
    """Some steps from now, anywhere within a step."""
    goal = len(lines(folder)) + dice.randint(1, 4)
    until(process, lambda: len(lines(folder)) >= goal)
    time.sleep(dice.random() * pace)
    return kill(process)


def kill_in_a_save(folder, process, _dice, _pace):
    """As soon as there is part of a state."""
    until(process, lambda: any((folder / "state").glob("*.part")))
    return kill(process)


def kill(process):
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return alive


def cut_run(folder, dice, pace):
    """Kill a run three times and let it end; how many kills met it, and in a save."""
    kills = in_save = 0
    ways = [kill_at_random, kill_in_a_save, kill_at_random]
    dice.shuffle(ways)
    for way in ways:
        kills += way(folder, start(folder), dice, pace)
        in_save += any((folder / "state").glob("*.part"))
        print(
            f"{folder.name}: killed at line {len(lines(folder))} of the log, "
            f"the last state is of step {last_step(folder)}",
            flush=True,
        )
    assert start(folder).wait() == 0, "the last run failed"
    return kills, in_save


def state(folder):
    """The last state's tensors, as bytes: adapters, moments, averages."""
    last = folder / "state" / f"step-{STEPS:08d}"
    return (last / "tensors.safetensors").read_bytes()


def main():
    dice = random.Random()
    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        checkpoint(MODEL)
        rows = code_rows(MODEL, count=10, length=LENGTH)
        (top / "rows.pickle").write_bytes(pickle.dumps(rows))
        began = time.monotonic()
        assert start(top / "whole").wait() == 0, "the whole run failed"
        pace = (time.monotonic() - began) / STEPS / 2
        expected = {line["step"]: line for line in lines(top / "whole")}
        losses = [expected[n]["loss"] for n in (1, STEPS)]
        print(f"whole: {STEPS} steps, loss {losses[0]:.4f} to {losses[1]:.4f}")
        equal = kills = in_save = 0
        for number in range(RUNS):
            folder = top / f"cut-{number}"
            found = cut_run(folder, dice, pace)
            kills, in_save = kills + found[0], in_save + found[1]
            curve = lines(folder)
            same = all(line == expected[line["step"]] for line in curve)
            whole = {line["step"] for line in curve} == set(expected)
            equal += same and whole and state(folder) == state(top / "whole")
        print(f"{kills} kills met a run at work, {in_save} of them in mid-save")
    enough = kills >= 3 and in_save >= 1
    return verdict(
        "train-resume",
        f"{equal} of {RUNS} curves equal",
        "all",
        holds=equal == RUNS and enough,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        sys.exit(worker(Path(sys.argv[2])))
    sys.exit(main())
