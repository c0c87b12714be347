"""Where settings are written down: the user's file, and what a project may say there."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import config
from .config import RecordsSettings, Settings, Warn, border, merge
from .errors import ConfigError

__all__ = ["MODEL_ID", "PROJECT_FILE", "files", "load", "read"]

PROJECT_FILE = ".codeassist.toml"

KEPT = (("records", "enabled"), ("completion", "context_tokens"))
"""What leaves something of the user's code on disk: off is off in every project."""

MODEL_ID = re.compile(r"(?!.*\.gguf$)[a-z0-9][a-z0-9._-]*", re.IGNORECASE)
"""What a catalog id looks like; anything else is a path."""


def files(project: Path | None) -> list[Path]:
    """Where settings may stand: the user's file, and the project's, the nearest first.

    Args:
        project: A folder of the project; None: there is none.
    """
    folders = (project, *project.parents) if project is not None else ()
    return [
        config.config_dir() / "config.toml",
        *(each / PROJECT_FILE for each in folders),
    ]


def load(project: Path | None = None, warn: Warn | None = None) -> Settings:
    """Settings of the user, then of the project that ``project`` lies in.

    Args:
        project: A folder of the project; None: there is none.
        warn: Told of each bad file or setting, which then does not count.

    Raises:
        ConfigError: without ``warn``: a file that cannot be read or is no TOML, or
            one that names an unknown or unfit setting.
    """
    settings = Settings(records=RecordsSettings(enabled=False))  # until it is read
    user, *others = files(project)
    with border(warn):
        table = _anchored(read(user), user.parent)
        settings = merge(Settings(), table, str(user), warn)
    own = _first(others)
    if own is not None:
        with border(warn):
            table = read(own)
            for section, key, why in [*_users_own(settings, table, own.parent)]:
                del table[section][key]
                with border(warn):
                    msg = f"{own}: a project may not {why}; that is for {user} to say"
                    raise ConfigError(msg)
            settings = merge(settings, table, str(own), warn)
    return settings


def read(path: Path) -> dict[str, Any]:
    """The sections of a file; none where there is no file.

    Raises:
        ConfigError: it cannot be read or is no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
        return tomllib.loads(text)
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); mend or delete it"
        raise ConfigError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not valid TOML ({error}); mend or delete it"
        raise ConfigError(msg) from error


def _first(places: Iterable[Path]) -> Path | None:
    with suppress(OSError):  # a folder that may not be looked into
        return next((place for place in places if place.is_file()), None)
    return None


def _users_own(
    settings: Settings, table: Mapping[str, Any], folder: Path
) -> Iterator[tuple[str, str, str]]:
    """Section, name and offence of what a project says and the user alone decides."""
    for key in _files_named(table, folder, Path()):  # tried as it stands, too
        yield "model", key, f"choose files, and model.{key} is one"
    for section, key in KEPT:
        values = table.get(section)
        on = isinstance(values, Mapping) and values.get(key)
        if on and not getattr(getattr(settings, section), key):
            yield section, key, f"switch on {section}.{key}, which is off"


def _files_named(table: Mapping[str, Any], *folders: Path) -> list[str]:
    """Those of the model's settings that name a file (in a folder) and not an id."""
    model = table.get("model")
    found = []
    if isinstance(model, Mapping):
        name, adapter = model.get("id"), model.get("adapter")
        if isinstance(name, str) and name:
            files = (folder / name for folder in folders)
            if not MODEL_ID.fullmatch(name) or any(file.is_file() for file in files):
                found.append("id")
        if isinstance(adapter, str) and adapter:
            found.append("adapter")
    return found


def _anchored(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The table with its relative paths seen from the folder of its file."""
    for key in _files_named(table, folder):
        path = folder / Path(table["model"][key]).expanduser()
        table["model"][key] = str(path)
    return table
