"""Imports lead to other files when files move, come, go, or mean something else."""

import pytest

from tests.engine.context.index.conftest import names, refreshed
from tests.engine.context.index.repositories import SHOP


@pytest.fixture
def root(write):
    """The shop's folder."""
    return write(SHOP)


def refuse(*_):
    pytest.fail("what is known was found out again")


def test_rename_keeps_data(root, opened, monkeypatch, known):
    """A folder that is renamed is not parsed again, and imports follow."""
    index = opened(root)
    (root / "shop").rename(root / "store")
    monkeypatch.setattr(
        "codeassist.engine.context.index.building.outline", refuse, raising=True
    )
    refreshed(index)
    assert "store/cart.py" in known(index)
    assert "shop/cart.py" not in known(index)
    assert names(index, "store/cart.py") == ["Cart", "total_price"]
    assert index.siblings("store/cart.py") == ["store/__init__.py", "store/money.py"]
    assert index.imports_of("tests/test_cart.py") == []


def test_rename_to_two_copies(root, opened, write):
    """A file in whose place two copies came is known in both of them."""
    index = opened(root)
    (root / "shop" / "money.py").unlink()
    write(dict.fromkeys(("shop/coins.py", "shop/notes.py"), SHOP["shop/money.py"]))
    refreshed(index)
    copies = ["shop/coins.py", "shop/notes.py"]
    for name in ("definitions", "references"):
        found = getattr(index, name)("round_up")
        assert sorted({each.path for each in found} - {"shop/cart.py"}) == copies


def test_import_finds_new_file(root, opened, write):
    """An import that led nowhere leads to the file once it is there."""
    write({"app.py": "from shop.tax import rate\n"})
    index = opened(root)
    assert index.imports_of("app.py") == []
    write({"shop/tax.py": "rate = 0.2\n"})
    refreshed(index, "shop/tax.py")
    assert index.importers_of("shop/tax.py") == ["app.py"]


@pytest.mark.parametrize("name", ["user-card", "b", "set", "2d", "ui.kit/index"])
def test_import_finds_new_file_of_any_name(opened, write, name):
    """An import leads to a new file also where its name is no single identifier."""
    root = write({"app.ts": f"import {{ x }} from './{name.removesuffix('/index')}'\n"})
    index = opened(root)
    write({f"{name}.ts": "export const x = 1\n"})
    refreshed(index, f"{name}.ts")
    assert index.imports_of("app.ts") == [f"{name}.ts"]


ALIASED = {
    "tsconfig.json": '{"compilerOptions": {"paths": {"#x/*": ["./old/*"]}}}',
    "old/a.ts": "export const a = 1\n",
    "new/a.ts": "export const a = 2\n",
    "main.ts": "import { a } from '#x/a'\n",
}
OTHERWISE = {"tsconfig.json": ALIASED["tsconfig.json"].replace("old", "new")}


def test_import_follows_configuration(write, opened, monkeypatch):
    """A changed alias leads to another file at once, and nothing is parsed anew."""
    root = write(ALIASED)
    index = opened(root)
    assert index.imports_of("main.ts") == ["old/a.ts"]
    write(OTHERWISE)
    monkeypatch.setattr("codeassist.engine.context.index.building.outline", refuse)
    refreshed(index, "tsconfig.json")
    assert index.imports_of("main.ts") == ["new/a.ts"]


def test_import_follows_configuration_over_a_restart(write, opened, monkeypatch):
    """An alias that changed between two starts counts, once and for all."""
    root = write(ALIASED)
    opened(root).close()
    write(OTHERWISE)
    monkeypatch.setattr("codeassist.engine.context.index.building.outline", refuse)
    first = opened(root)
    assert first.imports_of("main.ts") == ["new/a.ts"]
    first.close()
    monkeypatch.setattr("codeassist.engine.context.index.update.rewire", refuse)
    assert opened(root).imports_of("main.ts") == ["new/a.ts"]
