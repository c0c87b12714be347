"""What typing with each system was like, as rows of a table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["replay_rows"]

Result = Mapping[str, Any]


def replay_rows(replays: Sequence[Result]) -> Iterator[tuple[str, ...]]:
    """A head with the systems' names, then a row for each measure."""
    yield ("typing", *(each["assistant"] for each in replays))
    for title, tell in MEASURES.items():
        yield (title, *(tell(each) for each in replays))


def _part(value: str, whole: str) -> Any:
    def tell(result: Result) -> str:
        n, of = result[value], result[whole]
        return f"{n} of {of} ({n / of:.1%})" if of else "-"

    return tell


def _quantiles(name: str) -> Any:
    def tell(result: Result) -> str:
        found = [result[name][q] for q in ("p50", "p95", "p99")]
        return " / ".join("-" if ms is None else f"{ms:.0f}" for ms in found)

    return tell


def _keystrokes_saved(result: Result) -> str:
    saved = result["keystrokes_saved"]
    unaided = result["keystrokes"] + saved
    return f"{saved} of {unaided} ({saved / unaided:.1%})" if unaided else "-"


MEASURES = {
    "client": lambda result: str(result["policy"]),
    "characters saved": _part("characters_saved", "characters"),
    "keystrokes saved": _keystrokes_saved,
    "suggestions shown": lambda result: str(result["shown"]),
    "shown and wrong": _part("shown_wrong", "shown"),
    "accepted whole": lambda result: str(result["accepts"]),
    "accepted in part": lambda result: str(result["partial_accepts"]),
    "requests": lambda result: str(result["requests"]),
    "superseded": lambda result: str(result["superseded"]),
    "answered without the model": _part("without_model", "answered"),
    "prompt tokens evaluated": _part("evaluated_tokens", "prompt_tokens"),
    "keystroke to answer, p50/p95/p99 ms": _quantiles("answer_ms"),
    "the same where there was a text": _quantiles("text_ms"),
    "CPU seconds per 1,000 keystrokes": lambda result: (
        f"{result['cpu_seconds_per_1000']:.1f}"
    ),
}
"""What is shown, and how it is told."""
