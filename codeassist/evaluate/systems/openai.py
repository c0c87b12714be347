"""Any OpenAI-compatible `/v1/completions` endpoint on loopback."""

import statistics
import time
from typing import Any

from codeassist.errors import InputError
from codeassist.evaluate.hole import Hole, Output
from codeassist.fim import FAMILIES
from codeassist.fim.layout import Layout, Slot, Token

from .endpoint import Endpoint, PeerError
from .window import MAX_TOKENS, around, asked_for, stops

__all__ = ["OpenAI"]


class OpenAI:
    """Sends ``prompt`` and ``suffix``, or a family's FIM prompt in ``prompt`` alone.

    Args:
        url: Of the server, on loopback.
        family: FIM family whose sentinels go into the prompt, as clients of servers
            without ``suffix`` do; empty: the field ``suffix`` is sent.
        name: As it stands in reports.

    Raises:
        InputError: the URL is not of this machine, or the family has no plain form.
        PeerError: nobody answers there.
    """

    def __init__(self, url: str, *, family: str = "", name: str = "openai") -> None:
        self.name = name
        self._endpoint = Endpoint(url)
        self._layout = _layout(family) if family else None
        self._endpoint.get("/v1/models")

    def complete(self, hole: Hole) -> Output:
        """The greedy answer."""
        return self._ask(hole, temperature=0.0)

    def sample(self, hole: Hole, *, temperature: float, seed: int) -> Output:
        """A drawn answer."""
        return self._ask(hole, temperature=temperature, seed=seed)

    def close(self) -> None:
        """The server is its owner's."""

    def _ask(self, hole: Hole, **sampling: float) -> Output:
        prefix, suffix = around(hole.prefix, hole.suffix)
        if self._layout is None:
            text = {"prompt": prefix, "suffix": suffix}
        else:
            text = {"prompt": _spelled(self._layout, prefix, suffix)}
        fields: dict[str, Any] = {"max_tokens": MAX_TOKENS[hole.lines], "logprobs": 1}
        if stop := stops(hole):
            fields["stop"] = stop
        started = time.monotonic()
        answer = self._endpoint.post("/v1/completions", fields | text | sampling)
        ms = (time.monotonic() - started) * 1000
        return self._output(answer, hole, ms)

    def _output(self, answer: dict[str, Any], hole: Hole, ms: float) -> Output:
        try:
            choice = answer["choices"][0]
            text = str(choice["text"])
        except (LookupError, TypeError) as error:
            msg = f"{self._endpoint.url} answered without a choice: {str(answer)[:200]}"
            raise PeerError(msg) from error
        text = asked_for(text, hole)
        usage, timings = answer.get("usage") or {}, answer.get("timings") or {}
        busy = timings.get("prompt_ms", 0.0) + timings.get("predicted_ms", 0.0)
        return Output(
            text=text,
            reason=None if text else "nothing-to-add",
            ms=ms,
            prompt_tokens=usage.get("prompt_tokens"),
            evaluated_tokens=timings.get("prompt_n"),
            generated_tokens=usage.get("completion_tokens"),
            logprob=_logprob(choice.get("logprobs")),
            busy_ms=busy or None,
        )


def _logprob(told: Any) -> float | None:
    """The mean, in the old form of the protocol or the one of chats."""
    if not isinstance(told, dict):
        return None
    content = told.get("content") or []
    values = told.get("token_logprobs") or [token.get("logprob") for token in content]
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _layout(family: str) -> Layout:
    layouts = {each.name: each.layout for each in FAMILIES}
    if family not in layouts:
        msg = f"there is no FIM family {family!r}; known are {', '.join(layouts)}"
        raise InputError(msg)
    return layouts[family]


def _spelled(layout: Layout, prefix: str, suffix: str) -> str:
    """The prompt as text; parts that name the file are left out."""
    slots = {Slot.PREFIX: prefix, Slot.SUFFIX: suffix}
    spelled = ""
    for piece in layout:
        if isinstance(piece, Token):
            spelled += piece.text
        elif isinstance(piece, Slot):
            spelled += slots.get(piece, "")
        elif isinstance(piece, str):
            spelled += piece
    return spelled
