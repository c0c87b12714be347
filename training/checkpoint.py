"""Read and write the checkpoint folder in which training and quantize meet."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from codeassist.decoder import (
    CONFIG_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    DecoderConfig,
    tensor_shapes,
)
from codeassist.errors import ModelFileError

from .model import Decoder, Parts

__all__ = ["load_decoder", "read_config", "read_tensors", "save_checkpoint"]


def save_checkpoint(
    folder: Path,
    config: DecoderConfig,
    tensors: Mapping[str, Tensor],
    *,
    tokenizer: Path | None = None,
) -> None:
    """Write a whole checkpoint beside ``folder``, then put it in its place.

    What a killed writer left beside it goes first: there is one writer at a time.

    Args:
        folder: where it shall stand; an older checkpoint there is replaced.
        config: the decoder's shapes.
        tensors: at least those of ``tensor_shapes``; others (adapters) are left out.
        tokenizer: ``tokenizer.gguf`` to take along.

    Raises:
        ModelFileError: tensors are missing or misshapen, or ``folder`` is in use for
            something else.
    """
    if folder.exists() and not _replaceable(folder):
        msg = f"{folder} exists and is no checkpoint; name another folder"
        raise ModelFileError(msg)
    _check(config, tensors, where="the decoder to be saved")
    # Saved tensors must not share memory, and are read back in one piece.
    kept = {name: tensors[name].detach().contiguous() for name in tensor_shapes(config)}
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (folder.with_name(f".{folder.name}.{n}") for n in ("part", "old"))
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    try:
        fresh.mkdir()
        save_file(kept, fresh / WEIGHTS_FILE, metadata={"format": "pt"})
        text = json.dumps(config.to_dict(), indent=2)
        (fresh / CONFIG_FILE).write_text(text + "\n", encoding="utf-8")
        if tokenizer is not None:
            shutil.copyfile(tokenizer, fresh / TOKENIZER_FILE)
        _swap(fresh, folder, old)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def read_config(folder: Path) -> DecoderConfig:
    """Read the decoder's shapes.

    Raises:
        ModelFileError: there is no readable ``config.json``.
        ConfigError: it has unknown or missing keys, or shapes that do not fit.
    """
    path = folder / CONFIG_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        msg = f"{folder} has no {CONFIG_FILE}: name a checkpoint's folder"
        raise ModelFileError(msg) from error
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read ({error}); write the checkpoint again"
        raise ModelFileError(msg) from error
    if not isinstance(values, dict):
        msg = f"{path} holds no configuration; write the checkpoint again"
        raise ModelFileError(msg)
    return DecoderConfig.from_dict(values)


def read_tensors(folder: Path, config: DecoderConfig) -> dict[str, Tensor]:
    """Read all tensors and check their names and shapes.

    Raises:
        ModelFileError: the file is missing or truncated, or does not fit ``config``.
    """
    path = folder / WEIGHTS_FILE
    try:
        tensors = load_file(path)
    except FileNotFoundError as error:
        msg = f"{folder} has no {WEIGHTS_FILE}: name a checkpoint's folder"
        raise ModelFileError(msg) from error
    except (OSError, SafetensorError) as error:
        msg = f"{path} cannot be read ({error}); write the checkpoint again"
        raise ModelFileError(msg) from error
    _check(config, tensors, where=str(path))
    return tensors


def load_decoder(
    folder: Path,
    *,
    dtype: torch.dtype | None = None,
    parts: Parts | None = None,
    recompute: bool = False,
) -> Decoder:
    """Build the decoder of a checkpoint around its tensors, on the CPU.

    Args:
        folder: the checkpoint.
        dtype: what the tensors are cast to; None: as they are stored.
        parts: where linears and embeddings come from; parameters that they add must
            name their device, for the decoder itself is built without memory.
        recompute: as of ``Decoder``.

    Raises:
        ModelFileError: the checkpoint is missing, truncated or does not fit.
    """
    config = read_config(folder)
    tensors = read_tensors(folder, config)
    if dtype is not None:
        tensors = {name: tensor.to(dtype) for name, tensor in tensors.items()}
    with torch.device("meta"):
        decoder = Decoder(config, parts=parts, recompute=recompute)
    left = decoder.load_state_dict(tensors, strict=False, assign=True)
    assert not left.unexpected_keys, left.unexpected_keys
    assert not set(left.missing_keys) & set(tensors), left.missing_keys
    return decoder


def _check(config: DecoderConfig, tensors: Mapping[str, Tensor], *, where: str) -> None:
    for name, shape in tensor_shapes(config).items():
        if name not in tensors:
            msg = f"{where} lacks {name}; it does not belong to its configuration"
            raise ModelFileError(msg)
        found = tuple(tensors[name].shape)
        if found != shape:
            msg = f"{where} has {name} of shape {found}, the configuration says {shape}"
            raise ModelFileError(msg)


def _replaceable(folder: Path) -> bool:
    """Whether it is a checkpoint or an empty folder."""
    if not folder.is_dir():
        return False
    return (folder / CONFIG_FILE).is_file() or not any(folder.iterdir())


def _swap(fresh: Path, folder: Path, old: Path) -> None:
    """Put ``fresh`` where ``folder`` is; what stood there goes last."""
    if not folder.exists():
        fresh.rename(folder)
        return
    folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old)
