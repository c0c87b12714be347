"""[jump] The first key in a new place, with and without word of where the cursor rests.

A cursor jumps to lines of a real repository, rests there, and one key is typed. Our
editors tell the server about the rest, and it evaluates that place's prompt ahead; in
every second place nothing is told. Median time from the key to its answer, told over
not told, for each rest; the longer one is judged.
"""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from codeassist import config
from codeassist.evaluate.replay.assistant import Edit, View
from codeassist.evaluate.replay.language_server import LanguageServer
from codeassist.training.corpus.index import Wanted
from tests.bench.harness import model, settings, spread, threads, verdict
from tests.bench.releases import history

BAR = 0.5
OLD, NEW = Wanted("posting", "2.9.2", ""), Wanted("posting", "2.11.1", "")
RESTS = (1.5, 4.0)
"""Seconds."""

PLACES = 40
"""Per rest, half of them told."""

FILES = 10
CHARACTERS = range(8_000, 60_000)
LEAST = 8
"""Characters of a line that the key is typed behind."""

KEY = "."
THINK_SECONDS = 0.3
"""From an answer to the next jump."""

SEED = 1


@dataclass(frozen=True)
class Place:
    """The end of a line of a file; both from 0."""

    path: Path
    line: int


def main() -> int:
    own = config.merge(settings(model()), {"model": {"threads": threads()}}, "bench")
    repository, _ = history(NEW.name, OLD, NEW)
    ratio = 0.0
    for rest in RESTS:
        times = asyncio.run(_jumps(own, repository, rest))
        told, alone = (times[each] for each in (True, False))
        print(spread(f"rest of {rest} s, told", told, "ms"))
        print(spread(f"rest of {rest} s, not told", alone, "ms"), flush=True)
        ratio = statistics.median(told) / statistics.median(alone)
    return verdict("jump", f"{ratio:.3f}", f"<= {BAR}", holds=ratio <= BAR)


async def _jumps(
    own: config.Settings, repository: Path, rest: float
) -> dict[bool, list[float]]:
    """Milliseconds to each answer, by whether the rest was told."""
    server = LanguageServer(options=own.table(), root=str(repository))
    times: dict[bool, list[float]] = {True: [], False: []}
    await server.start()
    try:
        texts: dict[Path, str] = {}
        for number, place in enumerate(_places(repository)):
            if place.path not in texts:
                texts[place.path] = place.path.read_text(encoding="utf-8")
                await server.open(str(place.path), texts[place.path])
            at = _end(texts[place.path], place.line)
            told = number % 2 == 0
            if told:
                await server.moved(_view(place.path, texts[place.path], at))
            await asyncio.sleep(rest)
            text = texts[place.path] = (
                texts[place.path][:at] + KEY + texts[place.path][at:]
            )
            begun = time.monotonic()
            await _type(server, place, _view(place.path, text, at + 1))
            times[told].append(1000 * (time.monotonic() - begun))
            await asyncio.sleep(THINK_SECONDS)
    finally:
        await server.close()
    return times


async def _type(server: LanguageServer, place: Place, view: View) -> None:
    """The key, and what the server has to say to it."""
    spot = (place.line, view.character - len(KEY))
    await server.change(Edit(spot, spot, KEY), view)
    await server.suggest(view)


def _places(repository: Path) -> Iterator[Place]:
    """The same in each run, a file after the other in turns."""
    files = [
        path
        for path in sorted(repository.rglob("*.py"))
        if path.stat().st_size in CHARACTERS and "test" not in str(path)
    ][:FILES]
    dice = random.Random(SEED)
    for number in range(PLACES):
        path = files[number // 2 % len(files)]
        lines = path.read_text(encoding="utf-8").split("\n")
        long = [n for n, line in enumerate(lines) if len(line.strip()) >= LEAST]
        yield Place(path, dice.choice(long[len(long) // 3 :]))


def _end(text: str, line: int) -> int:
    """Characters before the end of the line."""
    return len("\n".join(text.split("\n")[: line + 1]))


def _view(path: Path, text: str, at: int) -> View:
    return View(str(path), text[:at], text[at:])


if __name__ == "__main__":
    sys.exit(main())
