"""What the simulated editor and user do, in a time that passes only when all wait."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from codeassist.evaluate.replay.assistant import AssistantError, Suggestion
from codeassist.evaluate.replay.play import replay
from codeassist.evaluate.replay.policy import NEOVIM, VSCODE
from codeassist.evaluate.replay.source import (
    Script,
    Stretch,
    commit_script,
    file_script,
)
from codeassist.evaluate.replay.typing_model import STOP_MS, Typist

LINES = "first = one(two)\nsecond = three(four)\n"
BOTH = pytest.mark.parametrize("policy", [VSCODE, NEOVIM], ids=lambda p: p.name)


class Jumping(asyncio.SelectorEventLoop):
    """A loop whose clock goes on when nothing is left to do."""

    clock = 0.0

    def time(self):
        return self.clock

    def _run_once(self):
        if not self._ready and self._scheduled:
            self.clock = max(self.clock, self._scheduled[0]._when)
        super()._run_once()


class Oracle:
    """An assistant in this process that knows the text and checks every edit."""

    name = "oracle"

    def __init__(self, text, *, say=None, ms=0):
        self.target = text
        self.say = say or (lambda rest: rest.partition("\n")[0])
        self.seconds = ms / 1000
        self.texts = {}
        self.calls = []
        self.under_way = []
        self.accepts = []
        self.closed = False

    async def start(self):
        self.calls.append("start")

    async def open(self, path, text):
        assert path not in self.texts
        self.texts[path] = text

    async def moved(self, view):
        assert self.texts[view.path] == view.text
        self.calls.append("moved")

    async def change(self, edit, view):
        lines = self.texts[view.path].split("\n")
        starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines))]
        start, end = (starts[at[0]] + at[1] for at in (edit.start, edit.end))
        text = self.texts[view.path]
        self.texts[view.path] = text[:start] + edit.text + text[end:]
        assert self.texts[view.path] == view.text
        assert start + len(edit.text) == len(view.before)
        self.calls.append("change")

    async def suggest(self, view):
        assert self.texts[view.path] == view.text
        self.calls.append("suggest")
        task = asyncio.ensure_future(asyncio.sleep(self.seconds))
        self.under_way.append(task)
        try:
            await task
        except asyncio.CancelledError:
            return None
        return Suggestion(self.say(self.target[len(view.before) :]))

    async def cancel(self):
        self.calls.append("cancel")
        for task in self.under_way:
            task.cancel()

    async def accepted(self, suggestion, view):
        self.accepts.append((suggestion.text, view.before))

    def cpu_seconds(self):
        return 0.0

    async def close(self):
        self.closed = True


def play(script, assistant, policy, typist=Typist(), **how):  # noqa: B008 - frozen
    """Replay without waiting for anything."""
    with asyncio.Runner(loop_factory=Jumping) as runner:
        return runner.run(replay(script, assistant, policy, typist, **how))


@pytest.fixture
def lines(tmp_path):
    """Two lines to be typed."""
    return file_script(tmp_path / "lines.py", LINES)


@BOTH
def test_debounce(lines, policy):
    """A client asks only when no key was pressed for the time of its debounce."""
    typist = Typist(reading_ms=0)
    result = play(lines, Oracle("", ms=1), policy, typist)
    ((_, _, strokes),) = lines.by_hand()
    pauses = [typist.interval_ms((0, s.at, s.surplus), s.line) for s in strokes]

    assert result.shown == 0
    assert result.requests == sum(p > policy.debounce_ms for p in pauses[1:])
    assert result.answer_ms.p50 == result.answer_ms.p99 == policy.debounce_ms + 1


def test_speed(lines):
    """Pauses and debounce are shortened alike, so that nothing else changes."""
    slow = play(lines, Oracle(LINES), VSCODE)
    fast = play(lines, Oracle(LINES), VSCODE, speed=10)

    assert fast.seconds == pytest.approx(slow.seconds / 10, abs=0.01)
    assert fast.seconds_unaided == pytest.approx(slow.seconds_unaided / 10, abs=0.01)
    assert (fast.requests, fast.keystrokes) == (slow.requests, slow.keystrokes)


def test_the_cursor_is_told_before_anything_is_typed(lines):
    """The assistant hears where the user goes on, once for each stretch."""
    assistant = Oracle("")
    play(lines, assistant, VSCODE)

    told = [each for each in assistant.calls if each in ("moved", "change")]
    assert told[0] == "moved"
    assert told.count("moved") == len(lines.stretches)


def test_unaided_time(lines):
    """Without any help a replay takes as long as the result says it takes unaided."""
    result = play(lines, Oracle(""), VSCODE)

    assert result.seconds == pytest.approx(result.seconds_unaided, abs=0.01)
    assert result.keystrokes == lines.keystrokes


def test_reading_takes_time(lines):
    """Each suggestion is looked at once, and the look delays the next key."""

    def wrong(rest):
        return "@@ " + rest

    blind = play(lines, Oracle(LINES, say=wrong), NEOVIM, Typist(reading_ms=0))
    reading = play(lines, Oracle(LINES, say=wrong), NEOVIM, Typist(reading_ms=5000))

    assert blind.shown == blind.shown_wrong > 0
    assert reading.seconds > blind.seconds + 3 * blind.shown


def test_a_keystroke_cancels_in_vscode(lines):
    """What a slow assistant computes is cancelled by the next key, and never shown."""
    assistant = Oracle(LINES, ms=3000)
    result = play(lines, assistant, VSCODE)

    assert result.requests == result.superseded == assistant.calls.count("cancel")
    assert result.answered == result.shown == result.accepts == 0


def test_late_answers_in_neovim(lines):
    """Neovim shows what comes last: a late answer is right where it was typed so."""
    assistant = Oracle(LINES, ms=200)
    result = play(lines, assistant, NEOVIM, Typist(reading_ms=0))

    assert "cancel" not in assistant.calls[:-1]
    assert result.answered > 0
    assert result.shown_wrong == 0


def test_late_and_wrong_in_neovim(lines):
    """A late answer that does not fit what was typed since is shown, and wrong."""
    late = Oracle(LINES, say=lambda rest: "?" + rest[:1], ms=2000)
    result = play(lines, late, NEOVIM)

    assert result.shown == result.shown_wrong == result.answered > 0
    assert result.characters_saved == 0


def test_stops(lines):
    """Who stops now and then sees late answers, and so it is known how late they are."""
    hurried = play(lines, Oracle(LINES, ms=2000), VSCODE)
    stopping = play(lines, Oracle(LINES, ms=2000), VSCODE, Typist(stops=0.3))

    assert (hurried.answered, hurried.answer_ms.p95) == (0, None)
    assert 0 < stopping.answered < stopping.requests
    assert stopping.answer_ms.p95 == pytest.approx(2000 + VSCODE.debounce_ms, abs=1)


def test_where_a_user_stops():
    """A share of all places, which the seed and the place alone decide."""
    places = [(0, at, 0) for at in range(2000)]
    one, other = (
        [place for place in places if Typist(seed, stops=0.05).stops_at(place)]
        for seed in (0, 1)
    )

    assert 60 < len(one) < 140
    assert one != other


def test_a_stop_ends(lines):
    """Nobody waits for ever for an answer that does not come."""
    result = play(lines, Oracle(LINES, ms=10**9), VSCODE, Typist(stops=1.0))

    assert result.answered == 0
    assert result.characters == len(LINES)
    assert result.seconds > result.requests * STOP_MS / 1000 * 0.9


def test_typing_through_counts_once(lines):
    """A suggestion that is typed through stays one, whatever is answered meanwhile."""
    assistant = Oracle(LINES, say=lambda rest: rest.partition("\n")[0] + " or else")
    result = play(lines, assistant, NEOVIM, Typist(patient=True))

    # one for each line, and one on the empty line behind them
    assert (result.shown, result.shown_wrong, result.accepts) == (3, 1, 0)
    assert result.characters_saved == 0


def test_partial_accepts(lines):
    """VS Code accepts the words that are right, each with one key."""
    assistant = Oracle(LINES, say=lambda rest: rest.partition("\n")[0] + "or else")
    result = play(lines, assistant, VSCODE, Typist(patient=True))

    # f by hand, irst| |= |one|(|two|), Enter, second| |= |three|(|four|), Enter
    assert (result.partial_accepts, result.accepts) == (2, 0)
    assert result.keystrokes == 1 + 7 + 1 + 7 + 1
    assert result.characters_saved == len("irst = one(two)second = three(four)")


def test_whole_accepts(lines):
    """An accepted suggestion is told to the assistant, after its edit, and only then."""
    assistant = Oracle(LINES)
    result = play(lines, assistant, VSCODE, Typist(patient=True))
    first, second = LINES.splitlines()

    assert result.accepts == 2
    assert assistant.accepts == [
        (first[1:], first),
        (second, f"{first}\n{second}"),
    ]
    assert assistant.closed


def test_the_same_seed_is_the_same_replay(lines):
    """Two replays with one seed are equal, with another they differ."""
    one = play(lines, Oracle(LINES, ms=150), VSCODE, Typist(seed=1))
    same = play(lines, Oracle(LINES, ms=150), VSCODE, Typist(seed=1))
    other = play(lines, Oracle(LINES, ms=150), VSCODE, Typist(seed=2))

    assert one == same
    assert one.seconds_unaided != other.seconds_unaided


def test_an_assistant_that_fails(lines):
    """An assistant's error ends the replay as it is, and the assistant is closed."""

    class Failing(Oracle):
        async def suggest(self, view):
            msg = "the peer is gone; see its log"
            raise AssistantError(msg)

    assistant = Failing(LINES)
    with pytest.raises(AssistantError, match="the peer is gone"):
        play(lines, assistant, VSCODE)
    assert assistant.closed


