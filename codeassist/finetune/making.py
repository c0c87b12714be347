"""Examples of single files: where each is cut, and what it shows of other files."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from codeassist.engine.context.select import RepositoryContext
from codeassist.languages import by_id
from codeassist.training.fim_data import Document, Example
from codeassist.training.fim_data.spans import Spans

from .alone import functions_alone
from .asking import Asker
from .cuts import PLAIN, Cut, draw_cut
from .mixture import ExampleMixture
from .needing import draw_needing

__all__ = ["Maker", "language_of"]

CONTEXT_WINDOW = 256
"""Tokens before the cursor at the most, in examples that show other files."""

ROUNDS = 3
"""Attempts at an example for each that is wanted of a file."""

NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Maker:
    """Draws and makes examples.

    Args:
        asker: Of the model.
        mixture: What is made.
        tally: Where it is noted what was made.
        draws_context: Whether each example draws if it shows other files, and not its
            repository.
    """

    asker: Asker
    mixture: ExampleMixture
    tally: Counter[str]
    draws_context: bool = False

    def stream(
        self,
        files: Sequence[Document],
        wanted: int,
        dice: random.Random,
        context: RepositoryContext | None,
    ) -> Iterator[tuple[Document, Example]]:
        """So many examples of some files, few of each."""
        made = 0
        taken: Counter[str] = Counter()
        order = dice.sample(files, len(files))
        for file in order * (ROUNDS * self.mixture.per_file):
            if made == wanted:
                return
            if taken[file.path] == self.mixture.per_file:
                continue
            example = self._example(file, dice, context)
            if example is not None:
                made += 1
                taken[file.path] += 1
                self.tally[f"language {language_of(file)}"] += 1
                yield file, example

    def _example(
        self,
        file: Document,
        dice: random.Random,
        context: RepositoryContext | None,
    ) -> Example | None:
        """One example of a file; None where the draw came to nothing."""
        alone = dice.random() < self.mixture.alone
        if self.draws_context and context is not None:
            context = context if dice.random() < self.mixture.context else None
        if alone:
            found = functions_alone(file.text, language_of(file))
            if not found:
                return None
            context = None
            text = found[min(dice.randrange(len(found)), dice.randrange(len(found)))]
            file = replace(file, text=text)
        if not file.text.strip():
            return None
        cut, names = self._cut(file, dice, context)
        if cut is None:
            return None
        unfinished = cut.kind != PLAIN and dice.random() < self.mixture.unfinished
        window = self.mixture.window(dice)
        example = self._asked(file, cut, window, unfinished, context)
        if example is None or not self._shows(example, names):
            return None
        self._note(cut.kind, alone, unfinished, context is not None, bool(names))
        return example

    def _cut(
        self,
        file: Document,
        dice: random.Random,
        context: RepositoryContext | None,
    ) -> tuple[Cut | None, frozenset[str]]:
        """A hole, and the names in it that other files should show, if it is for them."""
        language, kinds = language_of(file), self.mixture.kinds
        spans = Spans(file.text, language, longest=self.mixture.longest)
        if context is not None and dice.random() < self.mixture.needed:
            found = draw_needing(file, language, spans, kinds, dice, context.index)
            if found is not None:
                return found
        return draw_cut(file.text, spans, kinds, dice), NO_NAMES

    def _asked(
        self,
        file: Document,
        cut: Cut,
        window: tuple[int, int],
        unfinished: bool,
        context: RepositoryContext | None,
    ) -> Example | None:
        if context is None or cut.kind == PLAIN:
            return self.asker.example(
                file, cut, window, unfinished=unfinished, context=context
            )
        window = (min(window[0], CONTEXT_WINDOW), window[1])
        # the file as it is in the editor: with the hole
        after = "" if unfinished else file.text[cut.end :]
        context.index.changed(file.path, file.text[: cut.start] + after)
        context.index.wait()
        try:
            return self.asker.example(
                file, cut, window, unfinished=unfinished, context=context
            )
        finally:
            context.index.closed(file.path)

    def _shows(self, example: Example, names: frozenset[str]) -> bool:
        """Whether the prompt has one of the names, where there are any."""
        if not names:
            return True
        shown = self.asker.shown(example)
        return any(name in shown for name in names)

    def _note(
        self, kind: str, alone: bool, unfinished: bool, shows: bool, needs: bool
    ) -> None:
        self.tally[f"kind {kind}"] += 1
        if kind != PLAIN:
            self.tally["function alone"] += alone
            self.tally["unfinished"] += unfinished
            self.tally["with context"] += shows
            self.tally["needs another file"] += needs


def language_of(file: Document) -> str:
    """Its identifier, by its path where it says none."""
    return by_id(file.language, file.path).name
