"""Source packages of the package index, fetched as the archives they are.

Nothing is installed and no build backend runs: pip itself would run one even to
download a source package, hence unearth, which is pip's finder as a library.
"""

import ast
import hashlib
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlparse

from codeassist.errors import CorpusError, installs

from .archives import ENDINGS

if TYPE_CHECKING:
    from unearth import Package, PackageFinder

__all__ = ["Index", "Wanted", "wanted"]

REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)\s*==\s*(?P<version>[\w.!+-]+)"
    r"(?:\s+--hash=sha256:(?P<sha256>[0-9a-f]{64}))?"
)
SOURCES = ("index-url", "extra-index-url", "find-links", "trusted-host", "cert")
TIMEOUT = 60.0
"""Seconds for a part of an answer, where pip is not told another."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One release."""

    name: str
    version: str
    sha256: str
    """Empty: as the index says."""


def wanted(line: str) -> Wanted:
    """Read ``name==version`` with an optional ``--hash=sha256:…``.

    Raises:
        CorpusError: it is something else.
    """
    match = REQUIREMENT.fullmatch(line.strip())
    if match is None:
        msg = f"{line!r} names no release; write name==version"
        raise CorpusError(msg)
    return Wanted(match["name"], match["version"], match["sha256"] or "")


class Index:
    """The index that pip is configured for, and a folder of what came from it.

    Args:
        folder: Archives are kept here under their names.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._finder: PackageFinder | None = None

    def fetch(self, release: Wanted, show: Callable[[int], None]) -> Path:
        """The archive of a release; from the folder where it was fetched before.

        Args:
            release: What is wanted.
            show: Told of each so many bytes that came.

        Raises:
            CorpusError: the index has no source archive of it, cannot be reached, or
                has other bytes than the pinned ones.
        """
        if release.sha256:
            for path in sorted(self._folder.glob(f"{release.sha256[:16]}/*")):
                if _digest(path) == release.sha256:
                    return path
        package = self._find(release)
        digest = _told(package)
        if release.sha256 and digest and digest != release.sha256:
            msg = f"{release.name} {release.version}: the index has other bytes"
            raise CorpusError(msg)
        digest = release.sha256 or digest
        if not digest:
            msg = f"{release.name} {release.version}: no checksum; pin it with --hash"
            raise CorpusError(msg)
        path = self._folder / digest[:16] / package.link.filename
        if not path.is_file() or _digest(path) != digest:
            self._bring(package, path, digest, show)
        return path

    def _find(self, release: Wanted) -> "Package":
        finder = self._finder = self._finder or _configured()
        line = f"{release.name}=={release.version}"
        try:
            found = finder.find_matches(line, allow_yanked=True, allow_prereleases=True)
            for package in found:
                if package.link.filename.lower().endswith(ENDINGS):
                    return package
        except Exception as error:  # note: the client's errors have no base
            msg = f"{line}: the package index cannot be reached ({_short(error)})"
            raise CorpusError(msg) from error
        msg = f"{line}: the package index has no source archive of it"
        raise CorpusError(msg)

    def _bring(
        self, package: "Package", path: Path, digest: str, show: Callable[[int], None]
    ) -> None:
        assert self._finder is not None
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        path.parent.mkdir(parents=True, exist_ok=True)
        sha = hashlib.sha256()
        url = package.link.url_without_fragment
        try:
            with self._finder.session.get_stream(url) as answer, part.open("wb") as to:
                answer.raise_for_status()
                for chunk in answer.iter_bytes(1 << 18):
                    sha.update(chunk)
                    to.write(chunk)
                    show(len(chunk))
            if sha.hexdigest() != digest:
                msg = f"{package.link.filename} is damaged: another SHA-256; try again"
                raise CorpusError(msg)
            part.replace(path)
        except (CorpusError, OSError):
            raise
        except Exception as error:
            msg = f"{package.link.filename} does not come ({_short(error)}); try again"
            raise CorpusError(msg) from error
        finally:
            part.unlink(missing_ok=True)


def _configured() -> "PackageFinder":
    """A finder with the indexes, hosts and certificates that pip uses."""
    try:
        from unearth import PackageFinder
        from unearth.fetchers.sync import PyPIClient
    except ImportError as error:
        msg = f"packages of the index need unearth; run {installs('corpus')}"
        raise CorpusError(msg) from error
    told = _pip_config()
    hosts = told.get("trusted-host", "").split()
    verify = (
        ssl.create_default_context(cafile=told["cert"]) if told.get("cert") else True
    )
    session = PyPIClient(trusted_hosts=hosts, verify=verify, timeout=TIMEOUT)
    finder = PackageFinder(
        cast("Any", session),  # note: its own client, by another name of httpx
        index_urls=told.get("index-url", "").split(),
        trusted_hosts=hosts,
        no_binary=[":all:"],
        ignore_compatibility=True,
    )  # note: without an index or a link it takes the public one, as pip does
    for url in told.get("find-links", "").split():
        finder.add_find_links(url)
    for url in told.get("extra-index-url", "").split():
        if not url.startswith("file:") or _is_there(url):
            finder.add_index_url(url)
    return finder


def _is_there(url: str) -> bool:
    return Path(unquote(urlparse(url).path)).is_dir()


def _pip_config() -> Mapping[str, str]:
    """What pip's files and environment say; the environment last."""
    command = [sys.executable, "-P", "-m", "pip", "config", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told: dict[str, str] = {}
    for line in done.stdout.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if name in SOURCES and section in ("global", "download", ":env:"):
            try:
                told[name] = str(ast.literal_eval(value))
            except (ValueError, SyntaxError):
                continue
    return told


def _told(package: "Package") -> str:
    """The SHA-256 that the index says; empty: none."""
    hashes = package.link.hash_option or {}
    return next(iter(hashes.get("sha256", [])), "")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:160]
