"""What lies between a model and what is made of it loses nothing and takes little room."""

import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from codeassist.errors import DiskSpaceError
from codeassist.quantize import checkpoint as folders
from codeassist.quantize.checkpoint import TENSORS, TensorReader
from codeassist.quantize.source import as_checkpoint, as_gguf
from tests.quantize.hf_models import CONFIGS, write_folder


@pytest.fixture
def halves(tmp_path):
    """Write a Hugging Face folder in F16, its norms in F32 if that is asked for."""

    def write(norms=np.float16):
        folder = write_folder(tmp_path / "hf", CONFIGS["llama"])
        tensors = load_file(folder / TENSORS)
        kinds = {name: norms if "norm" in name else np.float16 for name in tensors}
        rounded = {name: each.astype(kinds[name]) for name, each in tensors.items()}
        save_file(rounded, folder / TENSORS)
        return folder

    return write


@pytest.mark.parametrize(
    ("norms", "wanted"), [(np.float16, "F16"), (np.float32, "F32")]
)
def test_a_checkpoint_between_has_the_models_own_16_bits(
    halves, tmp_path, norms, wanted
):
    """Half precision stays so where that is exact, and only there."""
    source = halves(norms)
    as_checkpoint(source, tmp_path / "between")
    found = TensorReader(tmp_path / "between" / TENSORS)
    assert set(found.formats.values()) == {wanted}
    wanted = load_file(source / TENSORS)
    np.testing.assert_array_equal(found["norm.weight"], wanted["model.norm.weight"])


def test_a_gguf_stands_alone(halves, tmp_path):
    """What it was made by way of has gone when it is there."""
    (tmp_path / "between").mkdir()
    path = as_gguf(halves(), tmp_path / "between")
    assert [*(tmp_path / "between").iterdir()] == [path]


def test_room_is_counted_for_all_of_it(halves, tmp_path, monkeypatch):
    """A disk that holds the checkpoint, but not the GGUF beside it, is told at once."""
    source = halves()
    (tmp_path / "between").mkdir()
    one = (source / TENSORS).stat().st_size
    free = folders.SLACK + folders.HEADER + one + one // 2
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DiskSpaceError, match="free some"):
        as_gguf(source, tmp_path / "between")
    assert not [*(tmp_path / "between").iterdir()]
