"""The window shows what is nearest to the cursor and moves in coarse steps."""

from codeassist.engine.anchor import DOCUMENTS
from codeassist.engine.window import GRID, Heads, head_window, tail_window

FILE = "".join(f"line {n} of the file\n" for n in range(200))


def words(text):
    """A tokenizer that is easy to count with."""
    return len(text.split())


def test_all_of_a_small_file():
    """A file that fits is shown whole, byte for byte."""
    assert head_window("a b\nc d\ne", 100, words) == "a b\nc d\ne"
    assert tail_window("f\ng h\n\ni", 100, words) == "f\ng h\n\ni"


def test_head_keeps_the_end():
    """What stands right before the cursor is always there."""
    window = head_window(FILE + "    x = ", 50, words)

    assert FILE.endswith(window.removesuffix("    x = "))
    assert window.endswith("    x = ")
    assert words(window) <= 50 + 2


def test_head_begins_on_the_grid():
    """Typing lines moves the window's beginning only once in a grid."""
    grown = [FILE + "new line\n" * n for n in range(2 * GRID)]
    starts = {head_window(text, 300, words).split("\n")[0] for text in grown}

    assert len(starts) <= 3


def test_a_window_stays_while_it_grows():
    """Typing on moves its beginning only once it is half as long again."""
    heads = Heads(words)
    starts = []
    for n in range(60):
        head = heads.of("a.py", FILE + "new line\n" * n, 100, 1_000)
        assert words(head) <= 150
        starts.append(head.split("\n")[0])

    assert starts[0] == starts[20]
    assert len(set(starts)) == 3


def test_a_window_stays_where_the_cursor_moves_a_little():
    """Up or down some rows all that both places show is the same, to the first token."""
    heads = Heads(words)
    lines = FILE.splitlines(keepends=True)
    first, up, down, far = (
        heads.of("a.py", "".join(lines[:n]), 100, 1_000) for n in (100, 92, 105, 60)
    )

    assert first.startswith(up)
    assert down.startswith(first)
    assert far == head_window("".join(lines[:60]), 100, words)


def test_windows_are_of_their_documents():
    """Another document has its own, and no more than a few are known."""
    heads = Heads(words)
    kept = heads.of("a.py", FILE, 100, 1_000)
    assert heads.of("b.py", "x = 1\n", 100, 1_000) == "x = 1\n"
    assert heads.of("a.py", FILE + "y\n" * 9, 100, 1_000).startswith(kept)
    for n in range(DOCUMENTS):
        heads.of(f"{n}.py", FILE, 100, 1_000)
    assert not heads.of("a.py", FILE + "y\n" * 60, 100, 1_000).startswith(kept)


def test_no_window_grows_beyond_its_room():
    """Where the context has no more room, a window begins anew before it is half longer."""
    heads = Heads(words)
    heads.of("a.py", FILE, 100, 110)
    assert words(heads.of("a.py", FILE + "new line\n" * 9, 100, 110)) <= 110


def test_tail_takes_whole_lines():
    """The text after the cursor ends with a whole line."""
    window = tail_window(" rest\n" + FILE, 52, words)

    assert window.startswith(" rest\nline 0")
    assert window.endswith("\n")
    assert words(window) <= 52


def test_one_endless_line():
    """A minified file gives a short window, not an endless loop or an empty prompt."""
    line = "var a = 1; " * 100_000

    head = head_window(line, 40, words)

    assert head
    assert line.endswith(head)
    assert words(head) <= 40
    assert len(tail_window(line, 40, words)) < 5_000


def test_endless_line_below_short_ones():
    """A cursor line beyond all measure does not sneak into the window whole."""
    head = head_window("a = 1\n" + " " * 500_000 + "x = ", 40, words)

    assert head.endswith("x = ")
    assert len(head) < 5_000
