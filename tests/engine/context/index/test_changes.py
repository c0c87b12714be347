"""The index follows what happens in the editor and on disk."""

import multiprocessing
import os
import queue
import threading

import numpy as np
import pytest

from codeassist.engine.context.index import RepositoryIndex, readers, workers
from codeassist.engine.context.index.building import SourceFile
from codeassist.engine.context.index.segment import Segment, select
from codeassist.engine.context.index.update import by_folder
from codeassist.ignore import MAX_BYTES
from tests.engine.context.index import dying, held
from tests.engine.context.index.conftest import SECONDS, names, refreshed
from tests.engine.context.index.repositories import SHOP


@pytest.fixture
def root(write):
    """The shop's folder."""
    return write(SHOP)


def test_unsaved(root, opened):
    """Unsaved text counts instead of the file until the editor lets go of it."""
    index = opened(root)
    index.changed("shop/money.py", "import shop.cart\n\ndef cents(): ...\n")
    index.changed("shop/new.py", "def fresh(): ...\n")
    assert index.wait(SECONDS)
    assert names(index, "shop/money.py") == ["cents"]
    assert index.definitions("round_up") == []
    assert index.importers_of("shop/cart.py") == ["shop/money.py", "tests/test_cart.py"]
    assert index.definitions("fresh")[0].path == "shop/new.py"
    assert index.similar({"cents": 1.0})[0].path == "shop/money.py"
    assert index.text("shop/money.py", 2, 2) == "def cents(): ..."
    index.closed("shop/money.py")
    index.closed("shop/new.py")
    assert index.wait(SECONDS)
    assert names(index, "shop/money.py") == ["Amount", "round_up"]
    assert index.definitions("fresh") == []
    assert index.importers_of("shop/cart.py") == ["tests/test_cart.py"]


def test_unsaved_but_ignored(root, opened, write):
    """What an ignore file names is not known, though it is open in the editor."""
    write({".codeassistignore": "mine.py\n"})
    index = opened(root)
    for path in ("shop/mine.py", "shop/yours.py"):
        index.changed(path, f"def of_{path[5:-3]}(): ...\n")
    assert index.wait(SECONDS)
    assert index.snapshot.find("shop/yours.py")
    assert not index.snapshot.find("shop/mine.py")

    write({".codeassistignore": "yours.py\n"})
    refreshed(index)
    assert not index.snapshot.find("shop/yours.py")


def test_unsaved_before_the_first_look(root, tmp_path):
    """What a text imports is known also where it was opened before all files were."""
    index = RepositoryIndex(root, cache=tmp_path, processes=1, watched=False)
    index.changed("shop/new.py", "import shop.cart\n")
    assert index._buffers.wait(SECONDS)
    index.start()
    assert index.wait(SECONDS)
    found = index.imports_of("shop/new.py")
    index.close()
    assert found == ["shop/cart.py"]


def test_unsaved_while_disk_changes(root, opened, write):
    """What happens on disk meanwhile counts once the editor lets go."""
    index = opened(root)
    index.changed("shop/money.py", "def mine(): ...\n")
    write({"shop/money.py": "def theirs(): ...\n"})
    refreshed(index, "shop/money.py")
    assert names(index, "shop/money.py") == ["mine"]
    index.closed("shop/money.py")
    assert index.wait(SECONDS)
    assert names(index, "shop/money.py") == ["theirs"]


def test_newest_text_wins(root, opened):
    """However fast texts come, the last one is what is known in the end."""
    index = opened(root)
    for number in range(50):
        index.changed("shop/money.py", f"def version_{number}(): ...\n")
    assert index.wait(SECONDS)
    assert names(index, "shop/money.py") == ["version_49"]


