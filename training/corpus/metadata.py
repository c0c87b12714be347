"""What a package says of itself: its licence and whose it is."""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import PurePosixPath
from typing import Any

__all__ = ["MANIFESTS", "Said", "read_manifest"]

OWNER = re.compile(
    r"(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)[/:]([\w.-]+)"
)
CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "University of Illinois/NCSA Open Source License": "NCSA",
    "Zope Public License": "ZPL-2.1",
    "zlib/libpng License": "Zlib",
}
"""Of the package index, below ``License :: OSI Approved``; others are unknown."""

NAMES = {
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "3-clause bsd": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "modified bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "mit license": "MIT",
    "the mit license": "MIT",
    "the mit license (mit)": "MIT",
    "expat": "MIT",
    "psf": "PSF-2.0",
    "public-domain": "Unlicense",
}
"""Common ways to say an SPDX identifier, in small letters."""


ELSEWHERE = re.compile(
    r"none|unknown|other|dual[ -]licen[sc]ed?"
    r"|(?:see .*\b)?(?:licen[sc]e|copying)(?:\.\w+)?(?: file)?",
    re.IGNORECASE,
)
"""What says that something else says it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one manifest says."""

    licence: str
    """An SPDX expression, or what stood in its place; empty: nothing."""

    owners: frozenset[str]
    """Names before the slash, at forges that it links to; small letters."""

    name: str = ""
    version: str = ""


def read_manifest(path: str, text: str) -> Said | None:
    """Read a package's manifest; None where it cannot be read."""
    try:
        return MANIFESTS[PurePosixPath(path).name](text)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _headers(text: str) -> Said:
    """``PKG-INFO`` or ``METADATA``: core metadata of the packaging guide."""
    told = HeaderParser().parsestr(text)
    licence = told.get("License-Expression") or _plain(told.get("License", ""))
    if not licence:
        licence = _classified(told.get_all("Classifier", []))
    links = [told.get("Home-page", ""), *told.get_all("Project-URL", [])]
    name, version = told.get("Name", ""), told.get("Version", "")
    return Said(licence, _owners(links), name, version)


def _pyproject(text: str) -> Said:
    project = tomllib.loads(text)["project"]
    licence = project.get("license", "")
    if isinstance(licence, dict):
        licence = licence.get("text", "")
    licence = _plain(str(licence)) or _classified(project.get("classifiers", []))
    links = project.get("urls", {}).values()
    return Said(licence, _owners(links), project.get("name", ""))


def _package_json(text: str) -> Said:
    told: Mapping[str, Any] = json.loads(text)
    licence = told.get("license", "")
    if isinstance(licence, dict):
        licence = licence.get("type", "")
    repository = told.get("repository", "")
    if isinstance(repository, dict):
        repository = repository.get("url", "")
    if short := re.fullmatch(r"(?:\w+:)?([\w.-]+/[\w.-]+)", str(repository)):
        repository = f"github.com/{short[1]}"  # of which forge, no owner hangs on
    owners = _owners([str(repository), str(told.get("homepage", ""))])
    return Said(_plain(str(licence)), owners, str(told.get("name", "")))


def _cargo(text: str) -> Said:
    package = tomllib.loads(text)["package"]
    licence = package.get("license", "")
    # note: older crates write MIT/Apache-2.0 and mean either
    licence = licence.replace("/", " OR ") if isinstance(licence, str) else ""
    owners = _owners([str(package.get("repository", ""))])
    return Said(licence, owners, str(package.get("name", "")))


def _debian(text: str) -> Said:
    """``debian/copyright``: what holds for all files, if it is machine-readable."""
    for part in text.split("\n\n"):
        told = HeaderParser().parsestr(part.strip())
        if told.get("Files", "").strip() == "*":
            short = told.get("License", "").split("\n")[0].strip()
            return Said(_plain(short), frozenset())
    return Said("", frozenset())


MANIFESTS: Mapping[str, Callable[[str], Said]] = {
    "PKG-INFO": _headers,
    "METADATA": _headers,
    "pyproject.toml": _pyproject,
    "package.json": _package_json,
    "Cargo.toml": _cargo,
    "copyright": _debian,
}
"""By file name; the first that says a licence counts."""


def _classified(classifiers: Iterable[str]) -> str:
    found = [
        each.rpartition(" :: ")[2] for each in classifiers if each[:7] == "License"
    ]
    found = [each for each in found if each != "OSI Approved"]
    return " AND ".join(CLASSIFIERS.get(each, "LicenseRef-unknown") for each in found)


def _plain(licence: str) -> str:
    """An identifier for a common name; a whole text or a hint at one is none."""
    line = licence.encode(errors="replace").decode().strip()  # JSON has surrogates
    if "\n" in line or len(line) > 200 or ELSEWHERE.fullmatch(line):
        return ""
    return NAMES.get(line.lower().rstrip("."), line)


def _owners(links: Iterable[str]) -> frozenset[str]:
    return frozenset(
        match[1].lower() for link in links if (match := OWNER.search(str(link)))
    )
