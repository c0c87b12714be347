"""Answers that come when somebody has typed on, with an assistant that is always late."""

import asyncio
from dataclasses import replace

import pytest

from codeassist.evaluate.replay.assistant import Suggestion
from codeassist.evaluate.replay.play import replay
from codeassist.evaluate.replay.policy import NEOVIM
from codeassist.evaluate.replay.result import Milliseconds
from codeassist.evaluate.replay.source import file_script
from codeassist.evaluate.replay.typing_model import Typist
from codeassist.evaluate.systems.llama_vim_assistant import CLIENT

TEXT = "aaaa bbbb cccc dddd\n"


class Late:
    """Answers once two more keys were pressed, each request with what it is told."""

    name = "late"

    def __init__(self, answer):
        self._answer = answer
        self._keys = 0
        self._pressed = asyncio.Condition()

    async def start(self):
        """It is ready."""

    async def open(self, path, text):
        """It reads nothing."""

    async def moved(self, view):
        """It waits for a key."""

    async def change(self, edit, view):
        """A key was pressed."""
        async with self._pressed:
            self._keys += 1
            self._pressed.notify_all()

    async def suggest(self, view):
        """The answer to a text that is two keys old by then."""
        wanted = self._keys + 2
        async with self._pressed:
            await self._pressed.wait_for(lambda: self._keys >= wanted)
        return Suggestion(self._answer(view), "", 0, 0, 0)

    async def cancel(self):
        """The cursor has left: what is still to come is said at once."""
        async with self._pressed:
            self._keys += 2
            self._pressed.notify_all()

    async def accepted(self, suggestion, view):
        """It does not learn."""

    def cpu_seconds(self):
        """It costs nothing."""
        return 0.0

    async def close(self):
        """Nothing is left."""


@pytest.mark.parametrize(
    ("answer", "shown"),
    [("", (0, 0)), ("!", (0, 0))],
    ids=["nothing", "what does not fit"],
)
async def test_what_is_late_and_useless_is_not_shown(tmp_path, answer, shown):
    """A client that matches answers with the text shows neither, so neither is wrong."""
    script = file_script(tmp_path / "a.py", TEXT)
    result = await replay(script, Late(lambda _: answer), CLIENT, Typist(), speed=100)

    assert (result.shown, result.shown_wrong) == shown
    assert result.answered > 0


async def test_what_is_late_and_fits_is_shown(tmp_path):
    """What still goes on from the text is shown as far as it is not typed yet."""
    script = file_script(tmp_path / "a.py", TEXT)
    late = Late(lambda view: TEXT[len(view.before) :])
    result = await replay(script, late, CLIENT, Typist(), speed=100)

    assert result.shown > 0
    assert result.shown_wrong == 0
    assert result.characters_saved > 0


async def test_a_client_that_shows_whatever_comes(tmp_path):
    """Neovim's own client shows a late answer as it is, unless it is empty."""
    script = file_script(tmp_path / "a.py", TEXT)
    asked = replace(NEOVIM, debounce_ms=0.0)
    told = {
        text: await replay(
            script, Late(lambda _, t=text: t), asked, Typist(), speed=100
        )
        for text in ("!", "")
    }
    assert told["!"].shown == told["!"].shown_wrong > 0
    assert told[""].shown == 0


def test_waits_that_were_broken_off_count():
    """Who gives up what takes long has no better quantiles than who waits for it."""
    waits = [*range(1, 101)]
    whole = Milliseconds.of(waits)
    assert (whole.n, whole.p50, whole.p95, whole.p99) == (100, 50, 95, 99)
    given_up = Milliseconds.of(waits[:60], [60.5] * 40)
    assert (given_up.n, given_up.p50, given_up.p95) == (60, 50, None)
    even = Milliseconds.of(waits[::2], waits[1::2])
    assert even.p50 == 75  # half of the waits that end: the root of what is left
    assert Milliseconds.of([]) == Milliseconds.of([], [3.0]) == Milliseconds(0)