def test_aside(root, opened, write):
    """Another process reads what is typed and saved; the answers are the same."""
    index = opened(root, aside=True)
    text = "".join(f"def function_{n}():\n    return {n}\n\n" for n in range(4000))
    index.changed("shop/large.py", f"import shop.cart\n{text}")
    assert index.wait(SECONDS)
    index.changed("shop/large.py", f"import shop.cart\n# typed\n{text}")
    write({"shop/tax.py": "from shop import money\n\ndef tax(): ...\n"})
    refreshed(index, "shop/tax.py")
    assert index.definitions("function_3999")[0].start_row == 3999 * 3 + 2
    assert index.imports_of("shop/large.py") == ["shop/cart.py"]
    assert index.imports_of("shop/tax.py") == ["shop/money.py"]


def test_aside_dies(root, opened, monkeypatch):
    """When the process that reads dies, the next text starts another."""
    index = opened(root, aside=True)
    monkeypatch.setattr(readers, "_block", dying.block)
    index.changed("shop/money.py", "def lost(): ...\n")
    assert index.wait(SECONDS)
    assert names(index, "shop/money.py") == ["Amount", "round_up"]
    monkeypatch.undo()
    index.changed("shop/money.py", "def found(): ...\n")
    assert index.wait(SECONDS)
    assert names(index, "shop/money.py") == ["found"]


