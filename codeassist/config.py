"""Every setting with its default, once, and how one table of them lies over another.

Precedence, lowest first: the defaults below, the user's ``config.toml`` (in
platformdirs' configuration folder), the project's ``.codeassist.toml``, the editor's
``initializationOptions``, what it says while it runs (``workspace/configuration``), the
command line.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from .errors import ConfigError

__all__ = [
    "CompletionSettings",
    "ModelSettings",
    "RecordsSettings",
    "Settings",
    "Warn",
    "border",
    "cache_dir",
    "config_dir",
    "data_dir",
    "log_dir",
    "merge",
]

APP = "codeassist"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which weights, and how they are run."""

    id: str = ""
    """Catalog id or path of a GGUF; empty: the catalog's default."""

    adapter: str = ""
    """Path of a LoRA adapter GGUF; empty: the active one, else the catalog's."""

    family: str = ""
    """FIM family; empty: found from the model's vocabulary."""

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

    context_tokens: int = 512
    """Tokens of other files of the repository at the most; 0: none, and nothing is
    indexed (what they show: docs/benchmarks.md, ``needed``)."""

    placement: str = "line"
    """Where the middle of a prompt begins: at the ``cursor``, or at the start of a
    ``line`` that stays the same while somebody types, which saves most of the prompt's
    cost (quality: docs/experiments.md)."""

    confidence: float = 0.8
    """Chance, from 0 to 1, that the next word must have to be right for a suggestion to
    be shown while somebody types; 0: all are shown. What did not wait for other files
    is thought less likely than its probabilities say (`engine.gates.confidence`)."""

    time_limit_ms: int = 5000
    """Milliseconds of prompt and decoding; what there is then is the answer."""

    latency_ms: int = 0
    """Milliseconds that an answer may take while somebody types on: model and sizes
    that are not set by hand follow from it, by what `codeassist tune` has measured; 0:
    they are as they stand here."""

    as_items: bool = False
    """Whether the text is offered as an entry of the popup menu, too, for editors that
    show no ghost text (``textDocument/completion``)."""


@dataclass(frozen=True, slots=True)
class RecordsSettings:
    """What is remembered of requests, on this machine alone."""

    enabled: bool = True
    """Whether requests and what became of suggestions are recorded, for ``why``,
    ``replay`` and ``stats``, and the last prompt is kept for the next session."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    model: ModelSettings = field(default_factory=ModelSettings)
    completion: CompletionSettings = field(default_factory=CompletionSettings)
    records: RecordsSettings = field(default_factory=RecordsSettings)

    named: frozenset[str] = field(default=frozenset(), compare=False)
    """What was set by hand, even to its default, as ``completion.lines``."""

    def table(self) -> dict[str, dict[str, Any]]:
        """All values by section, as `merge` takes them."""
        return {name: asdict(getattr(self, name)) for name in SECTIONS}


SECTIONS = ("model", "completion", "records")
CHOICES = {
    "completion.lines": ("auto", "one", "block"),
    "completion.placement": ("cursor", "line"),
}
SHARES = ("completion.confidence",)
LEAST = {
    "model.n_ctx": 16,  # llama.cpp ends the process where there are hardly any
    "model.gpu_layers": -1,
    "model.threads": 0,
    "completion.max_tokens": 1,
    "completion.block_max_tokens": 1,
    "completion.prefix_tokens": 1,
    "completion.suffix_tokens": 0,
    "completion.context_tokens": 0,
    "completion.time_limit_ms": 1,
    "completion.latency_ms": 0,
}
MOST = 2**31 - 1
"""Of all of them: more is a slip, and no C integer."""

Warn = Callable[[str], None]
"""Takes one line about a setting that does not count."""


def cache_dir() -> Path:
    """Downloads under way, builds, kept prompts: may be deleted at any time."""
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


def merge(
    settings: Settings,
    table: Mapping[str, Any],
    where: str,
    warn: Warn | None = None,
) -> Settings:
    """``settings`` with the nested ``table`` over them; ``where`` names its origin.

    Args:
        settings: What holds where the table says nothing.
        table: Sections with their settings.
        where: Origin of the table, for errors.
        warn: Told of each bad setting, which then does not count.

    Raises:
        ConfigError: without ``warn``: an unknown key, a wrong type or a value out of
            range.
    """
    for name, values in table.items():
        with border(warn):
            section = _section(settings, name, values, where)
            for key, value in values.items():
                with border(warn):
                    _check(section, name, key, value, where)
                    section = replace(section, **{key: value})
                    named = settings.named | {f"{name}.{key}"}
                    settings = replace(settings, **{name: section}, named=named)
    return settings


@contextmanager
def border(warn: Warn | None) -> Iterator[None]:
    """Tell of a bad setting and go on, where there is someone to tell it to."""
    try:
        yield
    except ConfigError as error:
        if warn is None:
            raise
        warn(str(error))


def _section(settings: Settings, name: str, values: object, where: str) -> Any:
    if name not in SECTIONS:
        msg = f"{where}: there is no setting {name!r}; known are {', '.join(SECTIONS)}"
        raise ConfigError(msg)
    if not isinstance(values, Mapping):
        msg = f"{where}: {name!r} is a table of settings, not {values!r}"
        raise ConfigError(msg)
    return getattr(settings, name)


def _check(section: object, name: str, key: str, value: object, where: str) -> None:
    full = f"{name}.{key}"
    if not hasattr(section, key):
        msg = f"{where}: there is no setting {full!r}; {_known(section)}"
        raise ConfigError(msg)
    wanted = type(getattr(section, key))
    if type(value) is not wanted and not (wanted is float and type(value) is int):
        msg = f"{where}: {full} takes {wanted.__name__}, not {value!r}"
        raise ConfigError(msg)
    if full in CHOICES and value not in CHOICES[full]:
        msg = f"{where}: {full} is one of {', '.join(CHOICES[full])}, not {value!r}"
        raise ConfigError(msg)
    if isinstance(value, int | float):
        _check_range(full, value, where)


def _check_range(full: str, value: float, where: str) -> None:
    if full in SHARES and not 0 <= value <= 1:
        msg = f"{where}: {full} is between 0 and 1, not {value}"
        raise ConfigError(msg)
    least = LEAST.get(full)
    if least is not None and value < least:
        bound = "above 0" if least == 1 else f"{least} or more"
        msg = f"{where}: {full} must be {bound}, not {value}"
        raise ConfigError(msg)
    if least is not None and value > MOST:
        msg = f"{where}: {full} must be {MOST} or less"
        raise ConfigError(msg)


def _known(section: Any) -> str:
    return f"known are {', '.join(f.name for f in fields(section))}"
