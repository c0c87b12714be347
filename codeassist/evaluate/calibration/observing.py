"""What a model answers at each keystroke of a text that is known: the data to fit on."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from codeassist.engine import Completion, Lines, Request, Runtime, Stop
from codeassist.errors import InputError
from codeassist.evaluate.hole import Hole
from codeassist.evaluate.replay.typing_model import Keyboard
from codeassist.evaluate.report import write
from codeassist.languages import by_id

__all__ = [
    "Observation",
    "Passage",
    "add_answers",
    "observe",
    "passages",
    "read_answers",
    "write_answers",
]

TIME_LIMIT_MS = 60_000
"""For one answer: so long that a busy machine changes none."""

SAMPLE = 20_000
"""Characters of the file that show how it is indented."""

KEYSTROKES = 48
"""Of each passage at the most, so that no long block outweighs many lines."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer, all of it, and what was to be typed there."""

    at: int
    """Characters of the passage that stand before the cursor."""

    line: str
    """The cursor's line before the cursor."""

    text: str
    """What the model said, trimmed; empty: nothing."""

    logprobs: tuple[float, ...]
    ends: tuple[int, ...]

    @property
    def completion(self) -> Completion:
        """As the engine has it."""
        return Completion(self.text, Stop.RULE, self.logprobs, self.ends)


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that was typed key by key, with the answers on the way."""

    id: str
    language: str
    text: str
    observations: tuple[Observation, ...]
    model: str = ""
    """That answered, with its adapter."""

    folder: str = ""
    """That the text is of."""


def observe(runtime: Runtime, holes: Sequence[Hole]) -> Iterator[Passage]:
    """Type what stood in each hole, and ask at each keystroke; a bar is shown.

    The model is asked where an editor asks: not within a word, and not while blanks
    stand before the cursor that the next key takes away. One line is asked for: what
    a block begins with says enough.

    Args:
        runtime: The model.
        holes: Where to type.
    """
    for hole in tqdm(holes, desc="typing", unit="passage"):
        runtime.completer.forget()
        typed = tuple(_typed(runtime, hole))
        yield Passage(hole.id, hole.language, hole.middle, typed)


def _typed(runtime: Runtime, hole: Hole) -> Iterator[Observation]:
    language = by_id(hole.language, hole.path)
    keyboard = Keyboard(language, hole.prefix[-SAMPLE:])
    line = hole.prefix.rpartition("\n")[2]
    if hole.suffix[:1].isalnum() or hole.suffix.startswith("_"):
        return
    for stroke in keyboard.by_hand(line, hole.middle)[:KEYSTROKES]:
        if stroke.surplus:
            continue
        before = hole.prefix + hole.middle[: stroke.at]
        answer = runtime.completer.complete(
            Request(
                before,
                hole.suffix,
                hole.path,
                language,
                lines=Lines.ONE,
                time_limit_ms=TIME_LIMIT_MS,
            )
        )
        best = answer.completions[0] if answer.completions else None
        yield Observation(
            at=stroke.at,
            line=before.rpartition("\n")[2],
            text=answer.text,
            logprobs=best.logprobs if best else (),
            ends=best.ends if best else (),
        )


def passages(holes: Sequence[Hole]) -> list[Hole]:
    """The holes, every third of them at the end of its file, as if it were written anew."""
    return [
        replace(hole, suffix="") if n % 3 == 2 else hole for n, hole in enumerate(holes)
    ]


def write_answers(typed: Iterable[Passage], path: Path) -> None:
    """Keep passages, one on each line."""
    write(path, "".join(map(_row, typed)))


def add_answers(typed: Iterable[Passage], path: Path) -> Iterator[Passage]:
    """Pass passages on, each of them kept behind the others as it comes.

    Raises:
        InputError: the disk is full, or the file is read-only.
    """
    try:
        with path.open("a", encoding="utf-8") as file:
            for passage in typed:
                file.write(_row(passage))
                file.flush()
                yield passage
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}); name another file"
        raise InputError(msg) from error


def read_answers(path: Path) -> list[Passage]:
    """Passages that were kept; a last line that was not finished is left out.

    Raises:
        InputError: the file cannot be read, or holds something else.
    """
    try:
        rows = path.read_text("utf-8").split("\n")[:-1]
        return [_passage(json.loads(row)) for row in rows]
    except (OSError, ValueError, LookupError, TypeError) as error:
        msg = f"{path} holds no answers ({error}); name another file, or delete it"
        raise InputError(msg) from error


def _row(passage: Passage) -> str:
    return json.dumps(asdict(passage)) + "\n"


def _passage(row: dict[str, Any]) -> Passage:
    """A passage out of its JSON."""
    found = (
        Observation(
            each["at"],
            each["line"],
            each["text"],
            tuple(each["logprobs"]),
            tuple(each["ends"]),
        )
        for each in row["observations"]
    )
    return Passage(
        row["id"],
        row["language"],
        row["text"],
        tuple(found),
        model=row["model"],
        folder=row["folder"],
    )
