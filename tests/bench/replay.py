"""[replay] A release's changes, typed with our server and with llama.cpp's.

`replay.py [KEYSTROKES] [--of PACKAGE]`. The first so many keystrokes of what the Python
files of posting 2.11.1 (or of another package's release) have and those of the release
before had not, typed into the older tree by the same hands, which stop for an answer at
one of twenty keys: once with our language server through VS Code's client, once with
llama.cpp's server asked as llama.vim does. Same weights, adapter and threads.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import llama_server

from codeassist import config
from codeassist.commands.evaluate_replay import ours, type_with
from codeassist.evaluate.replay.policy import VSCODE
from codeassist.evaluate.replay.result import Result
from codeassist.evaluate.replay.source import Script, commit_script
from codeassist.evaluate.replay.typing_model import Typist
from codeassist.evaluate.systems import assistant_of
from codeassist.training.corpus.index import Wanted
from tests.bench.harness import model, settings, threads, verdict
from tests.bench.releases import history

KEYSTROKES = 2_000
STOPS = 0.05
"""Of the keys, at which the hands stop until there is an answer: else more than 5 % of the
waits are broken off by the next key, and their 95th percentile cannot be told."""

RELEASES = {
    "posting": ("2.9.2", "2.11.1"),
    "sqlite-utils": ("4.1.1", "4.2.1"),
    "datasette": ("1.0a36", "1.0a41"),
}
"""The first is the judged one; the others tell whether what it says is true elsewhere."""

BARS = {"saved": 1.3, "wrong": 0.5, "p50": 1 / 3, "p95": 0.5, "cpu": 0.5}
"""Ours over the peer's: characters saved at least, the others at most."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("keystrokes", nargs="?", type=int, default=KEYSTROKES)
    named = os.environ.get("REPLAY_OF", next(iter(RELEASES)))
    parser.add_argument("--of", default=named)
    args = parser.parse_args()
    if args.of not in RELEASES:
        parser.error(f"{args.of} is none of {', '.join(RELEASES)}")
    old, new = (Wanted(args.of, version, "") for version in RELEASES[args.of])
    located = model()
    own = settings(located)
    own = config.merge(own, {"model": {"threads": threads()}}, "bench")
    repository, _ = history(args.of, old, new)
    with (
        _python(repository, args.keystrokes) as script,
        llama_server.running(
            located.path,
            adapter=located.adapter,
            n_ctx=0,
            threads=threads(),
            step=llama_server.INFILL_TOKENS,
            cache_reuse=256,
        ) as server,
    ):
        url = f"llama.cpp=http://127.0.0.1:{server._port}"
        makers = [
            lambda: (ours(own, script), VSCODE),
            lambda: assistant_of(url, own, VSCODE),
        ]
        mine, theirs = type_with(makers, script, Typist(0, stops=STOPS))
    folder = config.cache_dir() / "bench"
    kept = [asdict(mine), asdict(theirs)]
    (folder / f"replay-{args.of}.json").write_text(json.dumps(kept, indent=1))
    return _judged(mine, theirs)


@contextmanager
def _python(repository: Path, keystrokes: int) -> Iterator[Script]:
    """The beginning of what is new in Python files."""
    with commit_script(repository, "HEAD") as script:
        typed = tuple(s for s in script.stretches if s.path.endswith(".py"))
        yield replace(script, stretches=typed).first(keystrokes)


def _judged(mine: Result, theirs: Result) -> int:
    ratios = {
        "saved": _over(mine.characters_saved, theirs.characters_saved),
        "wrong": _over(mine.shown_wrong, theirs.shown_wrong),
        "p50": _over(mine.answer_ms.p50, theirs.answer_ms.p50),
        "p95": _over(mine.answer_ms.p95, theirs.answer_ms.p95),
        "cpu": _over(mine.cpu_seconds_per_1000, theirs.cpu_seconds_per_1000),
    }
    for each in (mine, theirs):
        ms = each.answer_ms
        print(
            f"{each.assistant}: {each.characters_saved} of {each.characters} characters "
            f"saved, {each.shown_wrong} of {each.shown} shown wrong, {ms.p50} / {ms.p95} "
            f"ms to an answer ({each.text_ms.p50} / {each.text_ms.p95} to a text), "
            f"{each.cpu_seconds_per_1000} CPU s per 1,000 keys, "
            f"{each.requests} requests, {each.without_model} without the model"
        )
    holds = ratios["saved"] >= BARS["saved"] and all(
        ratios[name] <= bar for name, bar in BARS.items() if name != "saved"
    )
    figure = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    bar = ", ".join(
        f"{name} {'>=' if name == 'saved' else '<='} {value:.2f}"
        for name, value in BARS.items()
    )
    return verdict("replay", f"{figure} times llama.vim's", bar, holds=holds)


def _over(ours: float | None, theirs: float | None) -> float:
    """Infinite where one of them is not known, or the peer's is 0."""
    return ours / theirs if ours is not None and theirs else float("inf")


if __name__ == "__main__":
    sys.exit(main())
