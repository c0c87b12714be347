"""From files to training examples: which are cut, where, and in what form."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import numpy as np
import numpy.typing as npt

from codeassist.errors import ConfigError
from codeassist.fim import Contract, Fim, Frame
from codeassist.languages import Language, by_id

from .neighbours import nearest
from .orders import orders
from .recipe import FimRecipe, Loss, Placement, draw
from .spans import Spans
from .windows import DENSE, fit

__all__ = ["Document", "Example", "Examples", "Hole"]

WINDOW = 64
"""Files of one repository that are held at once."""

AROUND = 8
"""Tokens at the most that a form puts around another file."""

TRIES = 4
"""Draws of one kind before another is tried."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file to learn from."""

    path: str
    """Relative to the repository."""

    text: str
    language: str = ""
    """LSP identifier; empty: by the path."""

    repository: str = ""
    """Files of one follow each other; empty: the file stands alone."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A middle cut out of a text, in characters."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """What a model reads, and what of it is learned."""

    tokens: npt.NDArray[np.int32]
    """*Shape:* ``(length,)``"""

    mask: npt.NDArray[np.bool_]
    """Whether a token is to be predicted. *Shape:* ``(length,)``"""

    hole: Hole | None = None
    """None where the file was not cut."""


class Examples:
    """Makes the examples of one mixture; equal inputs give equal examples.

    What becomes of a file hangs on its name, its repository and the seed, not on the
    files before it, so that shards can be worked on in any order.

    Args:
        contract: The model's form of prompt.
        recipe: The mixture.
        seed: Another one gives other holes, say for another epoch.

    Raises:
        ConfigError: the family's sentinels cannot say any order of the recipe.
    """

    def __init__(self, contract: Fim, recipe: FimRecipe, *, seed: int | str) -> None:
        self._own = contract
        self._recipe = recipe
        self._seed = seed
        able = orders(contract)
        shares = {o: s for o, s in recipe.orders.items() if s > 0 and o in able}
        if not shares:
            names = ", ".join(order.value for order in able)
            msg = f"{contract.family.name} has no sentinels for fim.orders; use {names}"
            raise ConfigError(msg)
        self._orders = shares
        self._contracts = able
        self._costs: dict[str, int] = {}  # by path, of the files that are held
        self.tally: Counter[str] = Counter()
        """What was made of how many files, and which kinds of holes there were."""

    def stream(self, documents: Iterable[Document]) -> Iterator[Example]:
        """The examples of the files, in their order."""
        for repository, group in groupby(documents, lambda file: file.repository):
            while files := list(islice(group, WINDOW)):
                self._costs.clear()
                if not repository:
                    for file in files:
                        yield from self._file(file, ())
                    continue
                for file in files:
                    yield from self._file(file, files)

    def _file(self, file: Document, files: Sequence[Document]) -> Iterator[Example]:
        text = file.text.replace("\r\n", "\n")  # as the engine shows it to the model
        if not text.strip():
            self.tally["blank"] += 1
            return
        dice = random.Random(f"{self._seed}\0{file.repository}\0{file.path}")
        if not self._takes_part(file) or dice.random() >= self._recipe.rate:
            self.tally["left to right"] += 1
            yield from self._left_to_right(text)
            return
        holes = list(self._holes(file, text, dice))
        if not holes:
            self.tally["no middle"] += 1
        for hole in holes:
            example = self._cut(file, text, hole, files, dice)
            if example is None:
                self.tally["too long"] += 1
            else:
                self.tally[hole.kind] += 1
                yield example

    def _takes_part(self, file: Document) -> bool:
        name = file.repository or f"\0{file.path}"
        chance = random.Random(f"{self._seed}\0{name}").random()
        return chance < self._recipe.repository_rate

    def _left_to_right(self, text: str) -> Iterator[Example]:
        """The file in pieces; the first begins with BOS, the last ends with the end."""
        own, length = self._own, self._recipe.length
        ids = [] if own.bos is None else [own.bos]
        ids += own.encode(text, lead_space=own.lead_space)
        ids.append(own.end)
        for start in range(0, len(ids), length):
            piece = ids[start : start + length]
            if len(piece) > 1:
                yield _example(piece, 1, None)

    def _holes(self, file: Document, text: str, dice: random.Random) -> Iterator[Hole]:
        recipe = self._recipe
        language = file.language or by_id(None, file.path).name
        spans = Spans(text, language, longest=recipe.longest)
        seen: set[tuple[int, int]] = set()
        wanted = 1 + len(text) // recipe.characters_per_hole
        for _ in range(min(recipe.holes, wanted)):
            hole = self._hole(spans, dice)
            if hole is not None and (hole.start, hole.end) not in seen:
                seen.add((hole.start, hole.end))
                yield hole

    def _hole(self, spans: Spans, dice: random.Random) -> Hole | None:
        if dice.random() < self._recipe.empty:
            place = spans.draw_empty(dice)
            return None if place is None else Hole("empty", *place)
        for kind in draw(self._recipe.kinds, dice):
            for _ in range(TRIES):
                span = spans.draw(kind, dice)
                if span is not None:
                    return Hole(kind, *span)
        return None

    def _cut(
        self,
        file: Document,
        text: str,
        hole: Hole,
        files: Sequence[Document],
        dice: random.Random,
    ) -> Example | None:
        """The example of a hole; None where it leaves no room for the text around."""
        order = draw(self._orders, dice)[0]
        contract, length = self._contracts[order], self._recipe.length
        before, after = text[: hole.start], text[hole.end :]
        with_files = len(files) > 1 and dice.random() < self._recipe.context
        context = self._context(contract, file, files) if with_files else []
        language = by_id(file.language, file.path)
        frame = _frame(contract, file, language, context)
        line = before.rfind("\n") + 1
        headed = self._recipe.placement is Placement.LINE_HEAD and bool(frame.fixed[-1])
        head, before = (before[line:], before[:line]) if headed else ("", before)
        target = [*contract.encode(text[hole.start : hole.end]), contract.end]
        lead = contract.encode(head)
        room = length - frame.overhead - len(target) - len(lead)
        if room < length // 4:
            return None
        suffix = fit(after, room, frame.encode_suffix)
        prefix = fit(
            before,
            room - min(len(suffix), room // 4),
            lambda part: frame.encode_prefix(part)[0],
            end=True,
        )
        if len(prefix) + len(suffix) > room:
            suffix = fit(after, room - len(prefix), frame.encode_suffix)
        prompt = [*frame.assemble(prefix, suffix).tokens, *lead]
        learned = 1 if self._recipe.loss is Loss.ALL else len(prompt)
        if context:
            self.tally["with other files"] += 1
        return _example([*prompt, *target], learned, hole)

    def _context(
        self, contract: Contract, file: Document, files: Sequence[Document]
    ) -> list[tuple[str, str]]:
        """Other files in half of the room, the nearest last."""
        room = self._recipe.length // 2
        chosen: list[tuple[str, str]] = []
        texts = {other.path: other.text for other in files if other.text.strip()}
        for path in nearest(file.path, texts):
            if len(chosen) == self._recipe.context_files:
                break
            text = texts[path].replace("\r\n", "\n")
            if len(text) <= DENSE * room and path not in self._costs:
                ids = contract.encode(f"{path}\n{text}")
                self._costs[path] = len(ids) + AROUND
            if self._costs.get(path, room + 1) <= room:
                room -= self._costs[path]
                chosen.insert(0, (path, text))
        return chosen


def _frame(
    contract: Contract,
    file: Document,
    language: Language,
    context: Sequence[tuple[str, str]],
) -> Frame:
    """As the engine frames it; the repository's name stands with other files only."""
    return contract.frame(
        path=file.path,
        repo=file.repository if context else "",
        language=language.name,
        comment=language.comment,
        files=context,
    )


def _example(ids: Sequence[int], learned: int, hole: Hole | None) -> Example:
    tokens = np.array(ids, np.int32)
    return Example(tokens, np.arange(len(tokens)) >= learned, hole)
