"""`about.json`: what an adapter was made for, of what, and how good it was found."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from codeassist.errors import AdapterError

__all__ = ["ABOUT", "About", "Base", "check_name", "parse", "read", "to_json"]

ABOUT = "about.json"
FORMAT = 1
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Base:
    """The weights that an adapter belongs to."""

    model: str
    """Catalog id, or the name of the file."""

    sha256: str
    """Of the file: no other weights get the adapter."""

    size: int
    """Bytes of the file."""


@dataclass(frozen=True, slots=True)
class About:
    """All that is known of an adapter beside its tensors."""

    name: str
    base: Base
    sha256: str
    """Of ``adapter.gguf``."""

    size: int
    """Bytes of ``adapter.gguf``."""

    made: str
    """When, in ISO 8601."""

    repository: str = ""
    """Folder that it was made of."""

    commit: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """How it was trained."""

    figures: Mapping[str, Any] = field(default_factory=dict)
    """What was measured of it."""


def check_name(name: str) -> str:
    """The name, if a folder may have it.

    Raises:
        AdapterError: it may not.
    """
    if NAME.fullmatch(name):
        return name
    msg = f"{name!r} is no name for an adapter; use letters, digits, '.', '_' and '-'"
    raise AdapterError(msg)


def to_json(about: About) -> str:
    """As it stands in the file."""
    return json.dumps({"adapter": FORMAT, **asdict(about)}, indent=1) + "\n"


def read(folder: Path) -> About:
    """Read what stands in an adapter's folder.

    Raises:
        AdapterError: missing or damaged.
    """
    path = folder / ABOUT
    try:
        return parse(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read ({error}); remove that adapter"
        raise AdapterError(msg) from error


def parse(text: str, where: str) -> About:
    """What `to_json` wrote.

    Args:
        text: JSON.
        where: For the error.

    Raises:
        AdapterError: it is something else.
    """
    try:
        told = json.loads(text)
        if told.pop("adapter") != FORMAT:
            msg = f"{where} is of another version of codeassist; train the adapter anew"
            raise AdapterError(msg)
        base = Base(**told.pop("base"))
        about = About(base=base, **told)
        texts = (about.name, base.model, about.made, about.repository, about.commit)
        fits = (
            all(isinstance(each, str) for each in texts)
            and all(SHA256.fullmatch(each) for each in (base.sha256, about.sha256))
            and all(type(each) is int for each in (base.size, about.size))
            and all(isinstance(each, dict) for each in (about.recipe, about.figures))
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        msg = f"{where} is damaged or not codeassist's ({error}); remove that adapter"
        raise AdapterError(msg) from error
    if not fits:
        msg = f"{where} is damaged or not codeassist's; remove that adapter"
        raise AdapterError(msg)
    check_name(about.name)
    return about
