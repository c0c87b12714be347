"""States are whole or not there, whenever the process dies."""

import shutil

import pytest
import torch

from codeassist.errors import DiskSpaceError, TrainingError
from codeassist.training.loop import last_step, last_weights, room_for_states, state
from codeassist.training.loop.state import load_state, save_state

TENSORS = {"weight/x": torch.arange(6.0).view(2, 3)}


@pytest.fixture
def folder(tmp_path):
    save_state(tmp_path / "state", 5, TENSORS, {"loss": 1.5}, keep=2)
    return tmp_path / "state"


def test_a_state_comes_back(folder):
    """Step, notes and tensors are read as they were written."""
    saved = load_state(folder)
    assert (saved.step, saved.about["loss"], last_step(folder.parent)) == (5, 1.5, 5)
    assert torch.equal(saved.tensors["weight/x"], TENSORS["weight/x"])
    assert load_state(folder / "elsewhere") is None
    assert last_step(folder) == 0


def test_what_was_learned_can_be_had(folder):
    """Averages, where there are any, are the result; else the weights."""
    assert torch.equal(last_weights(folder.parent)["x"], TENSORS["weight/x"])
    average = {"average/x": torch.ones(2)}
    save_state(folder, 6, TENSORS | average, {}, keep=2)
    assert last_weights(folder.parent)["x"].tolist() == [1, 1]
    with pytest.raises(TrainingError, match="holds no saved state"):
        last_weights(folder)


def test_only_the_newest_are_kept(folder):
    """Older ones go once a newer one stands."""
    for step in (10, 15, 100_000_000):
        save_state(folder, step, TENSORS, {}, keep=2)
    assert load_state(folder).step == 100_000_000
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["step-00000015", "step-100000000"]


def test_a_copy_of_a_state_is_none(folder):
    """What a file manager calls its copy of a state stops no run and stays."""
    copy = folder / "step-00000005 (copy)"
    shutil.copytree(folder / "step-00000005", copy)
    save_state(folder, 10, TENSORS, {}, keep=1)
    assert (last_step(folder.parent), load_state(folder).step) == (10, 10)
    assert copy.is_dir()


def test_states_that_are_there_need_no_room(folder):
    """Room is for the states that are missing, one at the least; a half one goes first."""
    for keep, wanted in ((1, 1), (2, 2), (3, 3)):
        assert room_for_states(folder.parent, 1000, keep=keep) == 1000 * wanted
    assert room_for_states(folder, 1000, keep=2) == 3000
    save_state(folder, 6, TENSORS, {}, keep=2)
    save_state(folder, 7, TENSORS, {}, keep=3)
    assert room_for_states(folder.parent, 1000, keep=1) == 1000
    (folder / "step-00000008.part").mkdir()
    (folder / "step-00000008.part" / "tensors.safetensors").write_bytes(b"x" * 400)
    assert room_for_states(folder.parent, 1000, keep=1) == 600


@pytest.mark.parametrize("moment", ["save_file", "_flush", "json.dumps"])
def test_a_kill_while_saving_leaves_the_older_state(folder, monkeypatch, moment):
    """Whatever was written of the new one, the old one is read, and the rest goes."""

    def die(*_args, **_options):
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(f"codeassist.training.loop.state.{moment}", die)
        with pytest.raises(SystemExit):
            save_state(folder, 10, TENSORS, {}, keep=1)
    assert load_state(folder).step == 5
    assert len(list(folder.iterdir())) == 2
    save_state(folder, 10, TENSORS, {}, keep=1)
    assert [path.name for path in folder.iterdir()] == ["step-00000010"]


def test_a_full_disk_is_told(folder, monkeypatch):
    """The error says what to do, the old state stays and no rubbish."""

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state, "save_file", full)
    with pytest.raises(DiskSpaceError, match=r"step 10 cannot.*free some space"):
        save_state(folder, 10, TENSORS, {}, keep=1)
    assert [path.name for path in folder.iterdir()] == ["step-00000005"]


def test_a_damaged_state_is_told(folder):
    """A state that someone cut short is not taken for none."""
    tensors = folder / "step-00000005" / "tensors.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:40])
    with pytest.raises(TrainingError, match=r"is damaged .* delete it to go on"):
        load_state(folder)
