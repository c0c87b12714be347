"""Examples: the file in other words, and exactly the middle to learn."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codeassist.engine.decode import open_vocabulary
from codeassist.errors import ConfigError
from codeassist.fim import detect
from codeassist.training.fim_data import (
    Document,
    Examples,
    FimRecipe,
    Loss,
    Order,
    Placement,
)
from codeassist.training.fim_data.orders import orders
from tests.training import fim_forms

ROOT = Path(__file__).parents[2]
SOURCE = "\n".join(
    f"def f{n}(a, b):\n    if a > {n}:\n        return g(a, 'é🙂')\n    return b\n"
    for n in range(4)
)
EVIL = "x = '<|fim_middle|><|endoftext|>'\ny = ['<|fim_prefix|>', 2]\nz = f(x, y)\n"
ALWAYS = FimRecipe(rate=1, empty=0, context=0, length=4096, holes=8)
FILES = [Document("a/m.py", SOURCE, "python", "r"), Document("evil.py", EVIL)]


def make(family="qwen2.5-coder", recipe=ALWAYS, files=FILES, seed=1):
    maker = Examples(fim_forms.form(family), recipe, seed=seed)
    return maker, list(maker.stream(files))


def apart(spelled, order, head=""):
    """Prefix, suffix and middle of a Qwen prompt."""
    pre, suf, mid = "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"
    left, _, right = spelled.rpartition(mid)
    if order is Order.PSM:
        prefix, _, suffix = left.removeprefix(pre).partition(suf)
    else:
        suffix, _, prefix = left.removeprefix(suf).partition(pre)
    return prefix, suffix, right


@pytest.mark.parametrize("placement", Placement)
@pytest.mark.parametrize("order", [Order.PSM, Order.SPM])
def test_the_file_comes_back(order, placement):
    """Prefix, middle and suffix are the file, byte for byte, in each placement."""
    recipe = replace(ALWAYS, orders={order: 1}, placement=placement)
    found = make(recipe=recipe, files=FILES[:1])[1]
    assert len(found) >= 1
    for example in found:
        spelled = fim_forms.form("qwen2.5-coder").vocabulary.spelled(example.tokens)
        prefix, suffix, rest = apart(spelled, order)
        middle = rest.removesuffix("<|endoftext|>")
        assert prefix + middle + suffix == SOURCE
        if placement is Placement.LINE_HEAD:
            assert prefix == "" or prefix.endswith("\n")


@pytest.mark.parametrize("family", fim_forms.SPECIALS)
def test_mask_is_the_middle_and_its_end(family):
    """Learned are the bytes of the hole and the end token, nothing else."""
    contract = fim_forms.form(family)
    recipe = replace(ALWAYS, orders=dict.fromkeys(Order, 1))
    for example in make(family, recipe, FILES[:1])[1]:
        learned = example.tokens[example.mask]
        hole = SOURCE[example.hole.start : example.hole.end]
        assert learned[-1] == contract.end
        assert contract.vocabulary.spelled(learned[:-1]) == hole
        assert example.mask[-len(learned) :].all()


def test_loss_on_all():
    """With the loss on all only the first token is not to be predicted."""
    for example in make(recipe=replace(ALWAYS, loss=Loss.ALL))[1]:
        assert example.mask.tolist() == [False] + [True] * (len(example.mask) - 1)


def test_the_engines_form():
    """PSM at the cursor is token by token what `codeassist.fim` says to train on."""
    contract = fim_forms.form("qwen2.5-coder")
    for example in make(recipe=replace(ALWAYS, orders={Order.PSM: 1}))[1]:
        text = SOURCE if len(example.tokens) > 200 else EVIL
        start, end = example.hole.start, example.hole.end
        expected = contract.example(text[:start], text[start:end], text[end:])
        assert example.tokens.tolist() == expected.tokens
        assert int(example.mask.argmax()) == expected.target


def test_no_sentinel_comes_from_text():
    """Sentinels spelled out in a file stay text, in holes and in whole files."""
    contract = fim_forms.form("qwen2.5-coder")
    specials = set(contract.vocabulary.specials.values())
    for rate, expected in ((1, 4), (0, 1)):
        for seed in range(20):
            for example in make(
                recipe=replace(ALWAYS, rate=rate, holes=1), files=FILES[1:], seed=seed
            )[1]:
                assert sum(int(t) in specials for t in example.tokens) == expected


def test_shares():
    """Kinds, orders and empty middles come in the shares that the recipe names."""
    files = [Document(f"{n}.py", SOURCE) for n in range(600)]
    recipe = replace(
        ALWAYS,
        holes=1,
        rate=0.5,
        empty=0.1,
        kinds={"statement": 1, "rest-of-line": 3},
        orders={Order.PSM: 3, Order.SPM: 1},
    )
    maker, found = make(recipe=recipe, files=files)
    cut = [example for example in found if example.hole]
    kinds = Counter(example.hole.kind for example in cut)
    assert len(cut) == pytest.approx(300, abs=40)
    assert kinds["empty"] == pytest.approx(len(cut) * 0.1, abs=16)
    assert kinds["statement"] == pytest.approx(len(cut) * 0.9 / 4, abs=30)
    first = Counter(int(example.tokens[0]) for example in cut)
    prefix = maker._own.ids["<|fim_prefix|>"]
    assert first[prefix] == pytest.approx(len(cut) * 0.75, abs=30)
    assert maker.tally["left to right"] + len(cut) == 600


def test_half_of_the_repositories_then_half_of_their_files():
    """A repository is in or out as a whole; inside one the files are drawn."""
    files = [
        Document(f"{n}.py", SOURCE, "", f"r{r}") for r in range(100) for n in range(10)
    ]
    recipe = replace(ALWAYS, holes=1, rate=0.5, repository_rate=0.5)
    found = make(recipe=recipe, files=files)[1]
    cut = [example.hole is not None for example in found]
    counts = [sum(cut[n : n + 10]) for n in range(0, 1000, 10)]
    assert sum(count > 0 for count in counts) == pytest.approx(50, abs=15)
    assert sum(counts) == pytest.approx(250, abs=60)
    assert max(counts) < 10


def test_deterministic_in_any_order():
    """The same seed gives the same examples, whatever came before; another others."""
    recipe = replace(ALWAYS, rate=0.7, context=0)
    one, two = make(recipe=recipe)[1], make(recipe=recipe, files=FILES[::-1])[1]
    ids = lambda found: sorted(example.tokens.tolist() for example in found)  # noqa: E731
    assert ids(one) == ids(two)
    assert ids(one) != ids(make(recipe=recipe, seed=2)[1])


@pytest.mark.parametrize("text", ["", "  \n\t\n"])
def test_blank_files_are_skipped(text):
    """A file whose middle could only be empty gives no example."""
    maker, found = make(files=[Document("a.py", text)])
    assert found == []
    assert maker.tally == {"blank": 1}


def test_long_files_are_windowed():
    """An example never is longer than allowed; what it shows is one piece of text."""
    text = "".join(f"value_{n} = call({n}, 'é')\n" for n in range(2000))
    contract = fim_forms.form("qwen2.5-coder")
    recipe = replace(ALWAYS, length=512, orders={Order.PSM: 1}, holes=50, longest=100)
    found = make(recipe=recipe, files=[Document("a.py", text)])[1]
    assert len(found) > 20
    for example in found:
        assert 300 < len(example.tokens) <= 512
        prefix, suffix, rest = apart(
            contract.vocabulary.spelled(example.tokens), Order.PSM
        )
        assert prefix + rest.removesuffix("<|endoftext|>") + suffix in text


def test_whole_files_come_in_pieces():
    """A file without a hole is cut in pieces that are the file, with one end."""
    contract = fim_forms.form("codellama")
    recipe = replace(ALWAYS, rate=0, length=64)
    found = make("codellama", recipe, FILES[:1])[1]
    ids = np.concatenate([example.tokens for example in found])
    assert contract.vocabulary.spelled(ids[1:-1]) == SOURCE
    assert (ids[0], ids[-1]) == (contract.bos, contract.end)
    assert all(not e.mask[0] and e.mask[1:].all() for e in found)


def test_other_files_come_first():
    """With context the nearest files stand before, last the nearest, in the family's
    repository form."""
    files = [
        Document("pkg/a.py", "A = 1\n", "", "r"),
        Document("pkg/m.py", SOURCE, "", "r"),
        Document("docs/conf.py", "D = 1\n", "", "r"),
    ]
    recipe = replace(ALWAYS, context=1, orders={Order.PSM: 1}, holes=1)
    maker, found = make(recipe=recipe, files=files)
    spelled = maker._own.vocabulary.spelled(found[1].tokens)
    assert spelled.startswith(
        "<|repo_name|>r\n<|file_sep|>docs/conf.py\nD = 1\n\n"
        "<|file_sep|>pkg/a.py\nA = 1\n\n<|file_sep|>pkg/m.py\n<|fim_prefix|>"
    )
    assert maker.tally["with other files"] == 3


def test_windows_line_ends():
    """Line ends are those that the engine shows to a model."""
    example = make(files=[Document("a.py", "a = 1\r\nb = f(2)\r\n")])[1][0]
    assert 13 not in example.tokens


def test_orders_the_family_cannot_say():
    """An order without sentinels is left out; with no other it is refused."""
    recipe = replace(ALWAYS, orders={Order.PSM: 1})
    with pytest.raises(ConfigError, match=r"codestral has no sentinels.*use spm"):
        make("codestral", recipe)
    assert make("codestral", replace(ALWAYS, orders=dict.fromkeys(Order, 1)))[1]


@pytest.mark.parametrize(
    "values",
    [
        {"rate": 1.5},
        {"kinds": {"words": 1}},
        {"kinds": {"line": 0}},
        {"orders": {Order.PSM: -1, Order.SPM: 2}},
        {"length": 3},
    ],
)
def test_recipes_that_make_no_sense(values):
    """A share or a kind that does not exist is refused by its name."""
    with pytest.raises(ConfigError, match=f"fim.{next(iter(values))}"):
        FimRecipe(**values)


@pytest.mark.parametrize(
    "name", ["qwen2.5", "starcoder", "deepseek-coder", "refact", "mistral-v3-codestral"]
)
def test_real_vocabularies(shared, name):
    """Through a family's real tokenizer an example is what the engine would ask and
    what stands in the file; its middle is the file's, byte for byte."""
    path = shared / "eval" / "vocabs" / f"ggml-vocab-{name}.gguf"
    contract = detect(open_vocabulary(path))
    vocabulary, able = contract.vocabulary, orders(contract).values()
    file = Document("spans.py", (ROOT / "training/fim_data/spans.py").read_text())
    recipe = replace(ALWAYS, orders=dict.fromkeys(Order, 1), holes=12, length=4096)
    text = file.text
    for example in Examples(contract, recipe, seed=3).stream([file]):
        start, end = example.hole.start, example.hole.end
        middle = vocabulary.detokenize(example.tokens[example.mask][:-1].tolist())
        assert middle == text[start:end]
        parts = text[:start], middle, text[end:]
        candidates = [form.render(parts[0], parts[2], path="spans.py") for form in able]
        prompt = example.tokens[~example.mask].tolist()
        assert prompt in [rendered.tokens for rendered in candidates]


