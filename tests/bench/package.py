"""A pinned package from the index, unpacked as data: its code is neither run nor installed."""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from codeassist import config

__all__ = ["POSTING", "Package", "unpacked"]


@dataclass(frozen=True, slots=True)
class Package:
    """A wheel, by its bytes."""

    name: str
    version: str
    sha256: str
    folder: str
    """Of its sources, inside the wheel."""


POSTING = Package(
    name="posting",  # Apache-2.0
    version="2.11.1",
    sha256="a1155119ebd4ee373eb6bdcda6314f5ae252e43f0006f7329e8a9af746c9d37c",
    folder="posting",
)
"""Younger than the models' training."""


def unpacked(package: Package) -> Path:
    """The folder of its sources, in the cache; fetched on first use."""
    root = config.cache_dir() / "bench" / "packages"
    whole = root / f"{package.name}-{package.version}-{package.sha256[:12]}"
    if not whole.is_dir():
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".fetching-") as name:
            wheel = _fetched(package, Path(name))
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(Path(name) / "tree")
            (Path(name) / "tree").rename(whole)
    return whole / package.folder


def _fetched(package: Package, folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    only = ["--only-binary", ":all:", "--dest", str(folder)]
    wanted = f"{package.name}=={package.version}"
    subprocess.run([*pip, *only, wanted], check=True, env=os.environ)
    (wheel,) = folder.glob("*.whl")
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != package.sha256:
        sys.exit(f"{wheel.name} has the SHA-256 {found}, not {package.sha256}")
    return wheel
