"""Storms of cancelled and superseded requests against the real server."""

import asyncio
import re
import statistics
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import psutil
from harness import model, verdict
from lsprotocol import types
from tqdm import tqdm

import codeassist
from tests.lsp.client import connected

STORMS = 20
REQUESTS = 100
APART = 0.01
TRIES = 5
CUT_OFF = ("superseded", "cancelled")
LINE = re.compile(r"^(\S+ \S+) \d+ \w+ (.*)$")
TAIL = "\n\n\ndef area(width, height):\n    return width * "
"""Typed at the end of a real file; the answer to it is not in doubt."""

URI = "file:///project/storm.py"


async def main() -> int:
    located = model()
    source = Path(codeassist.__file__).parent / "languages.py"
    text = source.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "lsp.log"
        command = [sys.executable, "-m", "codeassist", "lsp", "--debug"]
        command += ["--log", str(log), "--model", str(located.path)]
        command += ["--adapter", str(located.adapter)] if located.adapter else []
        async with connected(command) as client:
            client.open(text, URI)
            quiet = await answer_after_typing(client, text)
            rights = alive = 0
            server = psutil.Process(client.lsp._server.pid)
            for storm in tqdm(range(STORMS), "storms"):
                last = await storm_of_requests(client, storm)
                rights += last == quiet
                alive += server.is_running()
        at_once, latencies = read_log(log.read_text(encoding="utf-8"))
    print(f"the quiet answer is {quiet!r}")
    late = sorted(latencies)
    if late:
        p95 = late[int(len(late) * 0.95)]
        print(
            f"{len(late)} running decodes were cancelled; each stopped after median "
            f"{statistics.median(late):.0f} ms, p95 {p95:.0f} ms, at most "
            f"{late[-1]:.0f} ms (a step of a prompt is made to its end)"
        )
    holds = rights == alive == STORMS and at_once == 1 and bool(quiet)
    figure = f"{rights} of {STORMS} right, {alive} alive, {at_once} decode at once"
    bar = f"{STORMS} right, {STORMS} alive, 1 decode at once"
    return verdict("cancel-storm", figure, bar, holds=holds)


async def answer_after_typing(client, text):
    """Type the tail in one go and ask in peace.

    A slow machine has to be asked again: it reads for longer than an answer may take.
    """
    lines = text.split("\n")
    end = (len(lines) - 1, len(lines[-1]))
    client.edit(end, end, TAIL, URI)
    typed = (text + TAIL).split("\n")
    client.cursor = (len(typed) - 1, len(typed[-1]))
    for _ in range(TRIES):
        if texts := await client.texts(*client.cursor, uri=URI):
            return texts[0]
    return None


async def storm_of_requests(client, storm):
    """Requests 10 ms apart while letters are typed and deleted; the last one counts.

    Every third one is cancelled by the client, the others by their successors.
    """
    line, column = client.cursor
    pending = []
    for n in range(REQUESTS - 1):
        letter = "abcdefgh"[(n + storm) % 8]
        client.edit((line, column), (line, column), letter, URI)
        ident = f"{storm}-{n}"
        request = client.lsp.protocol.send_request_async(
            types.TEXT_DOCUMENT_INLINE_COMPLETION,
            client.params(line, column + 1, uri=URI),
            msg_id=ident,
        )
        pending.append(asyncio.ensure_future(request))
        await asyncio.sleep(APART)
        if n % 3 == 0:
            client.lsp.cancel_request(types.CancelParams(ident))
        client.edit((line, column), (line, column + 1), "", URI)
    last = await client.texts(line, column, uri=URI)
    await asyncio.gather(*pending, return_exceptions=True)
    return last[0] if last else None


def read_log(text):
    """How many decodes ran at once at the most, and how late cancelled ones ended."""
    events = []
    for match in map(LINE.match, text.splitlines()):
        if match:
            at = datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S,%f")
            events.append((at, match[2]))
    running = most = 0
    cancelled_at = None
    latencies = []
    for at, what in events:
        if what == "decode begins":
            running += 1
            most = max(most, running)
        elif what.startswith(CUT_OFF) and running and not cancelled_at:
            cancelled_at = at
        elif what == "decode ends":
            running -= 1
            if cancelled_at:
                latencies.append((at - cancelled_at).total_seconds() * 1000)
            cancelled_at = None
    return most, latencies


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
