"""`codeassist explain`: the exact prompt of a position, and why it is that one."""

import argparse
import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby

from codeassist.engine import Runtime, open_runtime
from codeassist.engine.context.select import Snippet
from codeassist.engine.latency import tuned
from codeassist.engine.plan import Plan
from codeassist.engine.refusal import refusal
from codeassist.ignore import root_of

from .colour import in_colour
from .complete import asked_of
from .surroundings import in_repository, with_context
from .told import settings_told

__all__ = ["run"]

BOLD, DIM, CYAN, GREEN, PLAIN = "\33[1m", "\33[2m", "\33[36m", "\33[32m", "\33[0m"


def run(args: argparse.Namespace) -> int:
    """Plan a completion as an editor would get it, and print the plan.

    Where an editor gets none, whatever the model, print why.
    """
    path, request = asked_of(args)
    if (silence := refusal(request)) is not None:
        told = {"reason": silence.value, "prompt": None}
        line = f"the model is not asked here: {silence.value}"
        print(json.dumps(told) if args.json else line)
        return 0
    settings = tuned(settings_told(args, path.resolve().parent)).settings
    settings = with_context(settings, args.context)
    runtime = open_runtime(settings)
    with ExitStack() as stack:
        shows = settings.completion.context_tokens > 0 and root_of(path)
        if args.context or shows:
            request = stack.enter_context(in_repository(runtime, request, path))
        plan = runtime.completer.plan(request)
    if args.json:
        print(json.dumps(_as_json(plan, runtime)))
    else:
        print("\n".join(_page(plan, runtime, colours=in_colour())))
    return 0


def _page(plan: Plan, runtime: Runtime, *, colours: bool) -> Iterator[str]:
    """The prompt, then one line for each snippet."""

    def dye(text: str, colour: str) -> str:
        return f"{colour}{text}{PLAIN}" if colours and text else text

    yield "".join(dye(text, colour) for text, colour in _painted(plan, runtime))
    yield ""
    prompt = plan.prompt
    kind = "a block" if plan.block else "one line"
    yield dye(
        f"{len(prompt.tokens)} tokens for {runtime.model}, {prompt.stable_length} of "
        f"them before the file; wanted is {kind} of {plan.max_tokens} tokens at most",
        BOLD,
    )
    if prompt.pending:
        yield f"the answer has to begin with {prompt.pending!r}"
    if plan.expected:
        names = ", ".join(sorted(plan.expected))
        yield f"imported, not used yet, and so favoured: {names}"
    if not plan.shown:
        yield "nothing of other files; --context shows the model the repository"
    for each in plan.shown:
        why = "; ".join(each.reasons)
        yield (
            f"{dye(each.path, GREEN)} {_rows(each)}: {each.tokens} tokens, "
            f"score {each.score:.4f}: {why}"
        )


def _painted(plan: Plan, runtime: Runtime) -> Iterator[tuple[str, str]]:
    """The prompt's text in pieces, each with its colour."""
    completer = runtime.completer
    sentinels = frozenset(completer.contract.ids.values())
    vocab = completer.session.model.vocab
    numbered = enumerate(plan.prompt.tokens)

    def colour(item: tuple[int, int]) -> str:
        place, token = item
        if token in sentinels:
            return CYAN
        return DIM if place < plan.prompt.stable_length else ""

    for paint, items in groupby(numbered, key=colour):
        ids = [token for _, token in items]
        yield vocab.detokenize(ids, special=True), paint


def _as_json(plan: Plan, runtime: Runtime) -> dict[str, object]:
    vocab = runtime.completer.session.model.vocab
    prompt = plan.prompt
    return {
        "reason": None,
        "model": runtime.model,
        "family": runtime.family or None,
        "prompt": vocab.detokenize(prompt.tokens, special=True),
        "pending": prompt.pending,
        "tokens": {
            "prompt": len(prompt.tokens),
            "stable": prompt.stable_length,
            "answer": plan.max_tokens,
        },
        "lines": "block" if plan.block else "one",
        "favoured": sorted(plan.expected),
        "snippets": [
            {
                "path": each.path,
                "rows": [row + 1 for row in each.rows],
                "score": round(each.score, 5),
                "tokens": each.tokens,
                "reasons": list(each.reasons),
                "text": each.text,
            }
            for each in plan.shown
        ],
    }


def _rows(snippet: Snippet) -> str:
    """Rows as a person counts them, neighbours joined."""
    runs: list[list[int]] = []
    for row in snippet.rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ",".join(f"{a + 1}" if a == b else f"{a + 1}-{b + 1}" for a, b in runs)
