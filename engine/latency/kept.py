"""Measured speeds in the cache folder: each counts for one model on one machine."""

import contextlib
import importlib.metadata
import json
import logging
import math
import platform
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from codeassist.config import cache_dir
from codeassist.whole import write_text

from .cost import Speed

__all__ = ["Setup", "cpu_name", "folder", "llama_cpp_version", "read", "write"]

log = logging.getLogger(__name__)

FORMAT = 1
CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Setup:
    """What must be the same for a speed to be the same."""

    model: str
    """Digest of the weights."""

    adapter: str
    """Digest of the adapter; empty where there is none."""

    threads: int
    """At the most."""

    gpu_layers: int
    cpu: str
    llama_cpp: str
    """Version of the library."""


def cpu_name(cpuinfo: Path = CPUINFO) -> str:
    """Name of the processor, as its maker calls it where that can be read."""
    with contextlib.suppress(OSError):
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def llama_cpp_version() -> str:
    """Version of the library, without loading it."""
    return importlib.metadata.version("llama-cpp-python")


def folder() -> Path:
    """Where speeds are kept."""
    return cache_dir() / "speeds"


def read(setup: Setup, within: Path | None = None) -> Speed | None:
    """What was measured of a setup.

    Args:
        setup: The model and the machine.
        within: Folder; None: that of the user.

    Returns:
        None: nothing was, or its file is damaged or another's, which is no matter: it
        can be measured again.
    """
    path = _path(setup, within)
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["format"] != FORMAT or told["setup"] != asdict(setup):
            return None
        return _speed(told["speed"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, OverflowError) as error:
        log.info("%s does not count: %s", path, error)
        return None


def write(setup: Setup, speed: Speed, within: Path | None = None) -> Path:
    """Keep what was measured; a later one takes its place.

    Args:
        setup: The model and the machine.
        speed: Of that model there.
        within: Folder; None: that of the user.

    Returns:
        The file.

    Raises:
        OSError: the disk is full, or the like.
    """
    path = _path(setup, within)
    told = {"format": FORMAT, "setup": asdict(setup), "speed": asdict(speed)}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(told, indent=1))
    return path


def _path(setup: Setup, within: Path | None) -> Path:
    name = blake2b(json.dumps(asdict(setup)).encode(), digest_size=16).hexdigest()
    return (within or folder()) / f"{name}.json"


def _speed(told: Any) -> Speed:
    """A speed, if the values can be one.

    Raises:
        ValueError: no finite times, or not by the number of tokens.
        LookupError: a value is missing.
        TypeError: a value is of another kind.
    """
    prompt = tuple((int(n), float(seconds)) for n, seconds in told["prompt"])
    token_s, overhead_s = float(told["token_s"]), float(told["overhead_s"])
    sizes = [n for n, _ in prompt]
    times = [seconds for _, seconds in prompt] + [token_s]
    if not prompt or sizes != sorted(set(sizes)) or sizes[0] < 1:
        msg = f"tokens {sizes}"
        raise ValueError(msg)
    if not all(0 < each < math.inf for each in times) or not 0 <= overhead_s < math.inf:
        msg = f"times {times}, {overhead_s}"
        raise ValueError(msg)
    return Speed(prompt, token_s, overhead_s, float(told["others"]))
