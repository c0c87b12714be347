from codeassist.engine.anchor import MIDDLE_CHARACTERS, MIDDLE_LINES, Anchors

ABOVE = "import os\n\n\ndef f(x):\n"
BELOW = "\n\nprint(f(1))\n"


def anchored(*texts: tuple[str, str]) -> list[str]:
    """What stands before the anchor, for one request after another."""
    anchors = Anchors()
    return [anchors.of("a.py", before, after).before for before, after in texts]


def test_typing_leaves_the_anchor_where_it_is():
    """The prefix does not change while a line, and the next one, is typed."""
    typed = ["", "  ", "    re", "    return", "    return x\n", "    return x\n    y"]
    assert set(anchored(*((ABOVE + t, BELOW) for t in typed))) == {ABOVE}


def test_anchor_begins_a_line():
    """A fresh place is anchored at the start of the cursor's line."""
    assert anchored((ABOVE + "    ret", BELOW)) == [ABOVE]


def test_closing_brackets_of_the_editor_move_nothing():
    """A bracket that the editor closed leaves prefix and suffix as they were."""
    anchors = Anchors()
    first = anchors.of("a.py", ABOVE + "    g", BELOW)
    assert anchors.of("a.py", ABOVE + "    g(", ")" + BELOW) is first
    assert anchors.of("a.py", ABOVE + "    g(x)", BELOW) is first


def test_an_edit_elsewhere_sets_a_new_anchor():
    """Text that changed above or below the middle is shown as it is."""
    other = ABOVE.replace("os", "re")
    assert anchored((ABOVE + "a", BELOW), (other + "a", BELOW)) == [ABOVE, other]
    anchors = Anchors()
    anchors.of("a.py", ABOVE + "a", BELOW)
    assert anchors.of("a.py", ABOVE + "a", "\nx = 2\n").after == "\nx = 2\n"
    anchors.of("a.py", ABOVE + "a", BELOW)
    assert anchors.of("a.py", ABOVE + "a", "x" + BELOW).after == "x" + BELOW


def test_deleting_beyond_the_anchor_sets_a_new_one():
    """Backspace over the start of the line anchors at the line before."""
    assert anchored((ABOVE, BELOW), (ABOVE[:-2], BELOW)) == [ABOVE, ABOVE[:-10]]


def test_the_middle_stays_short():
    """After some lines the anchor moves to the cursor's line."""
    lines = "x = 1\n" * (MIDDLE_LINES + 1)
    assert anchored((ABOVE, BELOW), (ABOVE + lines + "y", BELOW)) == [
        ABOVE,
        ABOVE + lines,
    ]


def test_a_line_without_end_is_anchored_inside():
    """In a minified file the middle is not the whole line."""
    line = "a" * 50_000
    (before,) = anchored((line, ""))
    assert len(line) - len(before) <= MIDDLE_CHARACTERS
    first, second = anchored((line, ""), (line + "bc", ""))
    assert first == second


def test_documents_have_their_own():
    """Another document's request leaves an anchor alone."""
    anchors = Anchors()
    first = anchors.of("a.py", ABOVE, BELOW)
    anchors.of("b.py", "x\ny", "")
    assert anchors.of("a.py", ABOVE + "z", BELOW) is first


def test_a_line_that_goes_on_is_cut_at_the_word():
    """Where there is text behind the cursor the middle begins at its word, and stays."""
    word = ABOVE + "    return items[le"
    assert anchored((word, "] - 1" + BELOW)) == [word[:-2]]
    before = ABOVE + "    return items[items."
    rest = " - 1]" + BELOW
    assert anchored((before, rest), (before + "le", rest)) == [before, before]
