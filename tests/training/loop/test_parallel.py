"""Two processes equal one: losses, weights, states; and they go on from those."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from codeassist.errors import ConfigError
from codeassist.training.loop import LoopSettings, train
from tests.training.loop import two_ranks
from tests.training.loop.rows import make_rows
from tests.training.shapes import GQA, decoder

ROOT = Path(__file__).parents[3]


def together(folder, config, parallel, steps):
    """Run two processes to their end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        two_ranks.__name__,
        folder,
        config,
        parallel,
        steps,
    ]
    both = [
        subprocess.Popen(
            [*map(str, command)],
            cwd=ROOT,
            env={
                **os.environ,
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
                "WORLD_SIZE": "2",
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
            },
        )
        for rank in range(2)
    ]
    assert [process.wait(timeout=300) for process in both] == [0, 0]
    return json.loads((folder / f"{parallel}-{steps}.json").read_text())


def last_state(folder):
    *_, newest = sorted((folder / "state").iterdir())
    return load_file(newest / "tensors.safetensors")


@pytest.mark.parametrize(("parallel", "config"), [("ddp", "moe"), ("fsdp", "qwen2")])
def test_two_processes_equal_one(tmp_path, parallel, config):
    """Losses, norms and saved tensors agree within 1e-5; two go on from a state."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    two_ranks.main(tmp_path / "one", config, "none", 4)
    expected = json.loads((tmp_path / "one/none-4.json").read_text())
    found = together(tmp_path / "two", config, parallel, 4)
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours[2] is None) == (theirs[2] is None)
        ours, theirs = (
            [n for n in values if n is not None] for values in (ours, theirs)
        )
        assert ours == pytest.approx(theirs, rel=1e-5)
    one, two = last_state(tmp_path / "one"), last_state(tmp_path / "two")
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        assert torch.allclose(two[name], tensor, atol=1e-5), name
    longer = together(tmp_path / "two", config, parallel, 6)
    assert len(longer) == 2  # it went on from step 4


@pytest.mark.parametrize(
    ("environment", "settings", "wrong"),
    [
        ({"WORLD_SIZE": "2"}, {}, "set loop.parallel to ddp or fsdp"),
        ({}, {"parallel": "ddp"}, "needs torchrun"),
        (
            {"WORLD_SIZE": "3", "RANK": "0"},
            {"parallel": "fsdp"},
            "times 3 processes",
        ),
    ],
)
def test_processes_that_do_not_fit_are_told(
    tmp_path, monkeypatch, environment, settings, wrong
):
    """Settings and torchrun must agree before anything is joined."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=wrong):
        train(decoder(GQA), make_rows(2), LoopSettings(**settings), tmp_path)
