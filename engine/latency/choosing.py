"""From measured speeds to a model and the sizes of its prompts and answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace

from codeassist.config import Settings

from .cost import TYPING, Case, Speed, jump

__all__ = ["PATIENCE", "Choice", "Sizes", "choose"]

PATIENCE = 4
"""Targets that an answer at another place may take, or the longest line."""

WINDOWS = (
    (64, 16, 0),
    (128, 32, 0),
    (256, 64, 0),
    (384, 96, 0),
    (512, 128, 0),
    (512, 128, 256),
    (512, 128, 512),
    (512, 128, 1024),
    (768, 192, 1024),
)
"""Tokens of prefix, suffix and context, each worth more than the one before: the file
around the cursor first, then other files, then more of the file."""

WORTH = 256 + 64
"""Tokens of a window. A larger model that sees less is no better than a smaller one."""

SELECTION_S = 0.02
"""For what other files have to say: the deadline of `context/select`, a quiet machine."""

LINE, SHORTEST_LINE = 64, 16
"""Tokens of a line, at the most and at the least."""

BLOCK_LINES = 3
"""A block may have as many times the tokens of a line."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What of `CompletionSettings` costs time, under the same names; in tokens."""

    prefix_tokens: int
    suffix_tokens: int
    context_tokens: int
    max_tokens: int = LINE
    block_max_tokens: int = BLOCK_LINES * LINE

    @property
    def window(self) -> int:
        """All that a prompt shows."""
        return self.prefix_tokens + self.suffix_tokens + self.context_tokens


@dataclass(frozen=True, slots=True)
class Choice:
    """What meets a target."""

    model: str
    sizes: Sizes
    typing_ms: float
    """Of an answer while somebody types on."""

    jump_ms: float
    """Of an answer at another place."""

    meets: bool
    """False: the machine is too slow, and this is the quickest there is."""


@dataclass(frozen=True, slots=True)
class _Fitting:
    """The largest sizes of one model that meet the target."""

    settings: Settings
    named: Collection[str]
    target_s: float

    def choice(self, model: str, speed: Speed) -> Choice:
        """Those of a model."""
        sizes = [self._sizes(speed, *window) for window in WINDOWS]
        room = [each for each in sizes if self._has_room(each)] or sizes[:1]
        fitting = [each for each in room if self._meets(speed, each)]
        best = max(fitting or room[:1], key=lambda each: each.window)
        return Choice(
            model,
            best,
            1000 * speed.answer_s(self._typing(best)),
            1000 * self._jump_s(speed, best),
            bool(fitting),
        )

    def _sizes(self, speed: Speed, prefix: int, suffix: int, context: int) -> Sizes:
        """A window with what may be answered; what was set by hand stays."""
        sizes = Sizes(prefix, suffix, context)
        evaluated = self._typing(sizes).evaluated
        room = speed.decodes(PATIENCE * self.target_s, evaluated)
        line = min(LINE, max(SHORTEST_LINE, room))
        sizes = replace(sizes, max_tokens=line, block_max_tokens=BLOCK_LINES * line)
        own = self.settings.completion
        by_hand = {
            each.name: getattr(own, each.name)
            for each in fields(sizes)
            if f"completion.{each.name}" in self.named
        }
        return replace(sizes, **by_hand)

    def _typing(self, sizes: Sizes) -> Case:
        """Where the middle begins at the cursor, each key shifts the suffix."""
        if self.settings.completion.placement == "cursor":
            return replace(TYPING, evaluated=TYPING.evaluated + sizes.suffix_tokens)
        return TYPING

    def _jump_s(self, speed: Speed, sizes: Sizes) -> float:
        selection = SELECTION_S if sizes.context_tokens else 0.0
        return speed.answer_s(jump(sizes.window)) + selection

    def _has_room(self, sizes: Sizes) -> bool:
        longest = max(sizes.max_tokens, sizes.block_max_tokens)
        return jump(sizes.window).evaluated + longest < self.settings.model.n_ctx

    def _meets(self, speed: Speed, sizes: Sizes) -> bool:
        in_time = speed.answer_s(self._typing(sizes)) <= self.target_s
        return in_time and self._jump_s(speed, sizes) <= PATIENCE * self.target_s


def choose(
    speeds: Sequence[tuple[str, Speed]],
    target_ms: int,
    settings: Settings,
    named: Collection[str] = (),
) -> Choice:
    """The largest model that meets a target, with the largest window that does.

    A model meets it when an answer while somebody types on takes no longer, and one at
    another place no longer than `PATIENCE` times that. All but the smallest must do so
    with a window that is `WORTH` it.

    Args:
        speeds: Models and what was measured of them, the largest first; at least one.
        target_ms: Milliseconds.
        settings: Size of the context, placement, and what was set by hand.
        named: The settings that were set by hand, as ``completion.max_tokens``.
    """
    fitting = _Fitting(settings, named, target_ms / 1000)
    choices = [fitting.choice(model, speed) for model, speed in speeds]
    for choice in choices[:-1]:
        if choice.meets and choice.sizes.window >= WORTH:
            return choice
    return choices[-1]
