"""[finetune-resume] Killed with `kill -9` in every stage, resumed, the same result.

`finetune_resume.py [STEPS]`. A repository is learned twice over the house's adapter with
so many steps, on one thread each: once let alone, once killed while examples are made,
twice while it trains and while it judges, each time begun again with the same command.
The adapters must be equal byte for byte, and so must what was judged. Then somebody
types through the real server while the adapter is switched on and taken back.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from codeassist.arguments.finetuning import add_finetune
from codeassist.commands.finetune_job import job_of
from codeassist.commands.finetune_sizes import Sizes
from tests.bench.finetune_repositories import PACKAGES, grown
from tests.bench.finetune_run import command, environment, finetuned, house
from tests.bench.finetune_swap import swap
from tests.bench.harness import verdict

STEPS = 8
EXAMPLES, HOLES = 40, 24
KILLS = (("examples", 0.0), ("training", 0.2), ("training", 0.7), ("judging", 0.3))
"""Stage, and how much of it was done."""

BUDGET = ("--budget", "30m")
ONE_THREAD = ("--threads", "1")
"""Sums come out the same whoever else is busy."""


def main() -> int:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    root = grown(PACKAGES[0].name, PACKAGES[0].releases)
    with tempfile.TemporaryDirectory() as folder:
        whole, halves = Path(folder) / "whole", Path(folder) / "halves"
        for out in (whole, halves):
            _begun(root, out, steps)
        told = finetuned(root, whole, *BUDGET, *ONE_THREAD)
        killed = sum(_killed(root, halves, *kill) for kill in KILLS)
        again = finetuned(root, halves, *BUDGET, *ONE_THREAD)
        same = _bytes(whole) == _bytes(halves) and _result(told) == _result(again)
        apart = environment(Path(folder) / "swap")
        swapped = swap(halves / "adapter.gguf", house().path, apart)
    names = [each or "none" for each in swapped.adapters]
    print(f"let alone: {_result(told)}\nkilled {killed} times: {_result(again)}")
    print(
        f"{swapped.asked} requests, answered with {' -> '.join(names)} {swapped.note}"
    )
    figure = (
        f"{'the same' if same else 'another'} result after {killed} kills, "
        f"{swapped.failed} of {swapped.asked} requests failed"
    )
    bar = f"the same after {len(KILLS)}, none failed, none -> swapped -> none"
    switched = names == ["none", "swapped", "none"]
    holds = same and killed == len(KILLS) and switched and not swapped.failed
    return verdict("finetune-resume", figure, bar, holds=holds)


def _begun(root: Path, out: Path, steps: int) -> None:
    """A folder whose sizes are fixed, as they are measured otherwise."""
    parser = argparse.ArgumentParser()
    add_finetune(parser.add_subparsers())
    args = parser.parse_args(command(root, out, *BUDGET, *ONE_THREAD)[3:])
    sizes = Sizes(steps, EXAMPLES, HOLES, measured=True)
    out.mkdir()
    (out / "key.txt").write_text(job_of(args).key)
    (out / "sizes.json").write_text(json.dumps(asdict(sizes)))


def _killed(root: Path, out: Path, stage: str, share: float) -> bool:
    """Kill it once so much of a stage is done; False: it ended before."""
    asked = command(root, out, *BUDGET, *ONE_THREAD, "--progress", "json")
    with subprocess.Popen(
        asked,
        env=environment(out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            told = json.loads(line) if line.startswith("{") else {}
            if told.get("stage") == stage and told["done"] >= share * told["total"]:
                process.kill()
                break
        status = process.wait()
    print(f"{stage}: status {status}", flush=True)
    return status == -signal.SIGKILL


def _bytes(out: Path) -> bytes:
    return (out / "adapter.gguf").read_bytes()


def _result(told: dict[str, Any]) -> dict[str, Any]:
    """What was found, times apart."""
    figures = told["figures"].items()
    kept = {name: value for name, value in figures if not name.startswith("ms_")}
    return {"accepted": told["accepted"], **kept}


if __name__ == "__main__":
    sys.exit(main())
