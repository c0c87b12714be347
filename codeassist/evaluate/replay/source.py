"""What a replay types: a file from its beginning, or the changes of a commit."""

import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import takewhile
from pathlib import Path

from codeassist.errors import InputError
from codeassist.evaluate.holes.history import files_at, resolve
from codeassist.evaluate.holes.repository import decoded
from codeassist.evaluate.holes.workspace import write_file
from codeassist.ignore import is_secret
from codeassist.languages import of_path

from .typing_model import Keyboard, Stroke

__all__ = ["Script", "Stretch", "commit_script", "file_script", "stretches"]

MAX_BYTES = 2_000_000
"""Of a file in a commit; nobody writes a larger one by hand."""

SAME_FILE = 0.5
"""Of their different lines two files have in common when one is the other, moved."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One place where the user deletes and types."""

    path: str
    """Absolute."""

    offset: int
    """In the file as it stands when the user comes here."""

    delete: int
    """Characters that go first, with one key."""

    insert: str
    """What is typed then."""


@dataclass(frozen=True, slots=True)
class Script:
    """All that is typed, in order."""

    name: str
    root: str
    """Folder of the workspace."""

    files: Mapping[str, str]
    """Absolute path of each file, and its text when it is opened."""

    stretches: tuple[Stretch, ...]

    def keyboard(self, stretch: Stretch) -> Keyboard:
        """The editor's keyboard in a stretch."""
        sample = self.files[stretch.path] or stretch.insert
        return Keyboard(of_path(stretch.path), sample)

    @property
    def characters(self) -> int:
        """To be typed in all."""
        return sum(len(stretch.insert) for stretch in self.stretches)

    @property
    def keystrokes(self) -> int:
        """Needed without any help."""
        return sum((s.delete > 0) + len(strokes) for _, s, strokes in self.by_hand())

    def by_hand(self) -> Iterator[tuple[int, Stretch, list[Stroke]]]:
        """Number of each stretch, the stretch, and its keystrokes without any help."""
        texts = dict(self.files)
        for n, stretch in enumerate(self.stretches):
            text = texts[stretch.path]
            before = text[: stretch.offset]
            line = before.rpartition("\n")[2]
            yield n, stretch, self.keyboard(stretch).by_hand(line, stretch.insert)
            after = text[stretch.offset + stretch.delete :]
            texts[stretch.path] = before + stretch.insert + after

    def first(self, keystrokes: int) -> "Script":
        """As much of the script as some keystrokes type without help."""
        kept: list[Stretch] = []
        left = keystrokes
        for _, stretch, strokes in self.by_hand():
            if left <= 0:
                break
            left -= stretch.delete > 0
            end = sum(stroke.used for stroke in strokes[:left])
            kept.append(replace(stretch, insert=stretch.insert[:end]))
            left -= len(strokes)
        return replace(self, stretches=tuple(kept))


def file_script(
    path: Path, text: str, *, from_line: int = 1, keystrokes: int | None = None
) -> Script:
    """A file that is typed at its own end.

    Args:
        path: Of the file; it may stay where it is, an editor's text comes before it.
        text: Its text.
        from_line: First line that is typed, from 1; those before stand there.
        keystrokes: Bound of what is typed; None: all.

    Raises:
        InputError: there is nothing to type, or a bound leaves nothing.
    """
    text = _typed(text)
    lines = list(io.StringIO(text))
    if from_line < 1:
        msg = f"lines are counted from 1, there is no line {from_line}"
        raise InputError(msg)
    where = str(path.resolve())
    start = "".join(lines[: from_line - 1])
    script = Script(
        path.name,
        str(path.resolve().parent),
        {where: start},
        (Stretch(where, len(start), 0, text[len(start) :]),),
    )
    return _bounded(script, keystrokes)


