"""`codeassist why`: the last requests, what came of each, and why."""

import argparse
import json
from dataclasses import asdict
from datetime import datetime

from codeassist.errors import InputError
from codeassist.records import Kept, Records, records_file

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Print one line for each request, the newest last."""
    if args.n <= 0:
        msg = f"-n must be above 0, not {args.n}"
        raise InputError(msg)
    for kept in Records(records_file()).last(args.n):
        print(json.dumps(_as_json(kept)) if args.json else _line(kept))
    return 0


def _line(kept: Kept) -> str:
    asked = kept.asked
    at = f"{datetime.fromtimestamp(asked.at):%Y-%m-%d %H:%M:%S}"
    place = f"{asked.path}:{asked.line}:{asked.column}"
    times = f"{asked.total_ms:.0f} ms"
    if asked.generated or asked.evaluated:
        times += (
            f" (queue {asked.queue_ms:.0f}, prompt {asked.prompt_ms:.0f}, first token "
            f"{asked.first_token_ms:.0f}), {asked.reused}+{asked.evaluated} tokens, "
            f"{asked.generated} generated"
        )
    return f"{asked.id}  {at}  {place}  {_outcome(kept)}, {times}{_shown(kept)}"


def _outcome(kept: Kept) -> str:
    asked = kept.asked
    if asked.reason:
        return asked.reason
    how = " recalled" if asked.recalled else ""
    sure = "" if asked.logprob is None else f" at {asked.logprob:.2f} nats"
    if asked.chance is not None:
        sure += f", {asked.chance:.0%} sure"
    taken = " (accepted)" if kept.taken else ""
    return f"{asked.characters} characters{how}{sure}{taken}"


def _shown(kept: Kept) -> str:
    found = [
        f"{each.path} ({', '.join(each.reasons[:1])})" for each in kept.asked.snippets
    ]
    return f"; shown: {', '.join(found)}" if found else ""


def _as_json(kept: Kept) -> dict[str, object]:
    told = asdict(kept.asked)
    del told["texts"]
    return {**told, "taken": kept.taken}
