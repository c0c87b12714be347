"""Exact match on fifty holes, ours beside llama.cpp's own server on the same prompts."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import llama_server
from harness import model, settings, threads, verdict
from holes import TIME_LIMIT_MS, Hole, exact, pick, request, similarity
from llama_server import Server
from tqdm import tqdm

from codeassist.engine import Runtime, open_runtime
from codeassist.engine.decode.steps import LARGEST

THROUGH_THE_COMMAND = (0, 25, 49)
"""Holes that also go through the command itself, each in a process of its own."""


@dataclass(slots=True)
class Score:
    """What one of the programs made of the holes."""

    name: str
    texts: list[str] = field(default_factory=list)

    def exact(self, holes: list[Hole]) -> int:
        """How many holes it filled with what once stood there."""
        return sum(map(exact, self.texts, holes))

    def line(self, holes: list[Hole]) -> str:
        """One line for a person."""
        alike = sum(map(similarity, self.texts, holes)) / len(holes)
        return (
            f"{self.name}: exact {self.exact(holes)} of {len(holes)}, "
            f"edit similarity {alike:.3f} (difflib)"
        )


def main() -> int:
    located = model()
    runtime = open_runtime(settings(located))
    holes = pick()
    with llama_server.running(
        located.path,
        adapter=located.adapter,
        n_ctx=runtime.completer.session.n_ctx,
        threads=threads(),
        step=LARGEST,
        patient=True,
    ) as server:
        ours, theirs, infill = _fill(holes, runtime, server)
    print(
        "greedy, the same prompt ids for ours and the server, cut at the line's end; "
        f"{_sources(holes)}"
    )
    for score in (ours, theirs, infill):
        print(score.line(holes))
    _differences(holes, ours, theirs)
    _same_through_the_command(holes, ours, located.path, located.adapter)
    won, lost = ours.exact(holes), theirs.exact(holes)
    return verdict(
        "holes-vs-llamacpp",
        f"{won} of {len(holes)}, llama-server {lost}",
        ">= llama-server",
        holds=won >= lost and won > 0,
    )


def _differences(holes: list[Hole], ours: Score, theirs: Score) -> None:
    """Each hole on which the same prompt came to two answers."""
    rows = enumerate(zip(holes, ours.texts, theirs.texts, strict=True))
    different = [row for row in rows if row[1][1] != row[1][2]]
    print(f"ours and the server differ on {len(different)} holes")
    for n, (hole, our, their) in different:
        print(f"  {n} {hole.path}: ours {our!r}, server {their!r}, was {hole.middle!r}")


def _sources(holes: list[Hole]) -> str:
    counts = Counter(Path(hole.path).suffix for hole in holes)
    return ", ".join(f"{n} holes in {ending}" for ending, n in counts.items())


def _fill(
    holes: list[Hole], runtime: Runtime, server: Server
) -> tuple[Score, Score, Score]:
    ours = Score("ours")
    theirs = Score("llama-server, our prompt")
    infill = Score("llama-server, its own /infill (for information)")
    for hole in tqdm(holes, "holes"):
        asked = request(hole)
        runtime.completer.forget()  # as in a process of its own
        plan = runtime.completer.plan(asked)
        ours.texts.append(runtime.completer.complete(asked).text)
        n = plan.max_tokens
        prompt = plan.prompt
        theirs.texts.append(server.completion(prompt.tokens, n, begins=prompt.pending))
        infill.texts.append(server.infill(hole.prefix, hole.suffix, n))
    return ours, theirs, infill


def _same_through_the_command(
    holes: list[Hole], ours: Score, path: Path, adapter: Path | None
) -> None:
    """Refuse figures that are not those of the command that a user runs."""
    for n in tqdm(THROUGH_THE_COMMAND, "the command"):
        text = _through_the_command(holes[n], path, adapter)
        if text != ours.texts[n]:
            msg = f"hole {n}: the command says {text!r}, the engine {ours.texts[n]!r}"
            raise SystemExit(msg)


def _through_the_command(hole: Hole, path: Path, adapter: Path | None) -> str:
    program = Path(sys.executable).with_name("codeassist")
    line, column = hole.position
    command = [shutil.which(program) or "codeassist", "complete", "--stdin", "--json"]
    command += ["--path", hole.path, "--lines", "one", "--model", str(path)]
    command += ["--time-limit-ms", str(TIME_LIMIT_MS), f"{line}:{column}"]
    if adapter is not None:
        command += ["--adapter", str(adapter)]
    with tempfile.TemporaryDirectory() as folder:  # no project settings there
        done = subprocess.run(
            command,
            input=(hole.prefix + hole.suffix).encode(),
            stdout=subprocess.PIPE,
            cwd=folder,
            check=True,
        )
    text: str = json.loads(done.stdout)["text"]
    return text


if __name__ == "__main__":
    sys.exit(main())
