"""The contract between a replay and what it drives: an assistant, seen from an editor.

`codeassist.evaluate.language_server` is ours; a peer is driven with the same typing by
another implementation. The order of calls is an editor's::

    await start()                    ready to answer; not part of what is measured
    await open(path, text)           before the first change of each file, once per file
    await change(edit, view)         at every keystroke and every accept
    await suggest(view)              when the client's policy wants a suggestion
    await cancel()                   where the policy cancels: what is under way is moot
    await accepted(suggestion, view) the text of a suggestion was inserted whole
    cpu_seconds()                    before the first and after the last keystroke
    await close()

Waiting (debounce), what is on screen, and typing through a suggestion are the replay's
own affair (`codeassist.evaluate.policy`).
"""

from dataclasses import dataclass
from typing import Protocol

from codeassist.errors import CodeassistError

__all__ = ["Assistant", "AssistantError", "Edit", "Suggestion", "View"]


class AssistantError(CodeassistError):
    """The assistant did not start, or is gone; a replay cannot go on."""


@dataclass(frozen=True, slots=True)
class View:
    """A document and the cursor in it at one moment; characters are Python's."""

    path: str
    """Absolute."""

    before: str
    """The document up to the cursor."""

    after: str
    """The document from the cursor on."""

    @property
    def text(self) -> str:
        """The whole document."""
        return self.before + self.after

    @property
    def line(self) -> int:
        """Of the cursor, from 0."""
        return self.before.count("\n")

    @property
    def character(self) -> int:
        """Of the cursor in its line, from 0."""
        return len(self.before) - self.before.rfind("\n") - 1


@dataclass(frozen=True, slots=True)
class Edit:
    """Text in the place of other text, the cursor behind it.

    Positions are those before the edit, as (line, character) from 0.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer; numbers are None where the assistant does not tell them."""

    text: str
    """To be inserted at the cursor; empty: nothing is suggested."""

    reason: str | None = None
    """Why it is empty, where the assistant says so."""

    prompt_tokens: int | None = None
    """All tokens of the prompt; 0 where the model was not asked."""

    evaluated_tokens: int | None = None
    """Those of the prompt that were not in a cache."""

    generated_tokens: int | None = None
    handle: object = None
    """What the assistant needs to know this suggestion again when it is accepted."""


class Assistant(Protocol):
    """Something that suggests text while a user types."""

    @property
    def name(self) -> str:
        """As it stands in reports."""

    async def start(self) -> None:
        """Be ready: process started, model loaded.

        Raises:
            CodeassistError: it cannot be.
        """

    async def open(self, path: str, text: str) -> None:
        """A file is opened in the editor."""

    async def moved(self, view: View) -> None:
        """The user has put the cursor elsewhere, and has not typed there yet."""

    async def change(self, edit: Edit, view: View) -> None:
        """The text was changed.

        Args:
            edit: What was done.
            view: What came of it, the cursor where the user goes on.

        Raises:
            CodeassistError: it is gone.
        """

    async def suggest(self, view: View) -> Suggestion | None:
        """Ask for a suggestion at the cursor.

        A second call may come while the first is awaited.

        Returns:
            The answer, or None where the request was cancelled or superseded.

        Raises:
            CodeassistError: it is gone.
        """

    async def cancel(self) -> None:
        """Nobody waits any more for what is under way; harmless where nothing is."""

    async def accepted(self, suggestion: Suggestion, view: View) -> None:
        """A suggestion was accepted whole; `change` has told the edit before."""

    def cpu_seconds(self) -> float:
        """CPU time that the assistant's processes have used so far."""

    async def close(self) -> None:
        """End all processes, also after an error; may be called twice."""
