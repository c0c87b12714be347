"""Process start to text: our command over llama.cpp's own, on the same prompt."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import holes
import reference
from harness import model, others, settings, spread, threads, verdict
from tqdm import tqdm

from codeassist.engine import Stop, open_runtime
from codeassist.engine.models.store import Located

BAR = 1.3
ROUNDS = 15
LEAST_GENERATED = 8
BUSY = 0.5
"""Cores of others from which on our command leaves one to them."""

OURS, WARM, COLD = (
    "codeassist complete",
    "llama-completion",
    "llama-completion --no-warmup",
)


@dataclass(frozen=True, slots=True)
class Task:
    """The hole that both programs fill."""

    hole: holes.Hole
    prompt: str
    """The exact prompt, special tokens spelled out."""

    n_prompt: int
    n_ctx: int
    text: str
    n_generated: int


def main() -> int:
    located, n_threads = model(), threads()
    task = _task(located)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        commands = _commands(folder, task, located, n_threads)
        times: dict[str, list[float]] = {title: [] for title in commands}
        for command in commands.values():  # weights into the page cache
            _timed(command, folder, task.text)
        busy = [others()]
        for number in tqdm(range(ROUNDS), "rounds"):
            order = [*commands][number % 3 :] + [*commands][: number % 3]
            for title in order:
                times[title].append(_timed(commands[title], folder, task.text))
        busy.append(others())
    print(
        f"{task.n_prompt} prompt tokens, {task.n_generated} generated, {n_threads} "
        f"threads, weights in the page cache; {ROUNDS} rounds in turns; process "
        "start to the last byte of the text"
    )
    if max(busy) > BUSY:
        print(
            f"not a quiet machine: others keep {max(busy):.1f} cores busy, so ours "
            "took fewer threads than the reference; the ratio below flatters it"
        )
    medians = {title: statistics.median(values) for title, values in times.items()}
    for title, values in times.items():
        print(spread(title, values, "s"))
    faster = min(WARM, COLD, key=medians.__getitem__)
    ratio = medians[OURS] / medians[faster]
    print(f"the faster reference is {faster}")
    return verdict("cold-start", f"{ratio:.2f}", f"<= {BAR:.1f}", holds=ratio <= BAR)


def _task(located: Located) -> Task:
    """The hole with the prompt of middle length, of those that end at a line break."""
    completer = open_runtime(settings(located)).completer
    requests = [(hole, holes.request(hole)) for hole in holes.pick()]
    requests.sort(key=lambda pair: len(completer.plan(pair[1]).prompt.tokens))
    middle = len(requests) // 2
    for hole, request in requests[middle:]:
        answer = completer.complete(request)
        if not answer.text or answer.completions[0].stop is not Stop.RULE:
            continue
        if answer.timings.generated < LEAST_GENERATED:
            continue
        completer.forget()  # as in a process of its own
        planned = completer.plan(request).prompt
        if planned.pending.strip():
            continue  # the tool cannot be told how its text begins
        tokens = planned.tokens
        vocab = completer.session.model.vocab
        prompt = vocab.detokenize(tokens, special=True)
        if vocab._ids(prompt, special=True) == tokens:
            return Task(
                hole=hole,
                prompt=prompt,
                n_prompt=len(tokens),
                n_ctx=completer.session.n_ctx,
                text=answer.text,
                n_generated=answer.timings.generated,
            )
    msg = "no hole has a prompt that spells out to the same ids and ends at a line"
    raise SystemExit(msg)


def _commands(
    folder: Path, task: Task, located: Located, n_threads: int
) -> dict[str, list[str]]:
    """Ours, and llama.cpp's with and without its warm-up, at their leanest."""
    path, adapter = located.path, located.adapter
    source = folder / task.hole.path
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_bytes((task.hole.prefix + task.hole.suffix).encode())
    prompt = folder / "prompt"
    prompt.write_bytes(task.prompt.encode())
    line, column = task.hole.position
    ours = [
        *(str(Path(sys.executable).with_name("codeassist")), "complete"),
        *(f"{task.hole.path}:{line}:{column}", "--lines", "one"),
        *("--model", str(path), "--threads", str(n_threads)),
        *(("--adapter", str(adapter)) if adapter else ()),
    ]
    theirs = [
        *(str(reference.tool("llama-completion")), "-m", str(path)),
        *("-bf", str(prompt), "-n", str(task.n_generated), "-c", str(task.n_ctx)),
        *("-t", str(n_threads), "--temp", "0", "--samplers", "top_k", "--top-k", "1"),
        *("-no-cnv", "--no-display-prompt", "-fit", "off", "--offline"),
        *(("--lora", str(adapter)) if adapter else ()),
    ]
    return {OURS: ours, WARM: theirs, COLD: [*theirs, "--no-warmup"]}


def _timed(command: list[str], folder: Path, text: str) -> float:
    """Seconds from the process's start to the end of its text, which must be ours."""
    start = time.perf_counter()
    last = start
    said = b""
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    ) as process:
        while process.stdout and (part := process.stdout.read(65536)):
            last = time.perf_counter()
            said += part
    if process.returncode or text not in said.decode("utf-8", "replace"):
        msg = f"{json.dumps(command)} exited {process.returncode}, saying {said!r}"
        raise SystemExit(msg)
    return last - start


if __name__ == "__main__":
    sys.exit(main())