@pytest.mark.parametrize(
    "text",
    ["function f(){return shown()};" * 2000, "x = 1\n" * (MAX_BYTES // 6 + 1)],
    ids=["minified", "huge"],
)
def test_unsaved_data(root, opened, monkeypatch, text):
    """What no person wrote is not parsed when it is typed in, and tells nothing."""
    parsed = []
    monkeypatch.setattr(readers.Reparser, "parse", lambda *of: parsed.append(of))
    index = opened(root)
    index.changed("web/view.ts", text)
    assert index.wait(SECONDS)
    assert names(index, "web/view.ts") == []
    assert [data for _, data, _ in parsed] == [b""]
    assert names(index, "shop/money.py") == ["Amount", "round_up"]


def test_disk(root, opened, write, known):
    """New, changed and deleted files are taken in, by path or by a look at all."""
    index = opened(root)
    write({"shop/tax.py": "def tax(): ...\n", "shop/money.py": "def other(): ...\n"})
    (root / "web" / "view.ts").unlink()
    refreshed(index, "shop/tax.py", "shop/money.py", "web/view.ts")
    assert names(index, "shop/tax.py") == ["tax"]
    assert names(index, "shop/money.py") == ["other"]
    assert "web/view.ts" not in known(index)
    assert index.definitions("show") == []
    (root / "shop" / "tax.py").unlink()
    refreshed(index)
    assert index.definitions("tax") == []


@pytest.mark.parametrize("aside", [False, True])
def test_index_notices(write, opened, aside):
    """An index that watches takes in a file that another program wrote."""
    root = write({"a.py": "x = 1\n"})
    told = queue.Queue()
    index = opened(root, watched=True, aside=aside, told=told.put)
    write({"b.py": "def fresh(): ...\n"})
    while not index.definitions("fresh"):
        told.get(timeout=SECONDS)
    write({"c.py": "def later(): ...\n"})
    while not index.definitions("later"):
        told.get(timeout=SECONDS)
    processes = {each.name for each in multiprocessing.active_children()}
    assert ("watch" in processes) == aside


def test_ignore_file_changes(root, opened, write, known):
    """When an ignore file changes, all files are judged anew."""
    index = opened(root)
    write({".codeassistignore": "web/\n"})
    refreshed(index, ".codeassistignore")
    assert not [path for path in known(index) if path.startswith("web/")]


def test_many_edits_merge(root, opened, write):
    """However often files change, the layers stay few and the answers right."""
    index = opened(root)
    for number in range(20):
        write({f"shop/part_{number}.py": f"def part_{number}(): ...\n"})
        refreshed(index, f"shop/part_{number}.py")
    assert len(index.snapshot.layers) < 12
    found = [index.definitions(f"part_{n}")[0].path for n in range(20)]
    assert found == [f"shop/part_{n}.py" for n in range(20)]
    assert names(index, "shop/cart.py") == ["Cart", "total_price"]


def test_old_snapshot_stays(root, opened, write):
    """A snapshot answers as before, whatever happens to the index."""
    index = opened(root)
    before = index.snapshot
    write({"shop/money.py": "def other(): ...\n"})
    refreshed(index, "shop/money.py")
    assert [p.name for p in before.definitions_in("shop/money.py")] == [
        "Amount",
        "round_up",
    ]


def test_workers_agree_with_this_process(root, opened, tmp_path, monkeypatch):
    """The pool's merged segment holds the same as one that is built in one go."""
    index = opened(root)
    monkeypatch.setattr("codeassist.engine.context.index.update.FEW_BYTES", 0)
    monkeypatch.setattr("codeassist.engine.context.index.update.BATCH_BYTES", 200)
    pooled = opened(root, cache=tmp_path / "other", processes=2)
    (one,), (other,) = index.snapshot.layers, pooled.snapshot.layers
    order = [other.segment.numbers_of(path)[0] for path in sorted(SHOP)]
    same_order = select(other.segment, np.array(order))
    assert one.segment.columns.keys() == same_order.keys()
    for name, column in one.segment.columns.items():
        assert np.array_equal(column, same_order[name]), name


def test_progress(root, opened):
    """A scan tells how far it is, and when it has ended."""
    told = []
    index = opened(root, told=told.append)
    assert told[-1].finished
    assert told[-1].done == told[-1].total == len(SHOP)
    assert index.progress == told[-1]


def test_killed_worker(root, monkeypatch):
    """A file that kills its worker is left out; all others are indexed."""
    monkeypatch.setattr(workers, "_build", dying.build)
    pool = workers.Workers(root, None, 2)
    with pool:
        pool.know(tuple(SHOP), {})
        built = list(pool.build([list(SHOP)], threading.Event()))
    assert sum(each.files for each in built) == len(SHOP)
    blocks = [each.block for each in built if each.block]
    assert sum(Segment.of_block(block).files for block in blocks) == 5


def test_processes_end_with_their_owner(root):
    """Who has closed a pool has closed its processes: the interpreter finds none."""
    before = set(multiprocessing.active_children())
    with workers.Workers(root, None, 2) as pool:
        pool.start()
    reader = readers.Aside()
    reader.read([SourceFile("a.py", (1, 1), b"x = 1\n")], lambda _path, _found: ())
    reader.close()

    assert set(multiprocessing.active_children()) <= before


def test_closed_in_the_middle_of_a_batch(root, monkeypatch, tmp_path):
    """An index that is closed while a worker reads ends when the worker's batch does."""
    for name in ("begun", "go_on"):
        os.mkfifo(tmp_path / name)
    monkeypatch.setenv(held.FOLDER, str(tmp_path))
    monkeypatch.setattr(workers, "_build", held.build)
    monkeypatch.setattr("codeassist.engine.context.index.update.FEW_BYTES", 0)
    before = set(multiprocessing.active_children())
    index = RepositoryIndex(
        root, cache=tmp_path, processes=1, watched=False, aside=True
    )
    index.start()
    (tmp_path / "begun").open().close()
    closing = threading.Thread(target=index.close)
    closing.start()
    assert index._scanner._update.stopping.wait(SECONDS)
    (tmp_path / "go_on").open("w").close()
    closing.join(SECONDS)

    assert not closing.is_alive()
    assert set(multiprocessing.active_children()) <= before


def test_by_folder():
    """Files come in order, a folder's own together."""
    paths = ["b/z.py", "a.py", "b/c/x.py", "b/a.py", "c.py"]
    assert by_folder(paths) == ["a.py", "c.py", "b/a.py", "b/z.py", "b/c/x.py"]


def test_a_scan_that_comes_to_nothing_has_an_end(root, opened, monkeypatch):
    """Who is told of a scan is told of its end, too, where it has failed."""

    def failing(*_):
        raise OSError

    monkeypatch.setattr("codeassist.engine.context.index.update.survey", failing)
    told = []
    opened(root, told=told.append)
    assert told[-1].finished