def test_every_commit_of_a_history(tmp_path):
    """Commits typed key by key bring about the files as they were committed."""
    commits = history(tmp_path)
    for n, commit in enumerate(commits):
        with commit_script(tmp_path, commit) as script:
            assistant = Oracle("")
            result = play(script, assistant, VSCODE)
            root = Path(script.root)
            typed = {
                str(Path(path).relative_to(root)): text
                for path, text in assistant.texts.items()
            }

        assert typed == EXPECTED[n]
        assert result.keystrokes == script.keystrokes
        assert result.characters == script.characters


def test_blanks_that_the_editor_puts_too_much_are_deleted(tmp_path):
    """A place that ends with fewer blanks than the editor indents is left as it should."""
    path = str(tmp_path / "call.py")
    start, inserted = "if x:\n    call(", "\n        one\n    "
    stretch = Stretch(path, len(start), 0, inserted)
    script = Script("call.py", str(tmp_path), {path: start + ")\n"}, (stretch,))
    assistant = Oracle("")
    result = play(script, assistant, VSCODE)

    assert assistant.texts[path] == start + inserted + ")\n"
    assert result.keystrokes == script.keystrokes


# -- a small history -----------------------------------------------------------------

ONE = "def one():\n    return 1\n\n\nx = one()\n"
TWO = "def one():\n    return 1 + 1\n\n\ndef two():\n    return 2\n\n\ny = one()\n"
EXPECTED = [{"a.py": ONE, "c.py": ONE}, {"a.py": TWO, "b/moved.py": ONE + "z = 3\n"}]
"""What is typed in each commit."""


def history(folder):
    """A repository of two commits; their hashes."""
    commits = []
    git(folder, "init", "-q")
    (folder / "a.py").write_text(ONE)
    (folder / "c.py").write_text(ONE)
    (folder / "gone.py").write_text("")
    (folder / ".env").write_text("KEY=1\n")
    (folder / "picture").write_bytes(b"\0\1")
    commits.append(commit(folder))
    (folder / "a.py").write_text(TWO)
    (folder / "c.py").unlink()
    (folder / "b").mkdir()
    (folder / "b" / "moved.py").write_text(ONE + "z = 3\n")
    (folder / "gone.py").unlink()
    (folder / ".env").write_text("KEY=2\n")
    (folder / "picture").write_bytes(b"\0\2")
    commits.append(commit(folder))
    return commits


def commit(folder):
    git(folder, "add", "-A")
    who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    git(folder, *who, "commit", "-q", "-m", "m")
    return git(folder, "rev-parse", "HEAD").strip()


def git(folder, *arguments):
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
