"""What a model is given as: a GGUF, a checkpoint folder, or one of Hugging Face's."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

from codeassist.decoder import CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE
from codeassist.errors import ModelFileError

from .checkpoint import BYTES, HEADER, TensorReader, check_space, count
from .convert import Format, Progress, copy_checkpoint, to_checkpoint, to_gguf
from .gguf_file import GgufFile
from .hugging_face import (
    Shards,
    from_hugging_face,
    open_hugging_face,
    vocabulary_alone,
)

__all__ = ["Form", "as_checkpoint", "as_gguf", "as_vocabulary", "check_room"]
__all__ += ["form_of", "is_checkpoint", "make_checkpoint", "scratch", "vocabulary_of"]


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
    source: Path, folder: Path, *, progress: Progress | None = None
) -> Path:
    """The checkpoint folder of a model: itself, or one made at ``folder``, to the bit.

    Raises:
        ModelFileError: a model that is damaged or cannot be converted.
        DiskSpaceError: no room for it.
    """
    if form_of(source) is Form.CHECKPOINT:
        return source
    make_checkpoint(source, folder, format_=_exact(source), progress=progress)
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
    form = form_of(source)
    if form is Form.GGUF:
        return source
    check_room(folder, source, [format_])
    checkpoint = as_checkpoint(source, folder / "checkpoint", progress=progress)
    path = folder / "model.gguf"
    to_gguf(checkpoint, path, format_=format_, progress=progress)
    if form is Form.HUGGING_FACE:
        shutil.rmtree(checkpoint)  # its room is for what is made of the GGUF
    return path


def check_room(folder: Path, source: Path, formats: Sequence[Format]) -> None:
    """Refuse to begin what the disk cannot hold all at once.

    Args:
        folder: Where it is to lie.
        source: A model, of which there is to be what `as_checkpoint` gives,
        formats: and a copy in each of these.

    Raises:
        DiskSpaceError: no room.
        ModelFileError: a model that is damaged.
    """
    form = form_of(source)
    between = [] if form is Form.CHECKPOINT else [_exact(source)]
    numbers = count(
        GgufFile(source).shapes if form is Form.GGUF else _of(source).shapes
    )
    copies = [*between, *formats]
    check_space(folder, sum(numbers * BYTES[each] + HEADER for each in copies))


def _exact(source: Path) -> Format:
    """In what a checkpoint loses nothing: the model's 16 bits, where all has the same."""
    if form_of(source) is Form.GGUF:
        return "F32"  # its norms are
    formats = set(_of(source).formats.values())
    if formats == {"F16"}:
        return "F16"
    return "BF16" if formats == {"BF16"} else "F32"


def _of(folder: Path) -> TensorReader | Shards:
    if form_of(folder) is Form.HUGGING_FACE:
        return open_hugging_face(folder)[1]
    return TensorReader(folder / WEIGHTS_FILE)


def as_vocabulary(source: Path, folder: Path) -> Path:
    """A GGUF that has the vocabulary of a model: one that is there, or made in ``folder``.

    Raises:
        ModelFileError: a damaged model, or a vocabulary that cannot be translated.
    """
    path = vocabulary_of(source)
    if form_of(source) is Form.HUGGING_FACE and not path.is_file():
        path = folder / TOKENIZER_FILE
        vocabulary_alone(source, path)
    return path


def vocabulary_of(source: Path) -> Path:
    """The file that has the vocabulary of a GGUF or a checkpoint folder."""
    return source if form_of(source) is Form.GGUF else source / TOKENIZER_FILE
