"""What a training begins with: any base of a recipe as a checkpoint folder."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gguf import GGUFWriter

from codeassist.config import cache_dir
from codeassist.decoder import CONFIG_FILE, TOKENIZER_FILE, DecoderConfig
from codeassist.engine.models import resolve
from codeassist.errors import ConfigError, ModelFileError
from codeassist.lock import locked
from codeassist.quantize.checkpoint import check_space
from codeassist.quantize.convert import Progress, load_config, to_checkpoint
from codeassist.quantize.gguf_file import GgufFile
from codeassist.quantize.read_config import read_config
from codeassist.training.fresh import random_checkpoint, sized
from codeassist.training.presets import parameters, preset
from codeassist.training.recipe import BaseRecipe, Recipe
from codeassist.training.upcycle import upcycle, upcycled_config
from codeassist.whole import replacing

__all__ = ["Base", "find_base"]

TOKENS = "tokenizer.ggml.tokens"


@dataclass(frozen=True, slots=True)
class Base:
    """A base that has been looked at, but not yet been unpacked."""

    config: DecoderConfig
    folder: Path
    """Checkpoint folder; in the cache it appears with `unpack`."""

    make: Callable[[Path, Progress | None], None] | None
    """Fills a folder; None: it is there, it is the user's own."""

    def unpack(self, progress: Progress | None = None) -> Path:
        """The checkpoint folder, made if need be; what is there is used again."""
        if self.make is None or (self.folder / CONFIG_FILE).is_file():
            return self.folder
        root = self.folder.parent
        root.mkdir(parents=True, exist_ok=True)
        with locked(root / f".{self.folder.name}.lock", wait=True):
            if (self.folder / CONFIG_FILE).is_file():  # another process has made it
                return self.folder
            part = root / f".{self.folder.name}.part"
            shutil.rmtree(part, ignore_errors=True)  # what a killed one has left
            part.mkdir()
            try:
                self.make(part / "base", progress)
                shutil.rmtree(self.folder, ignore_errors=True)
                (part / "base").rename(self.folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
        return self.folder


def find_base(recipe: Recipe) -> Base:
    """Look at a recipe's base, and work out what upcycling makes of it.

    Raises:
        ConfigError: a shape that does not fit.
        ModelError: weights that are missing or damaged.
    """
    base = _preset(recipe.base) if recipe.base.preset else _weights(recipe.base)
    if recipe.upcycle is None:
        return base
    settings = recipe.upcycle
    config = upcycled_config(base.config, settings)

    def make(folder: Path, progress: Progress | None) -> None:
        source = base.unpack(progress)
        check_space(folder.parent, 2 * parameters(config))
        upcycle(source, folder, settings)

    own = () if base.make else _stamp(base.folder)
    return Base(config, _cached("moe", str(base.folder), *own, repr(settings)), make)


def _weights(base: BaseRecipe) -> Base:
    """A checkpoint folder of the user's own, or a GGUF to unpack."""
    source = Path(base.model)
    if base.model and source.is_dir():
        config = load_config(source)
        if not base.rename:
            return Base(config, source, None)

        def copy(folder: Path, _progress: Progress | None) -> None:
            shutil.copytree(source, folder)
            _write_vocabulary(source / TOKENIZER_FILE, folder, base.rename)

        return Base(config, _cached(source.name, *_stamp(source), base), copy)
    path = resolve(base.model).path
    config = read_config(GgufFile(path))

    def unpack(folder: Path, progress: Progress | None) -> None:
        to_checkpoint(path, folder, format_="BF16", progress=progress)
        if base.rename:
            _write_vocabulary(folder / TOKENIZER_FILE, folder, base.rename)

    return Base(config, _cached(path.stem, *_stamp(path), base.rename), unpack)


def _preset(base: BaseRecipe) -> Base:
    """The shape of a preset, with random weights."""
    vocabulary = _vocabulary_file(base.vocabulary)
    n_tokens = GgufFile(vocabulary).n_tokens
    if not n_tokens:
        msg = f"{vocabulary} has no tokenizer; name another one in base.vocabulary"
        raise ModelFileError(msg)
    config = sized(preset(base.preset), base.shape, vocab_size=n_tokens)

    def make(folder: Path, _progress: Progress | None) -> None:
        check_space(folder.parent, 4 * parameters(config))
        random_checkpoint(folder, config, seed=base.seed)
        _write_vocabulary(vocabulary, folder, base.rename)

    return Base(config, _cached(base.preset, *_stamp(vocabulary), base), make)


def _vocabulary_file(name: str) -> Path:
    path = Path(name)
    return path / TOKENIZER_FILE if path.is_dir() else resolve(name).path


def _write_vocabulary(source: Path, folder: Path, rename: Mapping[str, str]) -> None:
    """Write ``tokenizer.gguf`` of a GGUF's vocabulary, some tokens spelled anew."""
    file = GgufFile(source)
    tokens = [*file.need(TOKENS)]
    for old, new in rename.items():
        if old not in tokens or new in tokens:
            what = f"no {old!r}" if old not in tokens else f"a {new!r} already"
            msg = f"base.rename: the vocabulary has {what}; rename another token"
            raise ConfigError(msg)
        tokens[tokens.index(old)] = new
    with replacing(folder / TOKENIZER_FILE) as part:
        writer = GGUFWriter(part, file.architecture)
        for key, value in file.values.items():
            content = tokens if key == TOKENS else value.content
            general = key.startswith("general.") and key.count(".") == 1
            kept = key.startswith("tokenizer.") or general
            if kept and key != "general.architecture" and content != []:
                writer.add_key_value(key, content, value.kind, value.item)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        writer.close()


def _stamp(path: Path) -> tuple[object, ...]:
    """What changes when a file, or a checkpoint folder, is another one."""
    file = path / CONFIG_FILE if path.is_dir() else path
    status = file.stat()
    return str(path.resolve()), status.st_size, status.st_mtime_ns


def _cached(name: str, *what: object) -> Path:
    text = json.dumps([repr(each) for each in what])
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return cache_dir() / "training" / f"{name}-{digest}"
