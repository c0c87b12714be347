"""llama.cpp's own tools, built from the sources that the installed wheel carries."""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from tqdm import tqdm

from codeassist import config

__all__ = ["tool"]

PACKAGE = "llama-cpp-python"
TOOLS = ("llama-bench", "llama-completion", "llama-server")
FLAGS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
)
STEP = re.compile(r"\[\s*(\d+)(?:/(\d+)|%)\s*\]")


def tool(name: str) -> Path:
    """The executable ``name``; builds all of `TOOLS` on first use."""
    if name not in TOOLS:
        msg = f"{name!r} is not built; known are {', '.join(TOOLS)}"
        raise ValueError(msg)
    version = metadata.version(PACKAGE)
    root = config.cache_dir() / "bench"
    built = root / f"llama.cpp-{version}-{_key()}"
    if not built.is_dir():
        _build(version, root, built)
    return built / (f"{name}.exe" if os.name == "nt" else name)


def _key() -> str:
    """What the build depends on besides the version: flags, compiler and CPU."""
    parts = "\n".join((*FLAGS, _compiler(), _cpu()))
    return hashlib.sha256(parts.encode()).hexdigest()[:12]


def _compiler() -> str:
    name = os.environ.get("CXX", "c++")
    if not shutil.which(name):
        return name
    out = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
    return out.partition("\n")[0]


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    told = ("model name", "flags", "Features")
    return "\n".join(sorted({line for line in lines if line.startswith(told)}))


def _build(version: str, root: Path, built: Path) -> None:
    print(f"building {', '.join(TOOLS)} of {PACKAGE} {version} into {built}")
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".building-") as name:
        work = Path(name)
        source = _sources(version, work)
        with _cmake(work) as (cmake, env):
            _run([cmake, "-S", source, "-B", work / "build", *_arguments()], env)
            jobs = str(os.cpu_count() or 1)
            command = [cmake, "--build", work / "build", "--config", "Release"]
            _run([*command, "--parallel", jobs, "--target", *TOOLS], env)
        _publish(work / "build" / "bin", built)


def _arguments() -> list[str]:
    origin = "@loader_path" if sys.platform == "darwin" else "$ORIGIN"
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    return [*generator, *FLAGS, f"-DCMAKE_INSTALL_RPATH={origin}"]


def _publish(binaries: Path, built: Path) -> None:
    """Move the finished folder into place; another run may have been faster."""
    release = binaries / "Release"  # where Visual Studio puts them
    try:
        (release if release.is_dir() else binaries).rename(built)
    except OSError:
        if not built.is_dir():
            raise


def _sources(version: str, work: Path) -> Path:
    """The llama.cpp tree inside the source package, fetched with pip's client."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    only = ["--no-binary", PACKAGE, "--dest", work, f"{PACKAGE}=={version}"]
    _run([*pip, *only], os.environ)
    (archive,) = work.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        members = [m for m in tar if "/vendor/llama.cpp/" in m.name]
        tar.extractall(work, members=members, filter="data")
    (source,) = work.glob("*/vendor/llama.cpp")
    return source


@contextmanager
def _cmake(work: Path) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """CMake and the environment it runs in; from the package index if not here."""
    found = shutil.which("cmake")
    if found:
        yield Path(found), os.environ
        return
    home = work / "cmake"
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    _run([*pip, "--target", home, "cmake"], os.environ)
    yield home / "bin" / "cmake", {**os.environ, "PYTHONPATH": str(home)}


def _run(command: list[str | Path], env: Mapping[str, str]) -> None:
    """Run a step, showing how far it is; its whole output where it fails."""
    said: list[str] = []
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    words = " ".join(str(part) for part in command[:3])
    with process, tqdm(desc=Path(words.split()[0]).name, unit="step") as bar:
        for line in process.stdout or ():
            said.append(line)
            step = STEP.match(line)
            if step:
                bar.total = int(step[2] or 100)
                bar.update(int(step[1]) - bar.n)
    if process.returncode:
        sys.stderr.writelines(said)
        msg = f"{words} … exited {process.returncode}"
        raise SystemExit(msg)


if __name__ == "__main__":
    for each in TOOLS:
        print(tool(each))
