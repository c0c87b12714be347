"""`codeassist evaluate replay`: a simulated user types, helped by one system at a time."""

import argparse
import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from codeassist.config import Settings
from codeassist.engine.models.store import resolve
from codeassist.errors import InputError
from codeassist.evaluate.replay.assistant import Assistant
from codeassist.evaluate.replay.language_server import LanguageServer
from codeassist.evaluate.replay.play import Progress
from codeassist.evaluate.replay.play import replay as typed
from codeassist.evaluate.replay.policy import POLICIES, Policy
from codeassist.evaluate.replay.result import Result
from codeassist.evaluate.replay.source import Script, commit_script, file_script
from codeassist.evaluate.replay.typing_model import Typist
from codeassist.evaluate.report import Evaluation
from codeassist.evaluate.systems import assistant_of

from .evaluate_settings import project_settings
from .source import read_text

__all__ = ["replay", "type_with"]

Maker = Callable[[], tuple[Assistant, Policy]]
"""Makes an assistant, and tells what its client does."""


def replay(args: argparse.Namespace) -> Evaluation:
    """A file or a commit, typed with each system.

    Raises:
        InputError: nothing to type, no such commit, a pace or a share that is none.
    """
    target = Path(args.target)
    of_file = target.exists()
    project = target.resolve().parent if of_file else Path(args.repo)
    settings, notes = project_settings(args, project)
    resolve(settings.model.id)  # a missing model is told before anything starts
    if args.speed <= 0:
        msg = f"--speed must be above 0, not {args.speed:g}"
        raise InputError(msg)
    if not 0 <= args.stops <= 1:
        msg = f"--stops is a share from 0 to 1, not {args.stops:g}"
        raise InputError(msg)
    typist = Typist(args.seed, patient=args.patient, stops=args.stops)
    with _script(args, of_file=of_file) as script:
        client = POLICIES[args.client]
        makers: list[Maker] = [lambda: (ours(settings, script), client)]
        for spec in args.against:
            assistant_of(spec, settings, client)  # refuse it now, not in an hour
            makers.append(partial(assistant_of, spec, settings, client))
        results = type_with(makers, script, typist, args.speed)
        return Evaluation(
            title=f"typing {script.name}",
            places=(),
            runs=(),
            notes=notes,
            replays=tuple(asdict(result) for result in results),
        )


def ours(settings: Settings, script: Script) -> LanguageServer:
    """Our language server, with these settings."""
    return LanguageServer(options=settings.table(), root=script.root)


def type_with(
    makers: Sequence[Maker],
    script: Script,
    typist: Typist,
    speed: float = 1.0,
) -> list[Result]:
    """Type the script once with each assistant, one after another."""
    results = []
    for make in makers:
        assistant, policy = make()
        with tqdm(total=script.characters, desc=assistant.name, unit="char") as bar:
            typing = typed(
                script, assistant, policy, typist, speed=speed, progress=_moving(bar)
            )
            results.append(asyncio.run(typing))
    return results


def _moving(bar: "tqdm[NoReturn]") -> Progress:
    def progress(done: int, _total: int) -> None:
        bar.update(done - bar.n)

    return progress


@contextmanager
def _script(args: argparse.Namespace, *, of_file: bool) -> Iterator[Script]:
    keystrokes = args.keystrokes
    if of_file:
        path = Path(args.target)
        text = read_text(path)
        yield file_script(path, text, from_line=args.from_line, keystrokes=keystrokes)
        return
    with commit_script(Path(args.repo), args.target, keystrokes=keystrokes) as script:
        yield script
