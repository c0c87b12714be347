"""What a run needs to go on, on disk: written whole or not at all."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from codeassist.errors import DiskSpaceError, TrainingError

__all__ = [
    "Saved",
    "last_step",
    "last_weights",
    "load_state",
    "room_for_states",
    "save_state",
    "state_folder",
]

TENSORS, ABOUT = "tensors.safetensors", "about.json"
PREFIX, PART = "step-", ".part"
STATE = re.compile(rf"{PREFIX}\d+")


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """A state that was read back."""

    path: Path
    step: int
    about: Mapping[str, Any]
    tensors: Mapping[str, Tensor]


def state_folder(folder: Path) -> Path:
    """Where the states of a training folder are."""
    return folder / "state"


def last_step(folder: Path) -> int:
    """Return how many steps the newest state of a training folder has seen; 0: none."""
    found = _states(state_folder(folder))
    return _step(found[-1]) if found else 0


def room_for_states(folder: Path, size: int, *, keep: int) -> int:
    """Bytes that a training folder's states still take, beside those that are there.

    A state is whole before the oldest is deleted; what a killed writer left goes first.

    Args:
        folder: Of the training.
        size: Bytes of a state.
        keep: How many are kept.
    """
    states = state_folder(folder)
    left = sum(
        file.stat().st_size
        for part in states.glob(f"*{PART}")
        for file in part.iterdir()
    )
    return max(1, keep + 1 - len(_states(states))) * size - left


def last_weights(folder: Path) -> dict[str, Tensor]:
    """Return what a training folder has learned so far, averaged where it averages.

    Where FSDP trained, the decoder holds shards; these are whole.

    Raises:
        TrainingError: nothing is there, or it is damaged.
    """
    saved = load_state(state_folder(folder))
    if saved is None:
        msg = f"{folder} holds no saved state; train first"
        raise TrainingError(msg)
    kinds = ("average/", "weight/")
    kind = next(k for k in kinds if any(name.startswith(k) for name in saved.tensors))
    return {
        name.removeprefix(kind): tensor
        for name, tensor in saved.tensors.items()
        if name.startswith(kind)
    }


def save_state(
    folder: Path, step: int, tensors: Mapping[str, Tensor], about: Any, *, keep: int
) -> Path:
    """Write a state beside the older ones, then drop all but the ``keep`` newest.

    The folder gets its name once every byte is on disk, so that a kill at any moment
    leaves the older states and no half of a new one.

    Raises:
        DiskSpaceError: no room for it.
        TrainingError: the place cannot be written to.
    """
    target = folder / f"{PREFIX}{step:08d}"
    part = target.with_suffix(PART)
    if target.exists():  # a step has one state, whoever comes by it
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"*{PART}"):
            shutil.rmtree(old)
        part.mkdir()
        save_file({n: t.cpu().contiguous() for n, t in tensors.items()}, part / TENSORS)
        text = json.dumps({"step": step, **about}, indent=1)
        (part / ABOUT).write_text(text + "\n", "utf-8")
        for path in (part / TENSORS, part / ABOUT, part):
            _flush(path)
        part.rename(target)
        _flush(folder)
        for old in _states(folder)[:-keep]:
            # Renamed first: a folder that is half deleted must not look like a state.
            shutil.rmtree(old.rename(old.with_suffix(PART)))
    except (OSError, SafetensorError) as error:
        shutil.rmtree(part, ignore_errors=True)
        full = "os error 28" in str(error) or getattr(error, "errno", 0) == 28
        msg = f"the state of step {step} cannot be written to {folder} ({error}); "
        if full:
            raise DiskSpaceError(msg + "free some space and start again") from error
        raise TrainingError(msg + "name another folder") from error
    return target


def load_state(folder: Path) -> Saved | None:
    """Read the newest state; None: there is none.

    Raises:
        TrainingError: it is damaged.
    """
    found = _states(folder)
    if not found:
        return None
    path = found[-1]
    try:
        about = json.loads((path / ABOUT).read_text("utf-8"))
        return Saved(path, int(about["step"]), about, load_file(path / TENSORS))
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        msg = f"{path} is damaged ({error}); delete it to go on from the one before"
        raise TrainingError(msg) from error


def _states(folder: Path) -> list[Path]:
    """The states, oldest first; what else stands there, say a copy of one, is none."""
    found = [path for path in folder.glob("*") if STATE.fullmatch(path.name)]
    return sorted(found, key=_step)


def _step(path: Path) -> int:
    return int(path.name.removeprefix(PREFIX))


def _flush(path: Path) -> None:
    """Make the system write a file or folder to the disk now."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