@contextmanager
def commit_script(
    repository: Path, revision: str, *, keystrokes: int | None = None
) -> Iterator[Script]:
    """The changes of a commit, typed into its parent's tree.

    The tree is laid out in a folder of its own, so that nothing of the commit and of
    what came after it can be seen. Files are taken by name, places from top to bottom.
    Where lines replace lines, what both have in common at the ends is left alone.
    Deleted, binary, secret and foreign-coded files are left out; of a merge, what its
    first parent did not have is typed.

    Raises:
        InputError: no repository, no commit, nothing to type.
    """
    commit, parent = _commits(repository, revision)
    new = dict(files_at(repository, commit, MAX_BYTES))
    old = dict(files_at(repository, parent, MAX_BYTES)) if parent else {}
    _moved(old, new)
    with tempfile.TemporaryDirectory(prefix="codeassist-") as folder:
        root = Path(folder).resolve() / repository.resolve().name
        for name, content in old.items():
            write_file(root / name, content)
        files: dict[str, str] = {}
        places: list[Stretch] = []
        for name in sorted(new):
            before, after = old.get(name, b""), new[name]
            if before == after or is_secret(name):
                continue
            was, becomes = decoded(before), decoded(after)
            if was is None or becomes is None:
                continue
            path = str(root / name)
            files[path] = _typed(was)
            places += stretches(path, files[path], _typed(becomes))
        script = Script(f"{revision} ({commit[:12]})", str(root), files, tuple(places))
        yield _bounded(script, keystrokes)


def stretches(path: str, old: str, new: str) -> list[Stretch]:
    """How one text becomes another, from top to bottom, line by line."""
    a, b = list(io.StringIO(old)), list(io.StringIO(new))
    found: list[Stretch] = []
    at = 0
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, a, b, False).get_opcodes():
        gone, came = "".join(a[i1:i2]), "".join(b[j1:j2])
        if kind != "equal":
            found.append(_trimmed(path, at, gone, came, new))
        at += len(came)
    return found


def _trimmed(path: str, at: int, gone: str, came: str, new: str) -> Stretch:
    """A stretch without what stands there already, typed as a person would.

    New lines are opened with Enter at the end of the line before.
    """
    head = _common(gone, came)
    gone, came = gone[head:], came[head:]
    tail = _common(gone[::-1], came[::-1])
    gone, came = gone[: len(gone) - tail], came[: len(came) - tail]
    at += head
    if not gone and came.endswith("\n") and new[:at].endswith("\n"):
        return Stretch(path, at - 1, 0, "\n" + came[:-1])
    return Stretch(path, at, len(gone), came)


def _common(a: str, b: str) -> int:
    """Characters that two texts have in common at their beginnings."""
    pairs = zip(a, b, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _bounded(script: Script, keystrokes: int | None) -> Script:
    if keystrokes is not None:
        if keystrokes < 1:
            msg = f"the bound must be above 0 keystrokes, not {keystrokes}"
            raise InputError(msg)
        script = script.first(keystrokes)
    if not any(stretch.insert.strip() for stretch in script.stretches):
        msg = f"there is nothing to type in {script.name}; name another file or commit"
        raise InputError(msg)
    return script


def _typed(text: str) -> str:
    """With the line ends that Enter makes."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# -- commits -------------------------------------------------------------------------


def _commits(repository: Path, revision: str) -> tuple[str, str]:
    """Hashes of a commit and of its first parent; that is empty for a first commit."""
    try:
        commit = resolve(repository, revision)
    except InputError as error:
        msg = f"{revision!r} is neither a file nor a commit of {repository}; check it"
        raise InputError(msg) from error
    try:
        return commit, resolve(repository, f"{commit}^1")
    except InputError:
        return commit, ""


def _moved(old: dict[str, bytes], new: Mapping[str, bytes]) -> None:
    """Give files of the old tree the names they have in the new, where they moved.

    As git does, a file counts as moved when half of its lines are in a new one.
    """
    gone = {path: _line_set(old[path]) for path in old.keys() - new.keys()}
    for path in sorted(new.keys() - old.keys()):
        lines = _line_set(new[path])
        alike = {p: len(lines & g) / len(lines | g) for p, g in gone.items() if g}
        best = max(sorted(alike), key=alike.__getitem__, default="")
        if best and alike[best] >= SAME_FILE:
            old[path] = old.pop(best)
            del gone[best]


def _line_set(text: bytes) -> set[bytes]:
    return set(text.split(b"\n")) - {b""}
