"""A form of prompt bound to a vocabulary, which turns text into ids."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Protocol

from .families import Family
from .layout import Layout, Slot, Token

__all__ = [
    "Contract",
    "Example",
    "Fim",
    "Frame",
    "LeftToRight",
    "Rendered",
    "Vocabulary",
]

Files = Sequence[tuple[str, str]]

UNFINISHED = re.compile(r"(?:\w{1,40}|[^\w\n])\Z")
"""The end of a text that its next characters may still change the tokens of."""

WORD = "a"
"""Stands for what may come: a blank is a part of the token of the word behind it."""


class Vocabulary(Protocol):
    """What a prompt needs of a tokenizer."""

    @property
    def bos(self) -> int | None:
        """Id of the beginning-of-sequence token."""

    def special(self, text: str) -> int | None:
        """The one id of the entry that is spelled exactly so."""

    def scan(self) -> None:
        """From now on `special` finds entries that are not marked special, too."""

    def tokenize(self, text: str, *, lead_space: bool = True) -> list[int]:
        """Ids of user text, without BOS."""

    def piece(self, token: int) -> bytes:
        """What a token writes; a part of a character, perhaps."""

    def meta(self, key: str) -> str | None:
        """A value of the GGUF's metadata."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt, ready to decode."""

    tokens: list[int]

    stable_length: int
    """Leading tokens that typing leaves alone: all that stand before the prefix."""

    pending: str = ""
    """End of the text before the cursor that is not in `tokens`; the answer must start
    with it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt with its answer, to train on."""

    tokens: list[int]

    target: int
    """Where the answer starts in `tokens`; it ends with the family's end token."""


