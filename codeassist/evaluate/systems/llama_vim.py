"""llama.cpp's server at `/infill`, asked as the editor plugin llama.vim asks it.

Re-implemented from the plugin's documentation (snapshot a1c8e6e, 2026-01-31): its
window in lines, its ring of chunks, its limits of time and its stop rule.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from codeassist.evaluate.hole import Hole, Output
from codeassist.ignore import is_secret
from codeassist.languages import PLAIN, of_path

from .endpoint import Endpoint
from .ring import Ring
from .window import asked_for

__all__ = ["LlamaVim", "Local", "clean", "neighbours"]

N_PREFIX, N_SUFFIX = 256, 64
"""Lines around the cursor's."""

RING_SCOPE = 1024
"""Lines: how far from the cursor chunks of its own file are picked."""

CHUNK_LINES = 64
RING_CHUNKS = 16
N_PREDICT = 128
PROMPT_MS = 500
FIRST_PREDICT_MS, PREDICT_MS = 250, 1000
"""After the first line break: for a request that the user waits for, and for one
that is made ahead."""


@dataclass(frozen=True, slots=True)
class Local:
    """The text around the cursor, as the plugin divides it."""

    prefix: str
    """Whole lines before the cursor's."""

    middle: str
    """The cursor's line up to the cursor."""

    rest: str
    """The cursor's line from the cursor on."""

    below: tuple[str, ...]
    """Whole lines after the cursor's."""

    indent: int
    """White space that the cursor's line begins with."""

    blank: str
    """The whole line, where it is nothing but white space; then `middle` is empty."""

    @classmethod
    def at(cls, before: str, after: str) -> "Local":
        """Divide a document at the cursor."""
        above, _, middle = before.rpartition("\n")
        rest, _, below = after.partition("\n")
        lines = above.split("\n")[-N_PREFIX:] if above else []
        line = middle + rest
        blank = line if not line.strip() else ""
        return cls(
            prefix="".join(f"{each}\n" for each in lines),
            middle="" if blank else middle,
            rest="" if blank else rest,
            below=tuple(below.split("\n")[:N_SUFFIX]) if below else (),
            indent=0 if blank else len(line) - len(line.lstrip(" \t")),
            blank=blank,
        )

    @property
    def suffix(self) -> str:
        """What stands behind the cursor."""
        return "\n".join((self.rest, *self.below, ""))

    def around(self) -> str:
        """The text that chunks of the ring must not resemble."""
        lines = self.prefix.split("\n")[-CHUNK_LINES // 2 :]
        return "\n".join((*lines, self.middle + self.rest, *self.below[:32]))


class LlamaVim:
    """A running llama-server; nothing of it is started or stopped here.

    Args:
        url: Of the server, on loopback.
        name: As it stands in reports.

    Raises:
        InputError: the URL is not of this machine.
        PeerError: nobody answers there.
    """

    def __init__(self, url: str, *, name: str = "llama.vim") -> None:
        self.name = name
        self.ring = Ring(RING_CHUNKS, CHUNK_LINES)
        self._endpoint = Endpoint(url)
        self._endpoint.get("/health")

    def complete(self, hole: Hole) -> Output:
        """The answer to a request by hand, after visits to neighbouring files."""
        return self._fill(hole)

    def sample(self, hole: Hole, *, temperature: float, seed: int) -> Output:
        """A drawn answer; the policy is the same."""
        return self._fill(hole, temperature=temperature, seed=seed)

    def close(self) -> None:
        """The server is its owner's."""

    def ask(
        self,
        local: Local,
        predict_ms: int = FIRST_PREDICT_MS,
        sampling: Mapping[str, float] | None = None,
    ) -> Output:
        """One request.

        Raises:
            PeerError: the server is gone or answers nonsense.
        """
        self.ring.evict(local.around())
        limit = {"t_max_predict_ms": predict_ms}
        fields = self._fields(local) | limit | dict(sampling or {})
        started = time.monotonic()
        answer = self._endpoint.post("/infill", fields)
        ms = (time.monotonic() - started) * 1000
        return _output(clean(str(answer.get("content", "")), local), ms, answer)

    def warm(self) -> float:
        """Evaluate the ring ahead of the next request, as the plugin does when idle.

        Returns:
            Milliseconds in which the model computed.
        """
        if not self.ring.chunks:
            return 0.0
        fields = self._fields(Local("", "", "", (), 0, "")) | {"n_predict": 0}
        timings = self._endpoint.post("/infill", fields).get("timings") or {}
        return float(timings.get("prompt_ms", 0.0))

    def _fill(self, hole: Hole, **sampling: float) -> Output:
        self._visit(hole)
        warm_ms = self.warm()  # the user rested before, so it costs no waiting
        local = Local.at(hole.prefix, hole.suffix)
        output = self.ask(local, sampling=sampling)
        text = asked_for(output.text, hole)
        return replace(output, text=text, busy_ms=warm_ms + (output.busy_ms or 0.0))

    def _fields(self, local: Local) -> dict[str, Any]:
        return {
            "input_prefix": local.prefix,
            "input_suffix": local.suffix,
            "input_extra": [chunk.field for chunk in self.ring.chunks],
            "prompt": local.middle,
            "n_predict": N_PREDICT,
            "n_indent": local.indent,
            "top_k": 40,
            "top_p": 0.9,
            "samplers": ["top_k", "top_p", "infill"],
            "stream": False,
            "cache_prompt": True,
            "t_max_prompt_ms": PROMPT_MS,
        }

    def _visit(self, hole: Hole) -> None:
        """Be the editor of a user who came to the hole by its neighbours."""
        self.ring.clear()
        for path, text in neighbours(hole):
            # a file is entered at its first line: half of a chunk is in sight
            self.ring.pick(path, text.split("\n")[: CHUNK_LINES // 2 + 1])
        above, below = hole.prefix.split("\n"), hole.suffix.split("\n")
        self.ring.pick(hole.path, above[-RING_SCOPE : -N_PREFIX or None])
        self.ring.pick(hole.path, below[N_SUFFIX : N_SUFFIX + CHUNK_LINES])
        self.ring.promote(RING_CHUNKS)


def neighbours(hole: Hole) -> Iterator[tuple[str, str]]:
    """Path and text of the files that a user of the hole's file has visited.

    The set's own context where it gives one; else up to 16 files of its folder, in
    the order of names, which is the same for all holes of the folder.
    """
    yield from hole.files[:RING_CHUNKS]
    if hole.files or not hole.root:
        return
    root = Path(hole.root)
    found = 0
    for path in sorted((root / hole.path).parent.glob("*")):
        name = path.relative_to(root).as_posix()
        if name == hole.path or is_secret(name) or of_path(name) is PLAIN:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        yield name, text
        found += 1
        if found == RING_CHUNKS:
            return


def clean(content: str, local: Local) -> str:
    """What the plugin would show of an answer; empty where it shows nothing."""
    lines = content.split("\n")
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    if local.blank:  # the answer brings the indentation that stands there already
        lead = len(lines[0]) - len(lines[0].lstrip(" \t"))
        lines[0] = lines[0][min(lead, len(local.blank)) :]
    first = lines[0]
    if len(lines) == 1 and first.rstrip() == local.rest.rstrip():
        return ""
    again = first.rstrip() == local.rest.rstrip()
    if again and tuple(lines[1:]) == local.below[: len(lines) - 1]:
        return ""
    return "\n".join(lines) if "".join(lines).strip() else ""


def _output(text: str, ms: float, answer: dict[str, Any]) -> Output:
    timings = answer.get("timings") or {}
    evaluated = timings.get("prompt_n")
    return Output(
        text=text,
        reason=None if text else "nothing-to-add",
        ms=ms,
        prompt_tokens=None if evaluated is None else evaluated + timings["cache_n"],
        evaluated_tokens=evaluated,
        generated_tokens=timings.get("predicted_n"),
        busy_ms=timings.get("prompt_ms", 0.0) + timings.get("predicted_ms", 0.0),
    )