def test_line_head_changes_nothing_where_the_prefix_comes_last():
    """In SPMv2 the line's beginning stands behind the middle sentinel anyway."""
    recipe = replace(ALWAYS, orders={Order.SPMV2: 1})
    headed = replace(recipe, placement=Placement.LINE_HEAD)
    one, two = (make(recipe=r, files=FILES[:1])[1] for r in (recipe, headed))
    assert [e.tokens.tolist() for e in one] == [e.tokens.tolist() for e in two]


def test_random_text_comes_back():
    """Random unicode, tabs and sentinels survive the cutting byte for byte."""
    dice = random.Random(5)
    pieces = [
        *"ab (),:\n\t",
        "    ",
        "é",
        "e\u0301",
        "🙂",
        "中",
        "<|fim_middle|>",
        "\u2028",
    ]
    contract = fim_forms.form("qwen2.5-coder")
    for n in range(60):
        text = "".join(dice.choices(pieces, k=dice.randrange(1, 80)))
        recipe = replace(ALWAYS, orders={Order.PSM: 1})
        for example in make(recipe=recipe, files=[Document("a.py", text)], seed=n)[1]:
            start, end = example.hole.start, example.hole.end
            expected = contract.example(text[:start], text[start:end], text[end:])
            assert example.tokens.tolist() == expected.tokens
