"""`codeassist adapters`: what the user sees of the store."""

import argparse
import json
from types import SimpleNamespace

import pytest

from codeassist.arguments.finetuning import add_adapters
from codeassist.commands import adapters
from codeassist.engine.adapters import base_of
from codeassist.engine.models.store import resolve
from codeassist.errors import AdapterError
from tests.engine.adapters.conftest import bases, home  # noqa: F401 - fixtures


@pytest.fixture
def go(bases, home, capsys):  # noqa: F811 - fixtures
    """Runs the command with a tiny base as the user's model; brings what it prints."""
    config = home / "config" / "codeassist"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(f'[model]\nid = "{bases / "base-16.gguf"}"\n')

    def run(*words):
        parser = argparse.ArgumentParser()
        add_adapters(parser.add_subparsers())
        assert adapters.run(parser.parse_args(["adapters", *map(str, words)])) == 0
        return capsys.readouterr().out

    return run


def test_from_import_to_removal(go, bases, home):  # noqa: F811
    """Import, list, activate, roll back, export, remove: each says what it did."""
    go("import", bases / "lora-16-0.gguf", "--name", "one")
    go("import", bases / "lora-16-1.gguf")
    assert go("activate", "one") == "one is active\n"
    rows = go("list").splitlines()[1:3]
    assert [row.split()[1] for row in rows if row.startswith("*")] == ["one"]
    go("activate", "lora-16-1")
    assert json.loads(go("rollback", "--json")) == {"active": "one"}
    told = json.loads(go("list", "--json"))
    assert {each["name"]: each["active"] for each in told} == {
        "one": True,
        "lora-16-1": False,
    }
    go("export", "one", home / "one.zip")
    assert json.loads(go("remove", "one", "--json"))["freed"] > 0
    assert "adapters activate one" in go("import", home / "one.zip")
    go("activate", "one")
    assert "as it came" in go("rollback")


def test_for_other_weights(go, bases, home):  # noqa: F811
    """An adapter of weights that are not here is refused; --model names them."""
    wide = bases / "base-32.gguf"
    go("import", bases / "lora-32-0.gguf", "--model", wide)
    go("export", "lora-32-0", home / "wide.zip")
    with pytest.raises(AdapterError, match="for other weights"):
        go("import", home / "wide.zip")
    assert "is here" in go("import", home / "wide.zip", "--model", wide, "--name", "w")


def test_back_for_another_model(go, bases, home):  # noqa: F811
    """An adapter's name says for which model the one before shall be active again."""
    go("import", bases / "lora-32-0.gguf", "--model", bases / "base-32.gguf")
    go("import", bases / "lora-16-0.gguf")
    go("activate", "lora-32-0")
    go("activate", "lora-16-0")
    assert "base-32" in go("rollback", "lora-32-0")
    rows = go("list").splitlines()
    assert [row.split()[1] for row in rows if row.startswith("*  l")] == ["lora-16-0"]


def test_a_model_that_is_named_by_its_file(go, bases, home, monkeypatch):  # noqa: F811
    """Weights that the catalog knows need not lie where it keeps them."""
    wide = str(bases / "base-32.gguf")
    entry = SimpleNamespace(id="known", sha256=base_of(resolve(wide)).sha256)
    monkeypatch.setattr(adapters, "load_catalog", lambda: {"known": entry})
    go("import", bases / "lora-32-0.gguf", "--name", "one", "--model", wide)
    assert "one" in go("list")
