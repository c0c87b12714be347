"""Recipes: what TOML says is what is trained, and a slip is named."""

from pathlib import Path

import pytest

from codeassist.errors import ConfigError
from codeassist.training.fim_data import Loss, Order
from codeassist.training.lora import LoraParts
from codeassist.training.recipe import read_recipe, to_toml

RECIPES = Path(__file__).parents[2] / "training" / "recipes"
FULL = """
[base]
model = "weights/model.gguf"
rename = { "<a>" = "<|fim_prefix|>" }

[data]
sources = ["src", "/elsewhere"]
length = 256
held_out = 0.1
rows = "rows"

[data.fim]
rate = 1
loss = "all"
orders = { psm = 0.5, spmv2 = 0.5 }

[lora]
rank = 4
targets = ["layers.*.attention.[qv]"]

[loop]
steps = 7
betas = [0.8, 0.9]
ema = 0.99
schedule = "wsd"

[upcycle]
experts = 4
"""


def recipe(tmp_path, text, *overrides):
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    return read_recipe(path, overrides)


def test_every_kind_of_value(tmp_path):
    """Numbers, choices, lists and tables arrive as the types that they are."""
    found = recipe(tmp_path, FULL)

    assert found.base.rename == {"<a>": "<|fim_prefix|>"}
    assert found.data.fim.rate == 1.0
    assert found.data.fim.loss is Loss.ALL
    assert found.data.fim.orders == {Order.PSM: 0.5, Order.SPMV2: 0.5}
    assert found.lora == LoraParts(rank=4, targets=("layers.*.attention.[qv]",))
    assert found.loop.betas == (0.8, 0.9)
    assert (found.loop.steps, found.loop.ema, found.loop.schedule) == (7, 0.99, "wsd")
    assert found.upcycle is not None
    assert found.upcycle.experts == 4


def test_empty_recipe(tmp_path):
    """Everything has a default: the code beside the recipe, the default model."""
    found = recipe(tmp_path, "")

    assert found.data.sources == (tmp_path,)
    assert found.base.model == ""
    assert found.lora is None
    assert found.upcycle is None
    assert found.data.fim.length == found.data.length


def test_paths_are_seen_from_the_recipe(tmp_path):
    """Relative paths begin at the recipe's folder; a catalog id stays an id."""
    found = recipe(tmp_path, FULL)
    by_id = recipe(tmp_path, '[base]\nmodel = "qwen2.5-coder-0.5b"')

    assert found.base.model == str(tmp_path / "weights" / "model.gguf")
    assert found.data.sources == (tmp_path / "src", Path("/elsewhere"))
    assert found.data.rows == tmp_path / "rows"
    assert by_id.base.model == "qwen2.5-coder-0.5b"


def test_a_folder_may_look_like_an_id(tmp_path):
    """A folder of that name beside the recipe is meant before the catalog."""
    (tmp_path / "model").mkdir()
    found = recipe(tmp_path, '[base]\nmodel = "model"')

    assert found.base.model == str(tmp_path / "model")


def test_examples_are_as_long_as_rows(tmp_path):
    """`fim.length` follows `length` until it is given."""
    same = recipe(tmp_path, "[data]\nlength = 300")
    less = recipe(tmp_path, "[data]\nlength = 300\nfim = { length = 100 }")

    assert same.data.fim.length == 300
    assert less.data.fim.length == 100


def test_overrides(tmp_path):
    """`--set` wins over the file, with TOML's values or plain text."""
    found = recipe(
        tmp_path,
        FULL,
        "loop.steps=20",
        "base.model=qwen2.5-coder-1.5b",
        'data.sources=["here"]',
        "data.fim.orders.spm=1.0",
        "lora.rank_stabilised=true",
    )

    assert found.loop.steps == 20
    assert found.base.model == "qwen2.5-coder-1.5b"
    assert found.data.sources == (tmp_path / "here",)
    assert found.data.fim.orders[Order.SPM] == 1.0
    assert found.lora is not None
    assert found.lora.rank_stabilised


