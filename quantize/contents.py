"""What a model on disk holds: its decoder, its tensors, its vocabulary."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codeassist.decoder import WEIGHTS_FILE, DecoderConfig
from codeassist.errors import ModelFileError

from .checkpoint import TensorReader
from .convert import load_config
from .gguf_file import GgufFile
from .hugging_face import Shards, family_of, name_of, open_hugging_face
from .layout import pieces
from .read_config import read_config
from .source import Form, form_of

__all__ = ["Contents", "Stored", "Words", "read_contents", "read_words"]

IDS = {
    "bos_token_id": "begin",
    "eos_token_id": "end",
    "eot_token_id": "end of turn",
    "unknown_token_id": "unknown",
    "padding_token_id": "padding",
}
"""Keys of a GGUF's special tokens, and what they are to a person."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One tensor as it lies on disk."""

    name: str
    shape: tuple[int, ...]
    kind: str
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Words:
    """A vocabulary."""

    model: str
    """``gpt2``: byte-level BPE; ``llama``: SentencePiece."""

    pre: str
    size: int
    special: Mapping[str, tuple[int, str]]
    """Id and spelling of the tokens that the file names."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A model."""

    path: Path
    form: Form
    kind: str
    """``model``, or what else a GGUF says that it is: ``adapter``, ``imatrix``."""

    architecture: str
    name: str
    config: DecoderConfig | None
    """None: a file without a decoder, or one that cannot be converted."""

    note: str
    """Why there is none."""

    tensors: tuple[Stored, ...]

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        return sum(tensor.size for tensor in self.tensors)

    @property
    def kinds(self) -> Mapping[str, tuple[int, int]]:
        """How many tensors have which type, and their bytes; the largest first."""
        counts, sizes = Counter[str](), Counter[str]()
        for tensor in self.tensors:
            counts[tensor.kind] += 1
            sizes[tensor.kind] += tensor.size
        return {kind: (counts[kind], size) for kind, size in sizes.most_common()}

    @property
    def gguf_kinds(self) -> Mapping[str, str]:
        """Every tensor's type by its name in a GGUF, to compare two models by."""
        kinds = {tensor.name: tensor.kind for tensor in self.tensors}
        if self.form is Form.GGUF or self.config is None:
            return kinds
        return {
            theirs: kinds[piece.ours[0]]
            for piece in pieces(self.config)
            for theirs in piece.theirs
            if piece.ours[0] in kinds
        }


def read_contents(path: Path) -> Contents:
    """Look into a GGUF, a checkpoint folder, or one of Hugging Face's.

    Raises:
        ModelFileError: not there, foreign, or damaged.
    """
    form = form_of(path)
    if form is Form.GGUF:
        return _gguf(path)
    if form is Form.HUGGING_FACE:
        return _hugging_face(path)
    config = load_config(path)
    return Contents(
        path=path,
        form=Form.CHECKPOINT,
        kind="model",
        architecture=config.architecture,
        name=path.resolve().name,
        config=config,
        note="",
        tensors=_stored(TensorReader(path / WEIGHTS_FILE)),
    )


def _hugging_face(path: Path) -> Contents:
    config, note = None, ""
    try:
        config, shards = open_hugging_face(path)
    except ModelFileError as error:  # if it is not of the weights
        note, shards = str(error), Shards(path)
    return Contents(
        path=path,
        form=Form.HUGGING_FACE,
        kind="model",
        architecture=config.architecture if config else family_of(path),
        name=name_of(path),
        config=config,
        note=note,
        tensors=_stored(shards),
    )


def _stored(tensors: TensorReader | Shards) -> tuple[Stored, ...]:
    formats, sizes = tensors.formats, tensors.sizes
    return tuple(
        Stored(name, shape, formats[name], sizes[name])
        for name, shape in tensors.shapes.items()
    )


def _gguf(path: Path) -> Contents:
    file = GgufFile(path)
    kind = str(file.get("general.type", "model"))
    types, config, note = file.types, None, ""
    if kind != "model":
        note = f"it is an {kind}"
    elif not file.shapes:
        kind, note = "vocabulary", "it has no tensors"
    else:
        try:
            config = read_config(file)
        except ModelFileError as error:
            note = str(error)
    return Contents(
        path=path,
        form=Form.GGUF,
        kind=kind,
        architecture=file.architecture,
        name=str(file.get("general.name", "")),
        config=config,
        note=note,
        tensors=tuple(
            Stored(name, shape, types[name], int(file.raw(name)[0].nbytes))
            for name, shape in file.shapes.items()
        ),
    )


def read_words(path: Path) -> Words | None:
    """Look into a vocabulary; None: the file has none.

    Args:
        path: A GGUF.

    Raises:
        ModelFileError: missing, foreign or damaged.
    """
    file = GgufFile(path)
    if not file.n_tokens:
        return None
    tokens = file.get("tokenizer.ggml.tokens")
    found = {
        label: file.get(f"tokenizer.ggml.{key}")
        for key, label in IDS.items()
        if f"tokenizer.ggml.{key}" in file.values
    }
    return Words(
        model=str(file.get("tokenizer.ggml.model", "")),
        pre=str(file.get("tokenizer.ggml.pre", "")),
        size=file.n_tokens,
        special={
            label: (n, tokens[n]) for label, n in found.items() if n < len(tokens)
        },
    )
