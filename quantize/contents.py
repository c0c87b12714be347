"""What a model on disk holds: its decoder, its tensors, its vocabulary."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codeassist.decoder import TOKENIZER_FILE, WEIGHTS_FILE, DecoderConfig
from codeassist.errors import ModelFileError

from .checkpoint import TensorReader
from .convert import load_config
from .gguf_file import GgufFile
from .hugging_face import Shards, open_hugging_face
from .layout import pieces
from .read_config import read_config
from .source import Form, form_of

__all__ = ["Contents", "Stored", "Words", "read_contents"]

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

    words: Words | None
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
    tensors: TensorReader | Shards
    if form is Form.GGUF:
        return _gguf(path)
    if form is Form.CHECKPOINT:
        config, tensors = load_config(path), TensorReader(path / WEIGHTS_FILE)
    else:
        config, tensors = open_hugging_face(path)
    formats, sizes = tensors.formats, tensors.sizes
    stored = tuple(
        Stored(name, shape, formats[name], sizes[name])
        for name, shape in tensors.shapes.items()
    )
    tokenizer = path / TOKENIZER_FILE
    words = _words(GgufFile(tokenizer)) if tokenizer.is_file() else None
    return Contents(
        path=path,
        form=form,
        kind="model",
        architecture=config.architecture,
        name=path.name,
        config=config,
        note="",
        words=words,
        tensors=stored,
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
        words=_words(file),
        tensors=tuple(
            Stored(name, shape, types[name], int(file.raw(name)[0].nbytes))
            for name, shape in file.shapes.items()
        ),
    )


def _words(file: GgufFile) -> Words | None:
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
