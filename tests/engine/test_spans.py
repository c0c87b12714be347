"""An answer that goes on over line breaks joins what stands behind the cursor."""

import pytest

from codeassist.engine.answering import answer_text
from codeassist.engine.decode import Stop, Token
from codeassist.engine.finish import SpanEnd, finish, look
from codeassist.languages import of_path

PY = of_path("a.py")


class Written:
    """A generation whose text is known, a character a token."""

    def __init__(self, text, stop=Stop.END_TOKEN):
        self.text, self.last, self.stop, self.taken = text, stop, Stop.RULE, 0

    def __iter__(self):
        for character in self.text:
            self.taken += 1
            yield Token(0, -0.1, character.encode())
        self.stop = self.last


def offered(text, answer, stop=Stop.END_TOKEN):
    """What is shown of an answer at the ┃, and how many tokens it took."""
    before, _, after = text.partition("┃")
    place = look(before, after, PY)
    end, written = SpanEnd(place, PY), Written(answer, stop)
    draft = answer_text(written, end)
    if end.joins(draft.text):
        return end.joined(draft.text), written.taken
    said = finish(draft.text, place.head, place.rest, place.next_line)
    return said, written.taken


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("    fo┃   return s\n", "r s in names:\n        if s:\n         "),
        ("total = ┃nge(len(text)):\n", "[]\nfor n in ra"),
        ("x = f(┃)\n", "\n    first,\n    second,\n"),
        ("ret = str(x % base┃       x //= base\n", ") + ret\n "),
    ],
)
def test_it_ends_where_the_model_ends(text, answer):
    """All of it is offered, with the white space before the rest of the line."""
    assert offered(text, answer)[0] == answer


@pytest.mark.parametrize(
    ("text", "answer", "first"),
    [
        ("def area(rad┃)\n\n\nx = 1\n", "ius):\n    return radius\n", "ius"),
        ("x = [f(a┃)]\n", ", b)\ny = 1", ", b"),
        ("x = f(┃)\n", "a, b)\ny = g(c", None),
        ("    y = 1┃)\n", ")\nx = (2", None),
    ],
)
def test_one_that_leaves_a_bracket_alone_is_one_line(text, answer, first):
    """What the editor has closed is closed once: the rest keeps what it closes."""
    assert offered(text, answer)[0] == (answer if first is None else first)


@pytest.mark.parametrize(
    ("text", "answer", "middle"),
    [
        ("a = ┃return total\n", "1\nreturn total\nprint(a)\n", "1\n"),
        ("a = ┃return total\n", "1\nreturn tot", "1\n"),
        ("for x in ┃, start):\n", "a:\n    pass\nfor y in f(b, start):\n", None),
    ],
)
def test_it_ends_where_it_says_the_rest(text, answer, middle):
    """What stands behind the cursor is not written again, and nothing behind it."""
    expected = middle if middle is not None else "a:\n    pass\nfor y in f(b"
    said, taken = offered(text, answer)

    assert said == expected
    assert taken <= len(answer)


@pytest.mark.parametrize(
    ("text", "answer", "middle"),
    [
        ('x = {"a": "┃"}\n', 'b"}\ny = 1\n', "b"),
        ('log("┃")\n', 'done")\n\nx = 1\n', "done"),
        ("    if x is not No┃:\n        pass\n", "ne:\n    return 3\n", "ne"),
        ("def f(┃):\n", "\n    a,\n):\n    return a\n", "\n    a,\n"),
        ("x = [1┃,\n]\n", ",\n     2", ",\n     2"),
        ("    ┃;\n", "a();\n    b()", "a();\n    b()"),
        ("    for a in ┃:\n", "x:\n        for b in y", "x:\n        for b in y"),
    ],
)
def test_a_short_rest_is_known_at_a_lines_end(text, answer, middle):
    """A rest of few signs is no chance where a whole line ends in it."""
    assert offered(text, answer)[0] == middle


def test_a_line_break_before_a_closing_quote_is_left_out():
    """A docstring's quotes stay behind its only line; code stays on its own."""
    assert offered('    """┃"""\n', "Add two numbers.\n")[0] == "Add two numbers."
    assert offered("    x = ┃return x\n", "1\n")[0] == "1\n"


