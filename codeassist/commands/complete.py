"""`codeassist complete`: the text for one position of a file."""

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path

from codeassist.engine import (
    Answer,
    Lines,
    Request,
    Runtime,
    Silence,
    open_runtime,
)
from codeassist.engine.latency import tuned
from codeassist.errors import ConfigError
from codeassist.languages import IDS, by_id

from .options import settings_of
from .source import read_source, split_at, split_position
from .surroundings import in_repository, with_context

__all__ = ["asked_of", "run", "shown_prompt"]


def run(args: argparse.Namespace) -> int:
    """Complete, and print the text alone, or everything as JSON."""
    _check(args)
    path, request = asked_of(args)
    settings = tuned(settings_of(args, path.resolve().parent)).settings
    settings = with_context(settings, args.context)
    runtime = open_runtime(settings)
    if not runtime.family:
        sys.stderr.write(f"codeassist: {runtime.note}\n")
    with ExitStack() as stack:
        if args.context:
            request = stack.enter_context(in_repository(runtime, request, path))
        if args.show_prompt:
            sys.stderr.write(shown_prompt(runtime, request))
        answer = runtime.completer.complete(request)
    if args.show_timings:
        sys.stderr.write(shown_timings(answer))
    if args.json:
        print(json.dumps(as_json(answer, runtime)))
    elif answer.text:
        print(answer.text)
    else:
        sys.stderr.write(f"codeassist: nothing to insert: {_reason(answer)}\n")
    return 0


def asked_of(args: argparse.Namespace) -> tuple[Path, Request]:
    """The file that is named, and what an editor would ask at the position.

    Raises:
        InputError: no such file or position.
    """
    name, line, column = split_position(args.position, stdin=args.stdin)
    path = Path(args.path or name or "stdin")
    text = read_source(None if args.stdin else path)
    before, after = split_at(text, line, column, str(path))
    if args.language and args.language not in IDS:  # editors name many that are not
        sys.stderr.write(
            f"codeassist: there is no language {args.language!r}, so the file's name "
            f"counts, as it does for editors; known are {', '.join(IDS)}\n"
        )
    return path, Request(
        before=before,
        after=after,
        path=str(path),
        language=by_id(args.language, str(path)),
        lines=Lines(args.lines) if args.lines else None,
        max_tokens=args.max_tokens,
        time_limit_ms=args.time_limit_ms,
    )


def _check(args: argparse.Namespace) -> None:
    for option in ("max_tokens", "time_limit_ms"):
        value = getattr(args, option)
        if value is not None and value <= 0:
            name = option.replace("_", "-")
            msg = f"--{name} must be above 0, not {value}"
            raise ConfigError(msg)
    if args.path and not args.stdin:
        msg = "--path names the text on stdin; give --stdin, too"
        raise ConfigError(msg)


def _reason(answer: Answer) -> str:
    silence = answer.silence or Silence.NOTHING_TO_ADD
    return silence.value


def shown_prompt(runtime: Runtime, request: Request) -> str:
    """The exact prompt, special tokens spelled out."""
    tokens = runtime.completer.plan(request).prompt.tokens
    vocab = runtime.completer.session.model.vocab
    text = vocab.detokenize(tokens, special=True)
    return f"--- prompt, {len(tokens)} tokens\n{text}\n--- end of prompt\n"


def shown_timings(answer: Answer) -> str:
    """Where the time went, and what the KV cache saved."""
    timings = answer.timings
    return (
        f"--- {timings.total_ms:.0f} ms, the first token after "
        f"{timings.first_token_ms:.0f} ms; prompt {timings.prompt_ms:.0f} ms: "
        f"{timings.reused} tokens reused, {timings.evaluated} evaluated; "
        f"{timings.generated} generated\n"
    )


def as_json(answer: Answer, runtime: Runtime) -> dict[str, object]:
    """Everything about an answer that a script may want."""
    best = answer.completions[0] if answer.completions else None
    timings = answer.timings
    return {
        "text": answer.text,
        "reason": answer.silence.value if answer.silence else None,
        "stop": best.stop.value if best else None,
        "lines": "block" if answer.block else "one",
        "logprobs": [round(p, 4) for p in best.logprobs] if best else [],
        "model": runtime.model,
        "family": runtime.family or None,
        "tokens": {
            "prompt": timings.reused + timings.evaluated,
            "reused": timings.reused,
            "evaluated": timings.evaluated,
            "generated": timings.generated,
        },
        "ms": {
            "prompt": round(timings.prompt_ms, 1),
            "first_token": round(timings.first_token_ms, 1),
            "total": round(timings.total_ms, 1),
        },
    }
