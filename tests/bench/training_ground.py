"""What the training benches share: a real checkpoint and real rows of code, cached."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np

from codeassist import config
from codeassist.engine.decode import open_vocabulary
from codeassist.engine.models import store
from codeassist.errors import ModelMissingError
from codeassist.fim import Fim, detect
from codeassist.quantize.convert import to_checkpoint
from codeassist.training.fim_data import (
    Document,
    Example,
    Examples,
    FimRecipe,
    Packer,
)

__all__ = ["CACHE", "ROOT", "checkpoint", "code_rows"]

ROOT = Path(__file__).parents[2]
CACHE = config.cache_dir() / "bench"
FOLDERS = ("codeassist", "engine", "lsp", "training", "quantize")


def _model(name):
    try:
        return store.resolve(name).path
    except ModelMissingError:
        pull = [sys.executable, "-m", "codeassist", "models", "pull", name]
        subprocess.run(pull, check=True)
        return store.resolve(name).path


def checkpoint(name):
    """The checkpoint folder of a model of the catalog, in BF16."""
    folder = CACHE / "checkpoints" / name
    if not (folder / "config.json").is_file():  # written last
        to_checkpoint(_model(name), folder, format_="BF16")
    return folder


def code_rows(name, *, count, length):
    """Packed rows of our own source: FIM with the loss on middles, if the model can."""
    contract = detect(open_vocabulary(_model(name)))
    paths = (path for top in FOLDERS for path in sorted((ROOT / top).rglob("*.py")))
    files = [
        Document(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
        for path in paths
        if not path.is_symlink()
    ]
    pad = 0
    if isinstance(contract, Fim):
        pad = contract.end
        recipe = FimRecipe(length=length, rate=1.0, holes=4, context=0.0)
        examples = Examples(contract, recipe, seed=0).stream(files)
    else:
        examples = _left_to_right(contract, files, length)
    packer = Packer(length, pad=pad)
    rows = [*islice(packer.stream(examples), count)]
    assert len(rows) == count
    return rows


def _left_to_right(contract, files, length):
    """The beginnings of files, all of which is learned."""
    for number, file in enumerate(files):
        tokens = contract.encode(file.text)[: length // (1 + number % 3)]
        if len(tokens) > 1:
            ids = np.array(tokens, np.int32)
            yield Example(ids, np.arange(len(ids)) > 0)
