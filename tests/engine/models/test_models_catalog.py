"""The catalog: ours is whole, the user's is merged, a broken one is explained."""

import subprocess
import sys

import pytest

from codeassist.engine.models import catalog
from codeassist.errors import ConfigError

MODEL = """\
[[models]]
id = "mine"
family = "qwen2.5-coder"
file = "mine.gguf"
size = 10
sha256 = "{sha}"
licence = "MIT"
context = 2048
""".format(sha="0" * 64)
SOURCE = '[[models.sources]]\nkind = "wheels"\nversion = "1"\n'
WHEEL = 'wheels = [{ package = "p", member = "m", size = 1, sha256 = "%s" }]\n'


def test_our_catalog_adds_up(shop):
    """The pieces of every wheel source are exactly the file."""
    for entry in catalog.load().values():
        for source in entry.sources:
            if isinstance(source, catalog.WheelsSource):
                assert sum(wheel.size for wheel in source.wheels) == entry.size


def test_our_catalog_has_one_default(shop):
    """The default model is the small coder."""
    defaults = [e.id for e in catalog.load().values() if e.default]
    assert defaults == ["qwen2.5-coder-0.5b"]


def test_locating_a_model_loads_no_network_code(shop):
    """Start-up does not pay for the hub's client, for pip or for a progress bar."""
    code = (
        "import sys, codeassist.engine.models.store as s; s.load();"
        "print(*{'huggingface_hub', 'pip', 'tqdm', 'httpx', 'httpx2',"
        "'codeassist.engine.models.sources'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert out.stdout.strip() == b""


def test_a_users_model_is_added(shop):
    """A new id stands beside ours, which keep the default."""
    shop.write(MODEL)
    entries = catalog.load()
    assert list(entries)[-1] == "mine"
    assert [e.id for e in entries.values() if e.default] == ["qwen2.5-coder-0.5b"]


def test_a_users_model_replaces_ours(shop):
    """The same id is the user's."""
    shop.write(MODEL.replace('"mine"', '"smollm2-135m"'))
    assert catalog.load()["smollm2-135m"].file == "mine.gguf"


def test_a_users_default_is_the_default(shop):
    """Only one model is the default, and the user chooses."""
    shop.write(f"{MODEL}default = true\n")
    assert [e.id for e in catalog.load().values() if e.default] == ["mine"]


def test_paths_are_relative_to_their_catalog(shop):
    """A path source and an adapter lie beside the user's catalog."""
    shop.write(
        f'{MODEL}adapter = {{ path = "a.gguf", sha256 = "{"1" * 64}" }}\n'
        '[[models.sources]]\nkind = "path"\npath = "b.gguf"\n'
    )
    mine = catalog.load()["mine"]
    assert mine.adapter.path == shop.config / "a.gguf"
    assert mine.sources == (catalog.PathSource(shop.config / "b.gguf"),)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("models = [", "not a readable TOML file"),
        ("models = 3", "models takes an array of tables"),
        ("models = [3]", "models takes tables"),
        ("model = []", "model is not known"),
        (MODEL.replace("size = 10\n", ""), "models[0].size is missing"),
        (MODEL.replace("size = 10", "size = 0"), "models[0].size must be above 0"),
        (MODEL.replace("size = 10", "size = true"), "models[0].size takes a whole"),
        (MODEL.replace('"mine"', '""'), "models[0].id is empty"),
        (MODEL.replace('"mine.gguf"', '"../x"'), "models[0].file cannot be '../x'"),
        (MODEL.replace("000", "00g", 1), "models[0].sha256 is 64 digits"),
        (f"{MODEL}colour = 1", "models[0].colour is not known"),
        (f"{MODEL}default = 1", "models[0].default takes true or false"),
        (f"{MODEL}{MODEL}", "models[1].id names 'mine' a second time"),
        (
            f"{MODEL}default = true\n{MODEL.replace('mine', 'other')}default = true\n",
            "models[1].default is set on two",
        ),
        (MODEL.replace("mine.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf"), "another name"),
        (
            f'{MODEL}[[models.sources]]\nkind = "ftp"',
            "models[0].sources[0].kind is one",
        ),
        (
            f'{MODEL}[[models.sources]]\nkind = "hub"\nrepo = "a/b/c"',
            "models[0].sources[0].repo cannot be 'a/b/c'",
        ),
        (
            f"{MODEL}{SOURCE}{WHEEL % 1}",
            "models[0].sources[0].wheels[0].sha256 is 64 digits",
        ),
        (
            MODEL + SOURCE + (WHEEL % ("0" * 64)).replace('"p"', '"--index-url x"'),
            "models[0].sources[0].wheels[0].package cannot be",
        ),
        (
            MODEL + SOURCE + (WHEEL % ("0" * 64)).replace('"m"', '"../m"'),
            "models[0].sources[0].wheels[0].member is a relative path",
        ),
        (
            MODEL.replace('"mine"', '"qwen2.5-coder-0.5b"'),
            "no model is the default",
        ),
    ],
)
def test_a_broken_catalog_names_file_and_key(shop, text, key):
    """One line says which file, which key, and what to do."""
    path = shop.write(text)
    with pytest.raises(ConfigError) as caught:
        catalog.load()
    line = str(caught.value)
    assert str(path) in line
    assert key in line
    assert "\n" not in line


def test_folder_that_cannot_be_looked_into_is_named(tmp_path, monkeypatch):
    """A configuration folder that the system refuses is told in one line."""
    monkeypatch.setattr(catalog, "config_dir", lambda: tmp_path / ("x" * 300))

    with pytest.raises(ConfigError, match=r"catalog\.toml is not a readable TOML"):
        catalog.load()


def test_file_may_begin_with_a_byte_order_mark(shop):
    """What an editor of Windows puts before the text is no mistake in it."""
    shop.write(f"\ufeff{MODEL}")

    assert "mine" in catalog.load()