@lru_cache(maxsize=16)
def _starts(spellings: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds where a sentinel is spelled out; none of them can overlap another."""
    return re.compile("|".join(map(re.escape, spellings))) if spellings else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a model expects of a prompt, in the ids of its vocabulary."""

    vocabulary: Vocabulary

    layout: Layout
    repository: Layout
    """The layout where there are other files."""

    file: Layout
    ids: Mapping[str, int]
    """Id of each special token of the form, by its spelling."""

    bos: int | None
    """Starts each prompt, unless None."""

    stops: frozenset[int] = frozenset()
    """Ids that end an answer, besides those that the model ends with anyway."""

    note: str = ""
    """What the user should know about this model, in one line; often nothing."""

    lead_space: bool = True
    heals: bool = False
    """Trailing whitespace of the prefix stays out of the ids: byte-level BPE glues it
    to the word that follows, so the model never saw it on its own."""

    @property
    def overhead(self) -> int:
        """Tokens besides prefix and suffix, in a prompt without path and files.

        For any other prompt ask its `Frame`.
        """
        return self.frame().overhead

    def encode(self, text: str, *, lead_space: bool = False) -> list[int]:
        """User text as ids; a sentinel that is spelled out in it stays text.

        It holds for any tokenizer, also one that parses added tokens everywhere: each
        spelling is cut behind its first character, and the parts are encoded apart.
        """
        starts = _starts(tuple(spelling.lstrip("▁") for spelling in self.ids))
        found = starts.finditer(text) if starts else ()
        cuts = [0, *(match.start() + 1 for match in found), len(text)]
        tokens: list[int] = []
        for start, end in pairwise(cuts):
            lead = lead_space and start == 0
            tokens += self.vocabulary.tokenize(text[start:end], lead_space=lead)
        return tokens

    def frame(
        self,
        *,
        path: str = "",
        repo: str = "",
        language: str = "",
        comment: str = "#",
        files: Files = (),
    ) -> "Frame":
        """Everything of a prompt but its prefix and its suffix.

        Args:
            path: The file's path, relative to the repository.
            repo: Name of the repository.
            language: Name of the language.
            comment: Its line comment leader, for forms that name files in comments.
            files: Path and text of other files, the most important last. With any,
                the prompt takes the repository form.
        """
        values = {
            Slot.PATH: path,
            Slot.REPO: repo,
            Slot.LANGUAGE: language,
            Slot.COMMENT: comment,
        }
        layout = self.repository if files else self.layout
        return self._frame(_resolve(layout, values, self.file, files))

    def _frame(self, atoms: Iterable[Token | Slot | str]) -> "Frame":
        runs: list[list[int]] = [[] if self.bos is None else [self.bos]]
        slots: list[Slot] = []
        lead = self.lead_space  # false after text, true again after a sentinel
        prefix_lead = lead
        for is_text, group in groupby(atoms, key=lambda atom: isinstance(atom, str)):
            if is_text:
                text = "".join(str(atom) for atom in group)
                runs[-1] += self.encode(text, lead_space=lead)
                lead = False
                continue
            for atom in group:
                if isinstance(atom, Token):
                    runs[-1].append(self.ids[atom.text])
                    lead = self.lead_space
                elif isinstance(atom, Slot):
                    prefix_lead = lead if atom is Slot.PREFIX else prefix_lead
                    slots.append(atom)
                    runs.append([])
                    lead = False
        fixed = tuple(tuple(run) for run in runs)
        return Frame(self, fixed, tuple(slots), prefix_lead)

    def render(
        self,
        prefix: str,
        suffix: str,
        *,
        path: str = "",
        repo: str = "",
        language: str = "",
        comment: str = "#",
        files: Files = (),
    ) -> Rendered:
        """The prompt for a hole between two texts; arguments as in `frame`."""
        frame = self.frame(
            path=path, repo=repo, language=language, comment=comment, files=files
        )
        tokens, pending = frame.encode_prefix(prefix)
        return frame.assemble(tokens, frame.encode_suffix(suffix), pending)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fim(Contract):
    """A family's form of prompt in the ids of one vocabulary."""

    family: Family

    end: int
    """What ends a middle in training."""

    def example(self, prefix: str, middle: str, suffix: str) -> Example:
        """A file with a hole and what was there."""
        prompt = self.render(prefix, suffix).tokens
        return Example([*prompt, *self.encode(middle), self.end], len(prompt))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftToRight(Contract):
    """Plain continuation, for models that cannot fill in; the suffix stays out."""

    reason: str
    """Why, in one line for the user."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A prompt in which only prefix and suffix are missing."""

    contract: Contract

    fixed: tuple[tuple[int, ...], ...]
    """The ids before, between and after the slots."""

    slots: tuple[Slot, ...]
    """Prefix and suffix in prompt order."""

    prefix_lead: bool
    """Whether SentencePiece's implicit leading space belongs before the prefix."""

    @property
    def overhead(self) -> int:
        """Tokens besides prefix and suffix."""
        return sum(map(len, self.fixed))

    def encode_prefix(self, text: str) -> tuple[list[int], str]:
        """Ids of the prefix, and its end that the answer must start with instead."""
        head = text.rstrip(" \t\r\n") if self.contract.heals else text
        tokens = self.contract.encode(head, lead_space=self.prefix_lead)
        if tokens or self.overhead:
            return tokens, text[len(head) :]
        return self.contract.encode(text or "\n"), ""  # no model continues nothing

    def encode_suffix(self, text: str) -> list[int]:
        """Ids of the suffix; none where the form has no place for it."""
        return self.contract.encode(text) if Slot.SUFFIX in self.slots else []

    @property
    def ends_with_prefix(self) -> bool:
        """Whether the answer goes on where the prefix ends, with nothing between."""
        return self.slots[-1] is Slot.PREFIX and not self.fixed[-1]

    def encode_middle(self, text: str) -> tuple[list[int], str]:
        """Ids of what the file has of the middle, and its end as in `encode_prefix`.

        The end is all that is in one token with the word, the blank or the sign that
        the cursor stands behind: what comes next may make another token of it, which
        the model would not expect behind the pieces (token healing, as in
        Guidance).
        """
        found = UNFINISHED.search(text)
        end = len(text[: found.start() if found else None].encode("utf-8", "replace"))
        blank = text[-1:].isspace()
        ids = self.contract.encode(text + WORD if blank else text)
        kept = size = 0
        for token in ids:
            n = len(self.contract.vocabulary.piece(token))
            if size + n > end:
                break
            kept, size = kept + 1, size + n
        return self._split(text, ids[:kept], size)

    def _split(self, text: str, ids: list[int], size: int) -> tuple[list[int], str]:
        """The ids of the first bytes of a text, and the rest, cut between characters."""
        raw = text.encode("utf-8", "replace")
        while ids and size < len(raw) and raw[size] & 0xC0 == 0x80:
            size -= len(self.contract.vocabulary.piece(ids.pop()))
        return ids, raw[size:].decode()

    def assemble(
        self,
        prefix: Sequence[int],
        suffix: Sequence[int],
        pending: str = "",
        middle: Sequence[int] = (),
    ) -> Rendered:
        """The whole prompt, from ids that may have been trimmed in between.

        Args:
            prefix: From `encode_prefix`, or the end of it.
            suffix: From `encode_suffix`, or the start of it.
            pending: From `encode_prefix` or `encode_middle`.
            middle: From `encode_middle`.
        """
        tokens = list(self.fixed[0])
        stable = 0
        for slot, fixed in zip(self.slots, self.fixed[1:], strict=True):
            if slot is Slot.PREFIX:
                stable = len(tokens)
            tokens += prefix if slot is Slot.PREFIX else suffix
            tokens += fixed
        return Rendered([*tokens, *middle], stable, pending)


def _resolve(
    layout: Layout, values: Mapping[Slot, str], file: Layout, files: Files
) -> Iterator[Token | Slot | str]:
    """The layout as sentinels, text and the two slots that remain."""
    for piece in layout:
        if isinstance(piece, tuple):
            slots = (inner for inner in piece if isinstance(inner, Slot))
            if all(values.get(slot) != "" for slot in slots):
                yield from _resolve(piece, values, file, files)
        elif piece is Slot.FILES:
            for path, text in files:
                own = {**values, Slot.PATH: path, Slot.TEXT: text}
                yield from _resolve(file, own, (), ())
        elif isinstance(piece, Slot) and piece in values:
            if values[piece]:
                yield values[piece]
        else:
            yield piece