@pytest.mark.parametrize(
    ("text", "answer", "first"),
    [
        ('DAYS = [\n    "Mon┃"\n]\n', 'day",\n    "Tue"\n]\n\nB = [\n    "x', "day"),
        ("    x = ┃(a)\n    return x\n", "0\n    return x\n\ndef g", "0"),
        ("x = ┃()\n", "1\n```\n\nThis code calls f", "1"),
    ],
)
def test_one_that_says_what_stands_below_is_one_line(text, answer, first):
    """The file's next line, or the end of a block of Markdown."""
    assert offered(text, answer)[0] == first


@pytest.mark.parametrize(
    ("text", "answer", "blanks"),
    [
        ("    ┃   return s\n", "for s in names:\n ", "    "),
        ("    for n┃    return s\n", " in names:\n", "    "),
        ("if a:\n    ┃return s\n", "for s in names:\n    ", "    "),
        ("    ┃        return s\n", "for s in names:\n", ""),
        ("    ┃return s\n", "s = 1\n    ", ""),
    ],
)
def test_the_rest_stands_deep_enough(text, answer, blanks):
    """Behind a line that opens a block the rest is indented, if it is not yet."""
    assert offered(text, answer)[0] == answer + blanks


@pytest.mark.parametrize("stop", [Stop.MAX_TOKENS, Stop.TIME_LIMIT, Stop.CONTEXT_FULL])
def test_one_that_does_not_end_is_one_line(stop):
    """Nobody knows where it would have joined: the line is what it was without."""
    assert offered("x = ┃ if y else z\n", "a\nb = 1\nc = 2", stop)[0] == "a"


@pytest.mark.parametrize(
    "answer", ["a\n\n\ndef f():\n    pass\n", "a\n" + "    x()\n" * 20]
)
def test_one_that_is_lost_is_one_line(answer):
    """Two blank lines, or a loop, end the decoding: it will not come back."""
    said, taken = offered("x = ┃ if y else z\n", answer)

    assert said == "a"
    assert taken < len(answer)


def test_a_blank_line_may_stand_before_the_rest():
    """The cursor's own blanks behind a blank line are no second blank line."""
    said = "import a\nimport b\n\n"
    assert offered("┃import os\n", said)[0] == said


def test_one_that_leaves_the_block_is_one_line():
    """Between two indented lines nothing stands at the margin: it goes on elsewhere."""
    text = "    x = ┃ if y else z\n    return x\n"

    assert offered(text, "a\n\n# Test it\nprint(f())\n") == ("a", 13)


@pytest.mark.parametrize(
    ("text", "answer", "said"),
    [
        ("x = ┃, second)\n", "f(first, second)\nprint(x)", "f(first"),
        ("x = f(┃)\n", "a, b)\nprint(x)", "a, b"),
        ("f({┃})\n", '"a": 1}, c={', '"a": 1}, c={'),
    ],
)
def test_one_line_ends_as_lines_do(text, answer, said):
    """Where the line is not broken, or the rest was said on it, nothing is new."""
    assert offered(text, answer, Stop.MAX_TOKENS)[0] == said


def test_a_rest_said_with_its_line_break_is_one_line():
    """A token may write the end of the rest and a line break at once."""
    before, after = "  ", "return join(names)\n"
    end = SpanEnd(look(before, after, PY), PY)

    assert end.cut("return join(names)\n\n\n") == len("return join(names)")


def test_only_blanks_are_nothing():
    """A line break alone is no suggestion."""
    assert offered("x = 1 ┃y = 2\n", "\n    ")[0] == ""


def test_whose_rest_nobody_wants_is_one_whole_line():
    """What ends early while somebody types is held to parse, as one line was before."""
    before, after = "x = ", " if y else z\n"
    end = SpanEnd(look(before, after, PY), PY)
    written = Written("a\nfoo = 1\nbar")
    draft = answer_text(
        written, end, enough=lambda text, *_: 6 if len(text) > 9 else None
    )

    assert (draft.text, draft.whole) == ("a", True)
