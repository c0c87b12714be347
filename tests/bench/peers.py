"""Ours against three peers, with the same weights: 200 holes, and 2,000 keystrokes typed.

`peers.py [HOLES [KEYSTROKES]]`. Interrupted, it goes on with the holes where it was. In
the end there is a page to look at; whatever the figures are, they are what we have now.
"""

import sys
from dataclasses import replace
from pathlib import Path

import llama_server
from harness import model, threads, verdict
from package import POSTING, unpacked

from codeassist import config
from codeassist.cli import main as codeassist
from codeassist.engine.models.store import Located
from codeassist.evaluate.report import load, page, save, table, write

HOLES, KEYSTROKES = 200, 2_000
FILE = "collection.py"
"""Of the package: what is typed."""

SYSTEMS = 4

PRESET = {"n_ctx": 0, "step": llama_server.INFILL_TOKENS, "cache_reuse": 256}
"""What `llama-server --fim-qwen-1.5b-default` sets, which the plugin's README names."""


def main() -> int:
    given = [int(each) for each in sys.argv[1:]]
    n_holes, n_keys = (*given, *(HOLES, KEYSTROKES)[len(given) :])
    located, source = model(), unpacked(POSTING)
    folder = config.cache_dir() / "bench" / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    with llama_server.running(
        located.path, adapter=located.adapter, threads=threads(), **PRESET
    ) as server:
        url = f"http://127.0.0.1:{server._port}"
        peers = [f"llama.cpp={url}", f"openai:qwen2.5-coder={url}", "plain"]
        common = [*_model(located), *(f"--against={peer}" for peer in peers)]
        holes = ["repo", str(source), "--holes", str(n_holes)]
        holes += ["--journal", str(folder / f"{n_holes}.journal")]
        typing = ["replay", str(source / FILE), "--keystrokes", str(n_keys)]
        for part, name in ((holes, "holes"), (typing, "typing")):
            kept = ["--json", str(folder / f"{name}.json")]
            if status := codeassist(["evaluate", *part, *common, *kept]):
                return status
    return _joined(folder, n_holes)


def _model(located: Located) -> list[str]:
    adapter = ["--adapter", str(located.adapter)] if located.adapter else []
    name = located.entry.id if located.entry else str(located.path)
    return ["--model", name, *adapter, "--threads", str(threads())]


def _joined(folder: Path, n_holes: int) -> int:
    """One page of both parts; the journal has served then."""
    holes, typing = (load(folder / f"{name}.json") for name in ("holes", "typing"))
    about = f"Typing: {typing.title}. All systems: the same GGUF, {threads()} threads."
    whole = replace(
        holes,
        title=f"codeassist and its peers on {POSTING.name} {POSTING.version}",
        notes=(*holes.notes, about),
        replays=typing.replays,
    )
    save(whole, folder / "peers.json")
    write(folder / "peers.html", page(whole))
    (folder / f"{n_holes}.journal").unlink(missing_ok=True)
    print(table(whole))
    filled = [run for run in whole.runs if len(run.rows) == len(whole.places)]
    print(f"to look at: {folder / 'peers.html'}")
    return verdict(
        "peers",
        f"{len(filled)} systems on {len(whole.places)} holes, {len(whole.replays)} typed",
        f"{SYSTEMS} systems, {n_holes} holes, {SYSTEMS} typed",
        holds=len(filled) == len(whole.replays) == SYSTEMS
        and len(whole.places) == n_holes,
    )


if __name__ == "__main__":
    sys.exit(main())
