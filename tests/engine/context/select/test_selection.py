"""What of a repository is chosen for a prompt."""

import time

import pytest

from codeassist.engine.context.select import Recent

from .conftest import KEY, SECONDS, words

CART = "shop/cart.py"


def text_of(snippets, path):
    return "\n".join(each.text for each in snippets if each.path == path)


def test_definitions_of_names_nearby_are_shown(look):
    """A class named at the cursor and defined elsewhere comes with its methods."""
    money = text_of(look(), "shop/money.py")

    assert "class Amount:" in money
    assert "    def plus_tax(self, rate):" in money


def test_a_class_too_large_is_shown_by_its_signatures(look):
    """With little room the signatures of a class's methods stay, the bodies go."""
    money = text_of(look(budget=36), "shop/money.py")

    assert "    def plus_tax(self, rate):" in money
    assert "taxed //" not in money


def test_what_the_file_itself_defines_far_away(look):
    """A definition of the same file is shown where the prompt does not reach it."""
    cart = text_of(look(), CART)

    assert "def parcel_weight(articles):" in cart
    assert "class Cart" not in cart


def test_nothing_is_repeated(look):
    """No row is shown twice, and none that the prompt has anyway."""
    snippets = look(budget=2_000)
    rows = [(each.path, row) for each in snippets for row in each.rows]

    assert len(rows) == len(set(rows))
    assert not any("weight = parcel_weight" in each.text for each in snippets)


def test_no_secrets(look):
    """Neither a key file nor a key in a source file gets into a prompt."""
    snippets = look(budget=2_000)

    assert "def log_in_to_cart" in text_of(snippets, "shop/login.py")
    assert not any(KEY in each.text for each in snippets)
    assert not any(each.path.endswith(".pem") for each in snippets)


DASHES = "-" * 5
LINES = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n" * 40
BLOCK = f"{DASHES}BEGIN PRIVATE KEY{DASHES}\n{LINES}{DASHES}END PRIVATE KEY{DASHES}"


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": "paid_amount(┃\n", "b.py": f"def paid_amount(): '''{BLOCK}'''\n"},
        {"a.py": "paid_amount(┃\n", "b.py": f"X = '''{BLOCK}'''\npaid_amount()\n"},
        {"a.py": f"paid_amount(┃\nX = '''{BLOCK}'''\npaid_amount()\n"},
    ],
    ids=["its block", "its last rows", "the open file"],
)
def test_a_private_key_leaves_nothing_of_its_file(write, opened, at, files):
    """A file with a block of a private key is not shown, whichever rows are wanted."""
    context = opened(write(files))

    assert not context.around(at("a.py", files["a.py"]), 40, words).snippets


def test_the_budget_holds(look):
    """The snippets cost what they say, and no more than was given."""
    for budget in (12, 40, 90):
        snippets = look(budget)

        assert snippets
        assert sum(words(each.text) for each in snippets) <= budget
        assert sum(each.tokens for each in snippets) <= budget


def test_usage_elsewhere(write, opened, at):
    """Code that calls what is called at the cursor is shown, the call in its middle."""
    other = "".join(f"filler_{n} = {n}\n" for n in range(30))
    files = {
        "a.py": "from lib import send_parcel\n\nsend_parcel(┃)\n",
        "b.py": f"{other}send_parcel(weight=3, to='Bonn')\n{other}",
    }
    context = opened(write(files))
    found = context.around(at("a.py", files["a.py"]), 40, words).snippets

    assert [each.path for each in found] == ["b.py"]
    assert "send_parcel(weight=3, to='Bonn')" in found[0].text
    assert "uses send_parcel" in found[0].reasons


def test_the_test_of_a_file(look):
    """A file's test is found in its own folder of tests."""
    reasons = {each.path: each.reasons for each in look(budget=2_000)}

    assert "test or tested" in reasons["shop/tests/test_cart.py"]


def test_where_the_user_has_been(write, opened, at):
    """A region that was edited is shown, though it shares no word with the cursor."""
    files = {"a.py": "x = ┃\n", "b.py": "unrelated = 1\nother_thing = 2\n"}
    context = opened(write(files))
    view = at("a.py", files["a.py"])
    before = context.around(view, 100, words).snippets
    context.recent.edited("b.py", 1)
    after = context.around(view, 100, words).snippets

    assert not before
    assert "other_thing = 2" in text_of(after, "b.py")


