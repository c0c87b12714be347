"""Random models and llama.cpp to run them with."""

import pytest

from codeassist.quantize.convert import to_gguf
from tests.quantize.models import CONFIGS, checkpoint


@pytest.fixture(scope="session")
def models(tmp_path_factory, shared):
    """Give the checkpoint folder and the F32 GGUF of a configuration, made once."""
    made = {}

    def make(name):
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            checkpoint(folder, CONFIGS[name], shared)
            to_gguf(folder, folder / "model.gguf")
            made[name] = folder, folder / "model.gguf"
        return made[name]

    return make
