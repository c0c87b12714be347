"""A simulated user types a script in a simulated editor, helped by an assistant.

The editor's screen and the user's hands are simulated; the assistant is the real one,
and so is the time. Everything random depends on the seed and the place in the script.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from .assistant import Assistant, Edit, Suggestion, View
from .policy import Policy
from .result import Milliseconds, Result, Tally
from .source import Script, Stretch
from .typing_model import STOP_MS, Keyboard, Typist, accept, right

__all__ = ["replay"]

Progress = Callable[[int, int], None]
"""Told the characters that are done and those of the whole script."""


async def replay(
    script: Script,
    assistant: Assistant,
    policy: Policy,
    typist: Typist,
    *,
    speed: float = 1.0,
    progress: Progress = lambda _done, _all: None,
) -> Result:
    """Type a script.

    A suggestion that is on screen when the next key would be pressed is looked at. It
    is accepted when all of it is right, and at least a whole token; where the client
    accepts parts, parts that are right are taken when they spare a key.

    Args:
        script: What is typed.
        assistant: Not started yet; it is closed in the end.
        policy: Of the editor's client.
        typist: The user.
        speed: How much faster than real time; pauses and debounce are shortened alike.
        progress: Called after each keystroke.

    Raises:
        CodeassistError: the assistant did not start, or is gone.
    """
    try:
        await assistant.start()
        editor = _Editor(script, assistant, policy, typist, speed)
        loop = asyncio.get_running_loop()
        cpu, begun = assistant.cpu_seconds(), loop.time()
        try:
            async with asyncio.TaskGroup() as group:
                await editor.type_all(group, progress)
        except ExceptionGroup as failed:
            raise _first(failed) from failed
        seconds, cpu = loop.time() - begun, assistant.cpu_seconds() - cpu
    finally:
        await assistant.close()
    return _result(script, assistant, policy, typist, speed, editor.tally, cpu, seconds)


def _first(group: ExceptionGroup[Exception]) -> Exception:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


def _result(
    script: Script,
    assistant: Assistant,
    policy: Policy,
    typist: Typist,
    speed: float,
    tally: Tally,
    cpu: float,
    seconds: float,
) -> Result:
    hands = sum(
        typist.interval_ms((n, stroke.at, stroke.surplus), stroke.line)
        for n, _, strokes in script.by_hand()
        for stroke in strokes
    )
    return Result(
        script=script.name,
        assistant=assistant.name,
        policy=policy.name,
        seed=typist.seed,
        speed=speed,
        patient=typist.patient,
        stops=typist.stops,
        characters=tally.characters,
        characters_saved=tally.saved,
        keystrokes=tally.keystrokes,
        keystrokes_saved=script.keystrokes - tally.keystrokes,
        accepts=tally.accepts,
        partial_accepts=tally.partial,
        shown=tally.shown,
        shown_wrong=tally.wrong,
        requests=tally.requests,
        answered=tally.answered,
        superseded=tally.superseded,
        without_model=tally.without_model,
        prompt_tokens=tally.prompt_tokens,
        evaluated_tokens=tally.evaluated_tokens,
        generated_tokens=tally.generated_tokens,
        reasons=dict(tally.reasons.most_common()),
        answer_ms=Milliseconds.of(tally.answer_ms, tally.dropped_ms),
        text_ms=Milliseconds.of(tally.text_ms),
        cpu_seconds=round(cpu, 2),
        cpu_seconds_per_1000=round(cpu / tally.keystrokes * 1000, 2),
        seconds=round(seconds, 2),
        seconds_unaided=round(hands / 1000 / speed, 2),
    )


@dataclass(slots=True)
class _Ghost:
    """A suggestion on screen."""

    suggestion: Suggestion
    origin: str
    """The document up to the place where it was asked for."""

    since: float
    looked: bool = False

    def rest(self, before: str) -> str | None:
        """What of it is still to come behind what was typed; None: it does not fit."""
        text, typed = self.suggestion.text, before[len(self.origin) :]
        fits = before.startswith(self.origin) and text.startswith(typed)
        return text[len(typed) :] if fits else None


@dataclass(slots=True, eq=False)
class _Ask:
    """The way from a keystroke to its answer."""

    view: View
    pressed: float
    sent: bool = False
    moot: bool = False
    """Whether nobody waits for the answer."""


class _Editor:
    """Documents, cursor, screen and what is under way."""

    def __init__(
        self,
        script: Script,
        assistant: Assistant,
        policy: Policy,
        typist: Typist,
        speed: float,
    ) -> None:
        self.tally = Tally()
        self._script = script
        self._assistant = assistant
        self._policy = policy
        self._typist = typist
        self._speed = speed
        self._texts = dict(script.files)
        self._opened: set[str] = set()
        self._view = View("", "", "")
        self._rest = ""
        self._surplus = 0
        self._ghost: _Ghost | None = None
        self._asks: dict[_Ask, asyncio.Task[None]] = {}
        self._pressed = 0.0

    async def type_all(self, group: asyncio.TaskGroup, progress: Progress) -> None:
        """Type the whole script."""
        total = self._script.characters
        self._pressed = _now()
        for n, stretch in enumerate(self._script.stretches):
            await self._go_to(stretch)
            keyboard = self._script.keyboard(stretch)
            while self._rest or self._surplus:
                place = (n, len(stretch.insert) - len(self._rest), self._surplus)
                if await self._act(keyboard, place):
                    self._ask(group)
                progress(self.tally.characters, total)
            await self._leave(stretch)

    # -- places ------------------------------------------------------------------------

    async def _go_to(self, stretch: Stretch) -> None:
        text = self._texts[stretch.path]
        if stretch.path not in self._opened:
            self._opened.add(stretch.path)
            await self._assistant.open(stretch.path, text)
        end = stretch.offset + stretch.delete
        self._rest, self._surplus = stretch.insert, 0
        self._view = View(stretch.path, text[:end], text[end:])
        await self._assistant.moved(self._view)
        if stretch.delete:
            await self._insert(stretch.delete, "", 0)

    async def _leave(self, stretch: Stretch) -> None:
        """The cursor goes elsewhere: what is on screen or under way is moot."""
        await self._patience()
        self._texts[stretch.path] = self._view.text
        self._ghost = None
        await self._abandon(sent=True)

    # -- hands -------------------------------------------------------------------------

    async def _act(self, keyboard: Keyboard, place: tuple[int, int, int]) -> bool:
        """Wait as the user does, then press a key or accept.

        Returns:
            Whether the client asks for a new suggestion.
        """
        await self._patience(stops=self._typist.stops_at(place))
        await self._pause(place)
        ghost = await self._look(place)
        if ghost is not None:
            shown = ghost.rest(self._view.before) or ""
            parts = accept(shown, self._rest, self._policy)
            if parts == (shown,):
                await self._accept(ghost, shown)
                return True
            if parts:
                await self._accept_parts(parts, place)
                return False
        key = keyboard.press(self._line, self._rest, self._surplus)
        self._surplus = key.surplus
        await self._insert(key.erase, key.text, key.used)
        return True

    async def _look(self, place: tuple[int, int, int]) -> _Ghost | None:
        """What is on screen, after it was read; none where blanks are in the way."""
        ghost = self._ghost
        if ghost is None or not ghost.rest(self._view.before):
            return None
        if not ghost.looked:
            ghost.looked = True
            await self._until(ghost.since, self._typist.look_ms(place))
        return self._ghost if not self._surplus else None

    async def _accept(self, ghost: _Ghost, shown: str) -> None:
        self.tally.accepts += 1
        self.tally.saved += len(shown)
        self._ghost = None
        await self._insert(0, shown, len(shown))
        await self._assistant.accepted(ghost.suggestion, self._view)

    async def _accept_parts(
        self, parts: tuple[str, ...], place: tuple[int, int, int]
    ) -> None:
        n, at, _ = place
        self.tally.partial += 1
        for i, part in enumerate(parts):
            if i:
                await self._pause((n, at, 0))
            self.tally.saved += len(part)
            await self._insert(0, part, len(part))
            at += len(part)

    async def _insert(self, erase: int, text: str, used: int) -> None:
        """One keystroke."""
        self._pressed = _now()
        self.tally.keystrokes += 1
        self.tally.characters += used
        await self._abandon(sent=self._policy.cancels)
        old = self._view
        start = View(old.path, old.before[: len(old.before) - erase], old.after)
        self._view = View(old.path, start.before + text, old.after)
        self._rest = self._rest[used:]
        there = (old.line, old.character)
        edit = Edit((start.line, start.character), there, text)
        await self._assistant.change(edit, self._view)

    @property
    def _line(self) -> str:
        return self._view.before.rpartition("\n")[2]

    # -- time --------------------------------------------------------------------------

    async def _pause(self, place: tuple[int, int, int]) -> None:
        await self._until(self._pressed, self._typist.interval_ms(place, self._line))

    async def _until(self, since: float, ms: float) -> None:
        """Sleep until some scaled milliseconds after a time."""
        await asyncio.sleep(max(0.0, since + ms / 1000 / self._speed - _now()))

    async def _patience(self, *, stops: bool = False) -> None:
        patient = self._typist.patient
        asks = [task for ask, task in self._asks.items() if patient or not ask.moot]
        if asks and (patient or stops):
            most = None if patient else STOP_MS / 1000 / self._speed
            await asyncio.wait(asks, timeout=most)

    # -- what is under way -------------------------------------------------------------

    def _ask(self, group: asyncio.TaskGroup) -> None:
        ask = _Ask(self._view, self._pressed)
        task = self._asks[ask] = group.create_task(self._suggest(ask))
        task.add_done_callback(lambda _: self._asks.pop(ask))

    async def _suggest(self, ask: _Ask) -> None:
        await self._until(ask.pressed, self._policy.debounce_ms)
        ask.sent = True
        self.tally.requests += 1
        suggestion = await self._assistant.suggest(ask.view)
        if suggestion is not None and not ask.moot:
            self.tally.answer(suggestion, (_now() - ask.pressed) * 1000)
            self._show(suggestion, ask.view)
            return
        self.tally.superseded += 1
        if suggestion is not None:
            self.tally.cost(suggestion)
        elif not ask.moot:
            self._drop(ask)

    def _show(self, suggestion: Suggestion, view: View) -> None:
        old, before = self._ghost, self._view.before
        ghost = _Ghost(suggestion, view.before, _now())
        rest = ghost.rest(before)
        late = self._policy.fits and not self._policy.cancels
        if late and (not rest or (old is not None and old.rest(before))):
            return
        self._ghost = ghost
        if not suggestion.text or rest == "":
            return
        if old is not None and rest is not None and old.rest(before) == rest:
            ghost.looked, ghost.since = old.looked, old.since
            return
        self.tally.shown += 1
        if rest is None or self._surplus or not right(rest, self._rest):
            self.tally.wrong += 1

    async def _abandon(self, *, sent: bool) -> None:
        """Drop what waits to be asked; with `sent` also what was asked."""
        dropped = False
        for ask, task in list(self._asks.items()):
            if not ask.sent:
                task.cancel()
                self._drop(ask)
            elif sent and not ask.moot:
                ask.moot = dropped = True
                self._drop(ask)
        if dropped:
            await self._assistant.cancel()

    def _drop(self, ask: _Ask) -> None:
        """Note that nobody waits for an answer any more."""
        self.tally.dropped_ms.append((_now() - ask.pressed) * 1000)


def _now() -> float:
    return asyncio.get_running_loop().time()
