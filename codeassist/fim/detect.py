"""Which family a model belongs to, by its vocabulary first and its metadata second."""

import re

from codeassist.errors import FamilyError

from .families import FAMILIES, UNTRAINED, Family
from .layout import COMMENTED_FILE, Layout, Slot, commented, sentinels
from .prompt import Fim, LeftToRight, Vocabulary

__all__ = ["detect"]

INSTRUCT = re.compile(r"(^|-)(instruct|chat|it)(-| )")
ADD_BOS = ("llama3", "llama-v3", "llama-bpe")
"""Pretokenizers that add BOS where the file does not say so; byte-level ones mostly
do not, SentencePiece does."""


def detect(vocabulary: Vocabulary, family: str | None = None) -> Fim | LeftToRight:
    """The form of prompt for a model.

    Args:
        vocabulary: The model's.
        family: A name of `FAMILIES`, to use in place of what the file says.

    Raises:
        FamilyError: no such family, or one whose tokens the vocabulary lacks.
    """
    if family is not None:
        vocabulary.scan()
        return _bind(_named(family, vocabulary), vocabulary)
    found = _found(vocabulary)
    if isinstance(found, Fim):
        return found
    vocabulary.scan()  # sentinels that the GGUF does not mark as special
    return _found(vocabulary)


def _found(vocabulary: Vocabulary) -> Fim | LeftToRight:
    identity = _identity(vocabulary)
    for pattern, reason in UNTRAINED:
        if re.search(pattern, identity):
            return _left_to_right(vocabulary, reason)
    able = [f for f in FAMILIES if _missing(f, vocabulary) is None]
    sure = [f for f in able if re.search(f.names, identity)]
    likely = [f for f in able if not f.by_name]
    if sure:
        return _bind(max(sure, key=lambda f: f.by_name), vocabulary)
    if likely:
        return _bind(likely[0], vocabulary)
    return _left_to_right(vocabulary, _why_not(able, vocabulary))


def _named(name: str, vocabulary: Vocabulary) -> Family:
    for family in FAMILIES:
        if family.name == name:
            missing = _missing(family, vocabulary)
            if missing is None:
                return family
            msg = f"{_label(vocabulary)} has no {missing}: it is not a {name} model"
            raise FamilyError(msg)
    names = ", ".join(family.name for family in FAMILIES)
    msg = f"no FIM family is called {name!r}; choose one of {names}"
    raise FamilyError(msg)


def _label(vocabulary: Vocabulary) -> str:
    return vocabulary.meta("general.name") or "the model"


def _identity(vocabulary: Vocabulary) -> str:
    """What the patterns of the table are matched with."""
    keys = ("general.name", "general.basename", "general.finetune")
    words = " ".join(vocabulary.meta(key) or "" for key in keys).lower()
    name = re.sub(r"[\W_]+", "-", words).strip("-")
    architecture = vocabulary.meta("general.architecture") or ""
    pre = vocabulary.meta("tokenizer.ggml.pre") or ""
    return f"{name} arch:{architecture} pre:{pre} "


def _find(vocabulary: Vocabulary, token: str) -> int | None:
    """Id of a special token; a file may spell it without SentencePiece's space."""
    found = vocabulary.special(token)
    if found is None and token.startswith("▁"):
        return vocabulary.special(token.removeprefix("▁"))
    return found


def _missing(family: Family, vocabulary: Vocabulary) -> str | None:
    """What the vocabulary lacks for the family, if anything."""
    for token in (*sentinels(family.layout), *family.marks):
        if _find(vocabulary, token) is None:
            return token
    if all(_find(vocabulary, token) is None for token in family.ends):
        return family.ends[0]
    if family.bos and vocabulary.bos is None:
        return "beginning-of-sequence token"
    return None


def _why_not(able: list[Family], vocabulary: Vocabulary) -> str:
    label = _label(vocabulary)
    if able:
        names = " or ".join(family.name for family in able)
        return f"{label} has the tokens of {names}, but no name that says it is one"
    for family in FAMILIES:
        before_suffix = family.layout[family.layout.index(Slot.SUFFIX) - 1]
        for token in sentinels((before_suffix,)):
            if _find(vocabulary, token) is not None:
                return f"{label} has {token} but fits no family that is known for it"
    return f"{label} has no fill-in-the-middle tokens"


def _adds_bos(vocabulary: Vocabulary) -> bool:
    says = vocabulary.meta("tokenizer.ggml.add_bos_token")
    if says is not None:
        return says.lower() == "true"
    sentencepiece = vocabulary.meta("tokenizer.ggml.model") == "llama"
    return sentencepiece or vocabulary.meta("tokenizer.ggml.pre") in ADD_BOS


def _bind(family: Family, vocabulary: Vocabulary) -> Fim:
    repository, file = _repository_form(family, vocabulary)
    inside = (*sentinels(family.layout), *sentinels(repository), *sentinels(file))
    found = {t: _find(vocabulary, t) for t in (*family.ends, *inside)}
    ids = {token: n for token, n in found.items() if n is not None}
    bos = _adds_bos(vocabulary) if family.bos is None else family.bos
    return Fim(
        vocabulary=vocabulary,
        layout=family.layout,
        repository=repository,
        file=file,
        ids=ids,
        bos=vocabulary.bos if bos else None,
        stops=frozenset(ids.values()),
        note=_note(family, vocabulary),
        lead_space=family.lead_space,
        family=family,
        end=next(ids[token] for token in family.ends if token in ids),
    )


def _repository_form(family: Family, vocabulary: Vocabulary) -> tuple[Layout, Layout]:
    tokens = (*sentinels(family.repository), *sentinels(family.file))
    if family.repository and all(_find(vocabulary, t) is not None for t in tokens):
        return family.repository, family.file
    return commented(family.layout), COMMENTED_FILE


def _note(family: Family, vocabulary: Vocabulary) -> str:
    identity = _identity(vocabulary)
    label = _label(vocabulary)
    if not re.search(family.names, identity):
        return f"{label} is taken for {family.name} by its tokens, not by its name"
    if family.instruct and INSTRUCT.search(identity):
        return f"{label} is an instruct model: {family.instruct}"
    return ""


def _left_to_right(vocabulary: Vocabulary, reason: str) -> LeftToRight:
    layout: Layout = (Slot.PREFIX,)
    bos = vocabulary.bos if _adds_bos(vocabulary) else None
    return LeftToRight(
        vocabulary=vocabulary,
        layout=layout,
        repository=commented(layout),
        file=COMMENTED_FILE,
        ids={},
        bos=bos,
        heals=True,
        reason=reason,
    )
