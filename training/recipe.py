"""A recipe: what is trained from what on what, read from TOML."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from codeassist.errors import ConfigError
from codeassist.settings_files import MODEL_ID

from .fim_data import FimRecipe
from .loop import LoopSettings
from .lora import LoraParts
from .recipe_table import build, plain
from .upcycle import UpcycleSettings

__all__ = ["BaseRecipe", "DataRecipe", "Recipe", "Sizes", "read_recipe", "to_toml"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a decoder, by their names in `DecoderConfig`; None: the preset's."""

    context: int | None = None
    width: int | None = None
    layers: int | None = None
    heads: int | None = None
    kv_heads: int | None = None
    head_dim: int | None = None
    ffn_width: int | None = None


@dataclass(frozen=True, slots=True)
class BaseRecipe:
    """What training begins with: weights, or the shape of a preset without any."""

    model: str = ""
    """Catalog id, GGUF or checkpoint folder; empty: the default model."""

    preset: str = ""
    """Name of `codeassist presets`: random weights in place of ``model``."""

    shape: Sizes = field(default_factory=Sizes)
    """What differs from the preset."""

    vocabulary: str = ""
    """Catalog id, GGUF or checkpoint folder whose tokenizer a preset gets."""

    rename: Mapping[str, str] = field(default_factory=dict)
    """Special tokens that get another spelling, say to become sentinels."""

    seed: int = 0
    """Of random weights."""

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        wrong = ""
        if self.model and self.preset:
            wrong = "base.model and base.preset exclude each other; take one out"
        elif self.preset and not self.vocabulary:
            wrong = "base.preset needs base.vocabulary: a model or a GGUF"
        elif not self.preset and (self.shape != Sizes() or self.vocabulary):
            wrong = "base.shape and base.vocabulary belong to base.preset; name one"
        if wrong:
            raise ConfigError(wrong)


@dataclass(frozen=True, slots=True)
class DataRecipe:
    """What is learned from."""

    sources: tuple[Path, ...] = (Path(),)
    """Folders of code, or corpora of `codeassist corpus build`; by default the folder
    of the recipe. Empty: ``rows`` are taken as they are."""

    length: int = 1024
    """Tokens of a row; ``fim.length`` is the same where it is not given."""

    held_out: float = 0.02
    """Share of the files that are not learned but looked at now and then."""

    seed: int = 0
    """Of the holes, and of which files are held out."""

    rows: Path | None = None
    """Folder of the prepared rows; None: in the output folder. Without sources: what
    `codeassist examples` made; ``fim``, ``held_out`` and ``seed`` do not count then."""

    fim: FimRecipe = field(default_factory=FimRecipe)

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        wrong = ""
        if not 0 <= self.held_out < 1:
            wrong = f"data.held_out is a share below 1, not {self.held_out}"
        elif self.fim.length > self.length:
            wrong = (
                f"data.fim.length is {self.fim.length} and a row has {self.length}; "
                f"make data.length the larger one"
            )
        elif not self.sources and self.rows is None:
            wrong = "data.sources is empty; name folders of code, or data.rows"
        if wrong:
            raise ConfigError(wrong)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All of it; each part has its defaults."""

    base: BaseRecipe = field(default_factory=BaseRecipe)
    data: DataRecipe = field(default_factory=DataRecipe)
    lora: LoraParts | None = None
    """Without this section all weights are trained."""

    loop: LoopSettings = field(default_factory=LoopSettings)
    upcycle: UpcycleSettings | None = None
    """With this section the dense base becomes a mixture of experts first."""


DEFAULT_LENGTH = 1024


def read_recipe(path: Path, overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe.

    Args:
        path: The TOML file; its relative paths are seen from its folder.
        overrides: ``section.key=value``, the value as in TOML, or plain text.

    Raises:
        ConfigError: it cannot be read, or has an unknown key or an unfit value.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); name a recipe"
        raise ConfigError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not valid TOML ({error}); mend it"
        raise ConfigError(msg) from error
    for override in overrides:
        _override(table, override)
    data = table.get("data")
    if isinstance(data, dict) or data is None:
        data = table.setdefault("data", {})
        fim = data.setdefault("fim", {})
        if isinstance(fim, dict):
            fim.setdefault("length", data.get("length", DEFAULT_LENGTH))
    try:
        return _anchored(build(Recipe, table, ""), path.resolve().parent)
    except ConfigError as error:
        msg = f"{path}: {error}"
        raise ConfigError(msg) from error


def _override(table: Any, override: str) -> None:
    name, equals, text = override.partition("=")
    *sections, key = name.strip().split(".")
    if not equals or not key or not sections:
        msg = f"--set takes section.key=value, not {override!r}"
        raise ConfigError(msg)
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            msg = f"--set {override}: {section} is no table of settings"
            raise ConfigError(msg)
    try:
        table[key] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[key] = text.strip()


def _anchored(recipe: Recipe, folder: Path) -> Recipe:
    """The recipe with its relative paths seen from a folder."""
    base, data, lora = recipe.base, recipe.data, recipe.lora
    if lora is not None and lora.init is not None:
        lora = replace(lora, init=_seen_from(folder, lora.init))
    base = replace(
        base,
        model=_model(base.model, folder),
        vocabulary=_model(base.vocabulary, folder),
    )
    sources = tuple(_seen_from(folder, source) for source in data.sources)
    rows = _seen_from(folder, data.rows) if data.rows else None
    data = replace(data, sources=sources, rows=rows)
    return replace(recipe, base=base, data=data, lora=lora)


def _seen_from(folder: Path, path: Path) -> Path:
    try:
        return folder / path.expanduser()
    except RuntimeError as error:
        msg = f"{path}: there is no such user; write the folder's whole path"
        raise ConfigError(msg) from error


def _model(name: str, folder: Path) -> str:
    """A catalog id as it is, a path from the folder."""
    if not name:
        return name
    path = _seen_from(folder, Path(name))
    is_id = MODEL_ID.fullmatch(name) and not path.exists()
    return name if is_id else str(path)


def to_toml(recipe: Recipe) -> str:
    """The whole recipe, defaults included; `read_recipe` reads the same one of it."""
    lines: list[str] = []
    _write(lines, "", plain(recipe))
    return "\n".join(lines).lstrip("\n") + "\n"


def _write(lines: list[str], name: str, table: Mapping[str, Any]) -> None:
    tables = {key: each for key, each in table.items() if isinstance(each, Mapping)}
    if name:
        lines += ["", f"[{name}]"]
    for key, value in table.items():
        if key not in tables:
            lines.append(f"{_key(key)} = {json.dumps(value, ensure_ascii=False)}")
    for key, inner in tables.items():
        _write(lines, f"{name}.{_key(key)}" if name else _key(key), inner)


def _key(key: str) -> str:
    plain_key = key.replace("-", "").replace("_", "").isalnum() and key.isascii()
    return key if plain_key else json.dumps(key, ensure_ascii=False)