def test_newest_regions_first():
    """Edits come before views, the newest first; the same place counts once."""
    ring = Recent()
    for path in ("a.py", "b.py", "a.py"):
        ring.edited(path, 3)
    ring.viewed("c.py", 0)

    assert [(path, done) for path, _, done in ring.regions] == [
        ("a.py", "edited"),
        ("b.py", "edited"),
        ("c.py", "viewed"),
    ]


def test_unsaved_text_counts(write, opened, at, shop):
    """What another file says in the editor is shown, not what is on disk."""
    context = opened(write(shop))
    context.index.changed("shop/money.py", "class Amount:\n    unsaved = True\n")
    assert context.index.wait(SECONDS)
    view = at(CART, shop[CART])

    money = text_of(context.around(view, 200, words).snippets, "shop/money.py")
    assert "unsaved = True" in money
    assert "plus_tax" not in money


def test_late_is_empty_and_not_an_error(write, opened, at, shop):
    """Where no time is left the prompt shows nothing of others."""
    context = opened(write(shop), deadline=0.0)

    assert not context.around(at(CART, shop[CART]), 200, words).snippets


def test_a_file_elsewhere_has_no_context(write, opened, at, shop, tmp_path):
    """A file that lies outside of the repository is none of its business."""
    context = opened(write(shop))
    for path in (str(tmp_path / "a.py"), "../a.py"):
        assert context.around(at(path, "x = ┃\n"), 200, words) is None


def test_a_huge_line_and_broken_syntax(write, opened, at, shop):
    """A minified line, CRLF, tabs and astral characters cost nothing but patience."""
    context = opened(write(shop))
    texts = (
        "x = [" + "1, " * 200_000 + "┃",
        "def f(:\r\n\tif (((\r\n\t\t┃",
        "class 🐍 { ┃ }\n\f\n",
        "┃",
        "\n" * 50_000 + "Amount(┃",
    )
    for text in texts:
        start = time.monotonic()
        assert context.around(at("broken.py", text), 200, words) is not None
        assert time.monotonic() - start < SECONDS


TALL = "#\n" * 60


def test_the_files_own_imports(write, opened, at):
    """Imports from the repository that scrolled out of sight are shown, libraries' not."""
    head = "import os\nfrom lib.parcels import (\n    send_parcel,\n    weigh,\n)\n"
    files = {
        "a.py": f"{head}{TALL}x = ┃\n",
        "lib/__init__.py": "",
        "lib/parcels.py": "def send_parcel(): ...\n\n\ndef weigh(): ...\n",
    }
    context = opened(write(files))
    found = context.around(at("a.py", files["a.py"]), 60, words).snippets

    assert text_of(found, "a.py") == head.partition("\n")[2].rstrip()


def test_an_import_in_sight_is_not_repeated(write, opened, at):
    """Where the prompt has the import itself, it is not shown once more."""
    files = {"a.py": "from lib import weigh\nx = ┃\n", "lib.py": "def weigh(): ...\n"}
    context = opened(write(files))
    found = context.around(at("a.py", files["a.py"]), 60, words).snippets

    assert {each.path for each in found} == {"lib.py"}


def test_members_of_an_imported_class(write, opened, at):
    """Of a class too large to be shown, the methods akin to the cursor's words are."""
    methods = "".join(
        f"    def {name}(self):\n        return {n}\n\n"
        for n, name in enumerate(
            [*(f"other_{n}" for n in range(80)), "add_memory_table"]
        )
    )
    files = {
        "a.py": "from lib import Store\n\nmemory_table = store.┃\n",
        "lib.py": f"class Store:\n    pass\n\n{methods}",
    }
    context = opened(write(files))
    found = text_of(
        context.around(at("a.py", files["a.py"]), 60, words).snippets, "lib.py"
    )

    assert "class Store:" in found
    assert "def add_memory_table(self):" in found


def test_what_is_imported_by_name_comes_first(write, opened, at):
    """Of a module's many functions, those that the file imports are shown."""
    offers = "".join(f"def thing_{n}(a):\n    return {n}\n\n\n" for n in range(40))
    files = {
        "a.py": f"from lib import thing_33\n{TALL}x = ┃\n",
        "lib.py": offers,
    }
    context = opened(write(files))
    found = context.around(at("a.py", files["a.py"]), 26, words).snippets

    assert "def thing_33(a):" in text_of(found, "lib.py")
