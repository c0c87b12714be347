"""What a model is given as: a GGUF, a checkpoint folder, or one of Hugging Face's."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

from codeassist.decoder import CONFIG_FILE, TOKENIZER_FILE
from codeassist.errors import ModelFileError

from .convert import Format, Progress, copy_checkpoint, to_checkpoint, to_gguf
from .hugging_face import from_hugging_face

__all__ = ["Form", "as_checkpoint", "as_gguf", "form_of", "is_checkpoint"]
__all__ += ["make_checkpoint", "scratch", "vocabulary_of"]


class Form(Enum):
    """How a model lies on disk."""

    GGUF = "GGUF"
    CHECKPOINT = "checkpoint"
    HUGGING_FACE = "Hugging Face checkpoint"


def form_of(path: Path) -> Form:
    """Tell by the file, or by a folder's ``config.json``.

    Raises:
        ModelFileError: neither, or not there.
    """
    if path.is_file():
        return Form.GGUF
    for key, form in (
        ("architecture", Form.CHECKPOINT),
        ("model_type", Form.HUGGING_FACE),
    ):
        if key in _config(path):
            return form
    what = f"has no {CONFIG_FILE} of a model" if path.is_dir() else "is not there"
    msg = f"{path} {what}; name a GGUF file or a checkpoint's folder"
    raise ModelFileError(msg)


def _config(folder: Path) -> Mapping[str, object]:
    try:
        values = json.loads((folder / CONFIG_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def is_checkpoint(folder: Path) -> bool:
    """Whether a folder is a checkpoint of ours, or empty: what may be written over."""
    if not folder.is_dir():
        return False
    return not any(folder.iterdir()) or "architecture" in _config(folder)


@contextmanager
def scratch(target: Path) -> Iterator[Path]:
    """A folder beside ``target`` for what lies between, gone afterwards.

    Raises:
        ModelFileError: nothing can be written there.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = TemporaryDirectory(prefix=".codeassist-", dir=target.parent)
    except OSError as error:
        msg = f"{target} cannot be written ({error.strerror}); name another place"
        raise ModelFileError(msg) from error
    with folder as name:
        yield Path(name)


def make_checkpoint(
    source: Path,
    folder: Path,
    *,
    format_: Format = "F32",
    progress: Progress | None = None,
) -> None:
    """Write a checkpoint folder of a model of any form.

    Raises:
        ModelFileError: a model that is damaged or cannot be converted.
        DiskSpaceError: no room for it.
    """
    make = {
        Form.GGUF: to_checkpoint,
        Form.HUGGING_FACE: from_hugging_face,
        Form.CHECKPOINT: copy_checkpoint,
    }
    make[form_of(source)](source, folder, format_=format_, progress=progress)


def as_checkpoint(
    source: Path,
    folder: Path,
    *,
    format_: Format = "F32",
    progress: Progress | None = None,
) -> Path:
    """The checkpoint folder of a model: itself, or one made at ``folder``.

    Raises:
        ModelFileError: a model that is damaged or cannot be converted.
        DiskSpaceError: no room for it.
    """
    if form_of(source) is Form.CHECKPOINT:
        return source
    make_checkpoint(source, folder, format_=format_, progress=progress)
    return folder


def as_gguf(
    source: Path,
    folder: Path,
    *,
    format_: Format = "F16",
    progress: Progress | None = None,
) -> Path:
    """The GGUF of a model: itself, or one made in ``folder``.

    Raises:
        ModelFileError: a model that is damaged or cannot be converted.
        DiskSpaceError: no room for it.
    """
    if form_of(source) is Form.GGUF:
        return source
    exact: Format = "BF16" if format_ == "BF16" else "F32"  # norms stay in F32
    checkpoint = as_checkpoint(
        source, folder / "checkpoint", format_=exact, progress=progress
    )
    path = folder / "model.gguf"
    to_gguf(checkpoint, path, format_=format_, progress=progress)
    return path


def vocabulary_of(source: Path) -> Path:
    """The file that has the vocabulary of a GGUF or a checkpoint folder."""
    return source if form_of(source) is Form.GGUF else source / TOKENIZER_FILE
