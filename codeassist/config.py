"""Every setting with its default, once: user file, project file, editor options.

Precedence, lowest first: the defaults below, the user's ``config.toml`` (in
platformdirs' configuration folder), the project's ``.codeassist.toml``, what the
command line or the editor's ``initializationOptions`` say.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from .errors import ConfigError

__all__ = [
    "CompletionSettings",
    "ModelSettings",
    "Settings",
    "cache_dir",
    "config_dir",
    "data_dir",
    "load",
    "log_dir",
    "merge",
]

APP = "codeassist"
PROJECT_FILE = ".codeassist.toml"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which weights, and how they are run."""

    id: str = ""
    """Catalog id or path of a GGUF; empty: the catalog's default."""

    adapter: str = ""
    """Path of a LoRA adapter GGUF; empty: what the catalog names for the model."""

    n_ctx: int = 4096
    """Tokens of context, prompt and answer together."""

    gpu_layers: int = -1
    """Layers on the GPU where the build offers one; -1: all of them."""

    threads: int = 0
    """Threads at the most; 0: as many as there are physical cores. Fewer are used
    while other programs need the cores."""


@dataclass(frozen=True, slots=True)
class CompletionSettings:
    """What one completion may cost."""

    lines: str = "auto"
    """``one``, ``block`` or ``auto`` (decided by what stands at the cursor)."""

    max_tokens: int = 64
    """Tokens of one line at the most."""

    block_max_tokens: int = 192
    """Tokens of a block at the most."""

    prefix_tokens: int = 512
    """Tokens of the file before the cursor at the most."""

    suffix_tokens: int = 128
    """Tokens of the file after the cursor at the most."""

    time_limit_ms: int = 5000
    """Milliseconds of prompt and decoding; what there is then is the answer."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    model: ModelSettings = field(default_factory=ModelSettings)
    completion: CompletionSettings = field(default_factory=CompletionSettings)


CHOICES = {"completion.lines": ("auto", "one", "block")}
POSITIVE = {
    "model.n_ctx",
    "completion.max_tokens",
    "completion.block_max_tokens",
    "completion.prefix_tokens",
    "completion.time_limit_ms",
}


def cache_dir() -> Path:
    """Downloads under way and builds: may be deleted at any time."""
    return platformdirs.user_cache_path(APP)


def data_dir() -> Path:
    """Models and adapters: kept until the user removes them."""
    return platformdirs.user_data_path(APP)


def config_dir() -> Path:
    """The user's ``config.toml`` and own ``catalog.toml``."""
    return platformdirs.user_config_path(APP)


def log_dir() -> Path:
    """The server's log."""
    return platformdirs.user_log_path(APP)


def load(project: Path | None = None) -> Settings:
    """Settings of the user, then of the project that ``project`` lies in.

    Raises:
        ConfigError: a file is no TOML, or names an unknown or unfit setting.
    """
    settings = Settings()
    for path in _files(project):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            msg = f"{path} is not valid TOML ({error}); mend or delete it"
            raise ConfigError(msg) from error
        settings = merge(settings, table, str(path))
    return settings


def _files(project: Path | None) -> Iterable[Path]:
    user = config_dir() / "config.toml"
    if user.is_file():
        yield user
    if project is not None:
        for folder in (project, *project.parents):
            if (folder / PROJECT_FILE).is_file():
                yield folder / PROJECT_FILE
                return


def merge(settings: Settings, table: Mapping[str, Any], where: str) -> Settings:
    """``settings`` with the nested ``table`` over them; ``where`` names its origin.

    Raises:
        ConfigError: an unknown key, a wrong type or a value out of range.
    """
    for name, values in table.items():
        if name not in {f.name for f in fields(settings)}:
            msg = f"{where}: there is no setting {name!r}; {_known(settings)}"
            raise ConfigError(msg)
        if not isinstance(values, Mapping):
            msg = f"{where}: {name!r} is a table of settings, not {values!r}"
            raise ConfigError(msg)
        section = getattr(settings, name)
        for key, value in values.items():
            _check(section, name, key, value, where)
        settings = replace(settings, **{name: replace(section, **values)})
    return settings


def _check(section: object, name: str, key: str, value: object, where: str) -> None:
    full = f"{name}.{key}"
    if not hasattr(section, key):
        msg = f"{where}: there is no setting {full!r}; {_known(section)}"
        raise ConfigError(msg)
    wanted = type(getattr(section, key))
    if type(value) is not wanted:
        msg = f"{where}: {full} takes {wanted.__name__}, not {value!r}"
        raise ConfigError(msg)
    if full in CHOICES and value not in CHOICES[full]:
        msg = f"{where}: {full} is one of {', '.join(CHOICES[full])}, not {value!r}"
        raise ConfigError(msg)
    if full in POSITIVE and isinstance(value, int) and value <= 0:
        msg = f"{where}: {full} must be above 0, not {value}"
        raise ConfigError(msg)


def _known(section: Any) -> str:
    return f"known are {', '.join(f.name for f in fields(section))}"
