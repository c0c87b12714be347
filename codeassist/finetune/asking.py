"""Examples in the very tokens that the engine evaluates: its prompter renders them."""

from collections.abc import Sequence

import numpy as np

from codeassist.config import CompletionSettings
from codeassist.engine.anchor import Anchors
from codeassist.engine.context.select import Provider
from codeassist.engine.decode import Vocab
from codeassist.engine.prompt import Prompter
from codeassist.fim import Fim
from codeassist.languages import by_id
from codeassist.training.fim_data import Document, Example, Hole

from .cuts import PLAIN, Cut
from .mixture import ExampleMixture

__all__ = ["Asker", "Window"]

N_CTX = 8192
"""So many that the windows alone decide."""

Window = tuple[int, int]
"""Tokens before and after the cursor at the most."""


class Asker:
    """Asks as the engine would, at any hole, and knows the answer.

    Args:
        vocab: The model's tokens.
        contract: The model's form of prompt.
        mixture: How long examples may be.
    """

    def __init__(self, vocab: Vocab, contract: Fim, mixture: ExampleMixture) -> None:
        self._vocab = vocab
        self._contract = contract
        self._mixture = mixture
        self._prompters: dict[tuple[Window, bool], Prompter] = {}

    def example(
        self,
        document: Document,
        cut: Cut,
        window: Window,
        *,
        unfinished: bool = False,
        context: Provider | None = None,
    ) -> Example | None:
        """What the engine would ask at a hole, with what was there and the end token.

        The answer begins where the prompt's middle does, mostly at the start of the
        line: what is typed already is learned like the rest, which teaches every
        place of that line at once. Tokens before the cursor that the whole line would
        not have are read and not learned; healing leaves few (6 of 2,507 examples).

        Args:
            document: The file, its lines ending in line feeds.
            cut: The hole.
            window: How much of the file is seen.
            unfinished: Nothing follows the hole.
            context: Chooses what is shown of other files.

        Returns:
            None where the example would be longer than the mixture allows.
        """
        if cut.kind == PLAIN:
            return self._plain(document.text[cut.start :])
        before, middle = document.text[: cut.start], document.text[cut.start : cut.end]
        after = "" if unfinished else document.text[cut.end :]
        prompt, typed, spelled, pending = self._asked(
            document, before, after, cut.begun, window, context
        )
        encode = self._contract.encode
        answer = encode(typed + middle)
        usual = _shared(spelled, answer)
        if usual < len(spelled):
            answer = [*spelled, *encode(pending + middle)]
        most = self._mixture
        tokens = np.array([*prompt, *answer, self._contract.end], np.int32)
        if len(answer) > most.middle or len(tokens) > most.length:
            return None
        mask = np.arange(len(tokens)) >= len(prompt)
        mask[len(prompt) + usual : len(prompt) + len(spelled)] = False
        return Example(tokens, mask, Hole(cut.kind, cut.start, cut.end))

    def _asked(
        self,
        document: Document,
        before: str,
        after: str,
        begun: int | None,
        window: Window,
        context: Provider | None,
    ) -> tuple[list[int], str, list[int], str]:
        """Tokens of the prompt up to its middle, and what stands behind that.

        Returns:
            The former, the latter as text, its tokens, and its end that is not in them.
        """
        prompter = self._prompter(window, shows=context is not None)
        prompter.forget()
        anchors = Anchors()
        path = document.path
        for head in (before[:begun], before) if begun is not None else (before,):
            anchor = anchors.of(path, head, after)
            rendered, _ = prompter.render(
                head,
                after,
                path=path,
                language=by_id(document.language, path),
                max_tokens=self._mixture.middle,
                context=context,
            )
        frame = self._contract.frame(path=path)
        if frame.ends_with_prefix:
            return rendered.tokens, rendered.pending, [], rendered.pending
        typed = before[len(anchor.before) :]
        spelled, pending = frame.encode_middle(typed)
        prompt = rendered.tokens[: len(rendered.tokens) - len(spelled)]
        assert rendered.tokens[len(prompt) :] == spelled, "the engine asks otherwise"
        return prompt, typed, spelled, pending

    def _prompter(self, window: Window, *, shows: bool) -> Prompter:
        """One for each size, as they remember how many tokens a line has."""
        key = (window, shows)
        if key not in self._prompters:
            settings = CompletionSettings(
                prefix_tokens=window[0],
                suffix_tokens=window[1],
                context_tokens=self._mixture.context_tokens if shows else 0,
            )
            self._prompters[key] = Prompter(
                self._vocab, self._contract, settings, N_CTX
            )
        return self._prompters[key]

    def _plain(self, text: str) -> Example | None:
        """The beginning of a text, all of it learned; with its end where it is whole."""
        most = self._mixture.plain
        own = self._contract
        lead = [] if own.bos is None else [own.bos]
        ids = own.encode(text[: 8 * most], lead_space=own.lead_space)
        whole = len(text) <= 8 * most and len(ids) < most
        tokens = [*lead, *ids[:most], *([own.end] if whole else [])]
        if len(tokens) < 2:
            return None
        return Example(np.array(tokens, np.int32), np.arange(len(tokens)) > 0)


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens both begin with."""
    pairs = zip(one, other, strict=False)
    different = (n for n, (a, b) in enumerate(pairs) if a != b)
    return next(different, min(len(one), len(other)))