@pytest.mark.parametrize("text", ["", FULL])
def test_written_again(tmp_path, text):
    """The recipe that is left in the output folder is the one that was read."""
    found = recipe(tmp_path, text)

    assert recipe(tmp_path, to_toml(found)) == found


@pytest.mark.parametrize(
    "path",
    sorted([*RECIPES.glob("[!c]*.toml"), *RECIPES.glob("codeassist-fim-[0-9]*.toml")]),
    ids=lambda p: p.stem,
)
def test_recipes_of_the_repository(path):
    """Each recipe that we ship is a valid one, and names folders that exist or corpora."""
    found = read_recipe(path)

    sources = [each for each in found.data.sources if each.name != "corpus"]
    assert all(source.is_dir() for source in sources)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[loop]\nstpes = 3", r"'loop\.stpes'; did you mean steps\?"),
        ("[lop]\nsteps = 3", r"'lop'; did you mean loop\?"),
        ("[data.fim]\nratio = 0.5", r"'data\.fim\.ratio'; did you mean rate\?"),
        ("[base]\nzzz = 1", r"'base\.zzz'; known are model, preset"),
        ("[base]\nshape = { size = 1 }", r"'base\.shape\.size'"),
        ("[lora]\ntarget = ['x']", r"did you mean targets\?"),
        ("[loop]\nsteps = 1.5", r"loop\.steps takes a whole number, not 1\.5"),
        ("[loop]\nsteps = true", r"loop\.steps takes a whole number, not True"),
        ("[loop]\nlr = 'high'", r"loop\.lr takes float, not 'high'"),
        ("[loop]\nbetas = [0.9]", r"loop\.betas takes 2 values, not 1"),
        ("[loop]\nschedule = 'cos'", r"loop\.schedule is one of cosine, wsd"),
        ("[data]\nsources = 'src'", r"data\.sources takes a list"),
        ("[data]\nsources = [1]", r"data\.sources\[0\] takes a path, not 1"),
        ("[data]\nsources = []", r"data\.sources is empty"),
        ("[data]\nheld_out = 1.0", r"data\.held_out is a share below 1"),
        ("[data.fim]\nlength = 4096", r"make data\.length the larger one"),
        ("[data.fim]\norders = { pms = 1.0 }", r"is one of psm, spm, spmv2"),
        ("[data.fim]\nloss = 'middles'", r"data\.fim\.loss is one of middle, all"),
        ("loop = 3", r"loop is a table of settings, not 3"),
        ("[loop]\nlr = -1.0", r"loop\.lr must be above 0"),
        ("[loop]\nlr = inf", r"loop\.lr takes a number that is finite"),
        ("[loop]\nwarmup = nan", r"loop\.warmup takes a number that is finite"),
        ("[base]\nseed = 100000000000000000000", r"base\.seed .* below 2\*\*63"),
        ("[data]\nsources = ['~nosuch/x']", r"~nosuch/x: there is no such user"),
        ("[base]\nmodel = 'a'\npreset = 'b'", r"exclude each other"),
        ("[base]\npreset = 'smollm2-135m'", r"needs base\.vocabulary"),
        ("[base]\nvocabulary = 'a'", r"belong to base\.preset"),
        ("[upcycle]\nexperts = 3\npieces = 2", r"multiples of pieces"),
        ("[loop", r"is not valid TOML"),
    ],
)
def test_slips(tmp_path, text, message):
    """A slip is refused in one line that names the file and the setting."""
    with pytest.raises(ConfigError, match=message) as caught:
        recipe(tmp_path, text)

    assert str(caught.value).startswith(str(tmp_path / "recipe.toml"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("loop.steps", "takes section.key=value"),
        ("steps=3", "takes section.key=value"),
        ("loop.steps.more=3", "steps is no table"),
    ],
)
def test_slips_of_overrides(tmp_path, override, message):
    """An override that names no setting is refused."""
    with pytest.raises(ConfigError, match=message):
        recipe(tmp_path, FULL, override)


def test_no_recipe(tmp_path):
    """A missing file is named."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")
