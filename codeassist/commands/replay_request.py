"""`codeassist replay`: a recorded request once more, with the settings of today."""

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path

from codeassist.engine import Answer, Request, Runtime, Silence, open_runtime
from codeassist.engine.latency import tuned
from codeassist.ignore import root_of
from codeassist.languages import by_id
from codeassist.records import Asked, Records, records_file

from .options import settings_of
from .surroundings import in_repository

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Complete again, and say whether the answer is the same."""
    asked = Records(records_file()).one(args.id)
    path = Path(asked.root, asked.path)
    settings = tuned(settings_of(args, path.parent)).settings
    runtime = open_runtime(settings)
    with ExitStack() as stack:
        request = _request(asked, path)
        shows = asked.root and settings.completion.context_tokens > 0
        if shows and root_of(path.parent):
            request = stack.enter_context(in_repository(runtime, request, path))
        answer = runtime.completer.complete(request)
    if args.json:
        print(json.dumps(_as_json(asked, answer, runtime)))
        return 0
    print(answer.text or f"nothing to insert: {_reason(answer)}")
    sys.stderr.write(f"{_costs(asked, answer, runtime)}\n")
    return 0


def _request(asked: Asked, path: Path) -> Request:
    assert asked.texts is not None, "Records.one has them"
    before, after = asked.texts.before, asked.texts.after
    return Request(before, after, str(path), by_id(asked.language, asked.path))


def _costs(asked: Asked, answer: Answer, runtime: Runtime) -> str:
    """Prompt, timings, and a comparison with the recorded answer."""
    timings = answer.timings
    same = "the same answer" if _same(asked, answer) else f"not the same: {_was(asked)}"
    return (
        f"{same}\n{runtime.model}: {timings.reused + timings.evaluated} tokens of "
        f"prompt in {timings.prompt_ms:.0f} ms, {timings.generated} generated, "
        f"{timings.total_ms:.0f} ms in all (then {asked.model or 'no model'}: "
        f"{asked.reused + asked.evaluated} tokens, {asked.total_ms:.0f} ms)"
    )


def _was(asked: Asked) -> str:
    """What it was."""
    text = asked.texts.answer if asked.texts else ""
    return repr(text) if text else f"nothing ({asked.reason})"


def _same(asked: Asked, answer: Answer) -> bool:
    return asked.texts is not None and asked.texts.answer == answer.text


def _reason(answer: Answer) -> str:
    return (answer.silence or Silence.NOTHING_TO_ADD).value


def _as_json(asked: Asked, answer: Answer, runtime: Runtime) -> dict[str, object]:
    timings = answer.timings
    return {
        "id": asked.id,
        "text": answer.text,
        "reason": answer.silence.value if answer.silence else None,
        "same": _same(asked, answer),
        "then": {
            "text": asked.texts.answer if asked.texts else "",
            "reason": asked.reason,
            "model": asked.model,
            "adapter": asked.adapter,
            "prompt_tokens": asked.reused + asked.evaluated,
            "total_ms": round(asked.total_ms, 1),
        },
        "model": runtime.model,
        "prompt_tokens": timings.reused + timings.evaluated,
        "generated_tokens": timings.generated,
        "ms": {
            "prompt": round(timings.prompt_ms, 1),
            "first_token": round(timings.first_token_ms, 1),
            "total": round(timings.total_ms, 1),
        },
    }
