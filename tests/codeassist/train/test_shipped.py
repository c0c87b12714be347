"""The recipes that wait for a GPU can be started: `--dry-run` with the real weights."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from codeassist import cli

ROOT = Path(__file__).parents[3]
RECIPES = files("codeassist.training") / "recipes"

pytestmark = pytest.mark.model


@pytest.mark.parametrize("name", ["codeassist-fim-135m", "full-135m"])
def test_estimate(name, tmp_path, capsys):
    """Base, sentinels, data and settings fit; time, memory and disk are told."""
    words = ["--set", f"data.sources=[{json.dumps(str(ROOT / 'engine'))}]"]
    words += ["--set", "loop.compile=false", "--out", str(tmp_path / "run")]
    recipe = str(RECIPES / f"{name}.toml")

    assert cli.main(["train", recipe, *words, "--dry-run", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["parameters"] == 134_515_008
    assert told["memory"]["optimiser"] == 8 * 134_515_008
