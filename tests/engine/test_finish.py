"""How much is wanted, where it ends, and what is not offered twice."""

from textwrap import dedent

import pytest

from codeassist.engine.finish import BlockEnd, LineEnd, finish, look
from codeassist.languages import of_path

PY, GO, RB, SH = (of_path(name) for name in ("a.py", "a.go", "a.rb", "a.sh"))


def at(text, language=PY):
    """The place of the ┃ in a text."""
    before, _, after = dedent(text).partition("┃")
    return look(before, after, language)


def written(text, place, language=PY):
    """What is kept of an answer that comes character by character."""
    end = BlockEnd(place, language)
    for n in range(1, len(text) + 1):
        cut = end.cut(text[:n])
        if cut is not None:
            return text[:cut]
    return None


def test_a_huge_line_is_read_near_the_cursor():
    """Of a file on one line so much is read as can matter, whatever its size."""
    place = look("f(" * 1_000_000, ")" * 1_000_000 + "\nnext\n", PY)

    assert len(place.head) + len(place.rest) < 10_000
    assert place.next_line == "next"
    assert place.in_text(PY)


class TestWantsBlock:
    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("def f(x):┃\n", PY),
            ("def f(x):\n    ┃\n\nx = 1\n", PY),
            ('def f(x):\n    """Says."""\n    ┃\n\ny = 2\n', PY),
            ("if x:\n    if y:\n        ┃\n    z()\n", PY),
            ("func f() int {\n┃\n}\n", GO),
            ("func f() int {\n\t┃\n}\n", GO),
            ("func f() int {┃}\n", GO),
            ("x.each do |y|\n  ┃\nend\n", RB),
            ("def f(x)┃\n", RB),
            ("try:┃\n", PY),
            ("def f(\n    x,\n):┃\n", PY),
            ("local function f(x)\n  ┃\nend\n", of_path("a.lua")),
            ("for f in *; do\n  ┃\ndone\n", SH),
            ("switch x {\ncase 1:\n\t┃\n}\n", GO),
            ("switch x {\ncase 1:\n\tf()\ndefault:┃\n}\n", GO),
            ('case "$1" in\n  start)\n    ┃\n  stop)\n    ;;\nesac\n', SH),
            ('case "$1" in\n  a | b)┃\nesac\n', SH),
        ],
    )
    def test_empty_body(self, text, language):
        """An empty body is filled with a block."""
        assert at(text, language).wants_block

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("def f(x):┃\n    return x\n", PY),
            ("def f(x):\n    ┃\n    return x\n", PY),
            ("x = ┃\n", PY),
            ("def f(┃):\n    pass\n", PY),
            ("def f():\n    a = 1\n    ┃\n", PY),
            ("func f() int {┃\n\treturn 1\n}\n", GO),
            ("class A:\n    path: ┃\n", PY),
            ('x = {\n    "a": ┃\n}\n', PY),
            ("x = {1: 2, 3:┃\n", PY),
            ("x = y[1:┃\n", PY),
            ("switch x {\ncase 1:\n\t┃\n\tf()\n}\n", GO),
            ("switch x {\ncase 1: ┃\n\tf()\n}\n", GO),
            ("x := map[string]int{\n\ty:┃\n}\n", GO),
            ("x=$(f a)┃\n", SH),
            ("# either a or b)┃\n", SH),
        ],
    )
    def test_not_into_a_filled_one(self, text, language):
        """A line is wanted inside of a statement and above of a body that is there."""
        assert not at(text, language).wants_block


class TestCases:
    @pytest.mark.parametrize(
        ("text", "body", "more", "language"),
        [
            (
                "switch (x) {\n  case 1:\n    ┃\n}\n",
                "f();\n    break;",
                "\n  case 2:\n    g();\n    break;\n}\n",
                of_path("a.c"),
            ),
            (
                'case "$1" in\n  start)\n    ┃\nesac\n',
                "f\n    g\n    ;;",
                "\n  stop)\n    h\n    ;;\nesac\n",
                SH,
            ),
        ],
    )
    def test_the_body_of_one_case(self, text, body, more, language):
        """What is below a case comes whole, and the next case with it does not."""
        assert written(body + more, at(text, language), language) == body


class TestLineEnd:
    def test_first_line_break(self):
        """One line ends at its line break, be it the first character."""
        assert LineEnd().cut("a + b\nc") == 5
        assert LineEnd().cut("\nc") == 0
        assert LineEnd().cut("a + b") is None

    @pytest.mark.parametrize(
        ("text", "answer", "said"),
        [
            ("x = f(┃, second)\n", "first, second) + 1", "first, second)"),
            ("for n in ┃ values:\n", "my values: n", "my values:"),
            ("x = ┃ if y else z\n", "a if y else zebra()", None),
            ("f(┃)\n", "a) * (b)", None),
        ],
    )
    def test_what_stands_behind_the_cursor(self, text, answer, said):
        """It ends as soon as it has said the rest of the cursor's line, and no sooner."""
        end = LineEnd(at(text), PY)
        cuts = (end.cut(answer[:n]) for n in range(1, len(answer) + 1))
        cut = next((each for each in cuts if each is not None), None)

        assert (answer[:cut] if cut else None) == said

    @pytest.mark.parametrize(
        ("text", "answer", "said"),
        [
            ("# adds\n┃", "def f(a):\n    return a\n\ndef g", "def f(a):\n    return a"),
            ("# adds\ndef ┃\nx = 1\n", "f(a):\n    b()\nx", "f(a):\n    b()"),
            ("def f():\n    a()\n    ┃\n    b()\n", "if c:\n        d()\n    b()", "if c:\n        d()"),
            ("# adds\n┃", "import re\ndef f(a):\n", "import re"),
            ("┃\n    return a\n", "def f(a):\n    b()\n", "def f(a):"),
            ("x = {┃}\n", "1: 2\n", "1: 2"),
        ],
    )  # fmt: skip
    def test_a_new_block_with_its_body(self, text, answer, said):
        """Where bodies are wanted, a line that opens a block brings its own, unless the
        file has it."""
        end = LineEnd(at(text), PY, body=True)
        cuts = (end.cut(answer[:n]) for n in range(1, len(answer) + 1))

        assert answer[: next(each for each in cuts if each is not None)] == said

    def test_a_new_block_in_braces(self):
        """A brace that the line opened is closed."""
        end = LineEnd(at("// adds\n┃", GO), GO, body=True)
        answer = "func f() {\n\tg()\n}\n\nfunc h"
        cuts = (end.cut(answer[:n]) for n in range(1, len(answer) + 1))

        assert answer[: next(each for each in cuts if each is not None)] == answer[:17]

    def test_a_line_that_begins_a_block_is_not_all(self):
        """It is to go on where the body is wanted, and nowhere else."""
        place = at("# adds\n┃")

        assert LineEnd(place, PY, body=True).begun("def f(a):")
        assert not LineEnd(place, PY, body=True).begun("def f(a):\n    return a")
        assert not LineEnd(place, PY).begun("def f(a):")
        assert not LineEnd(at("┃\n    return a\n"), PY, body=True).begun("def f(a):")


class TestBlockEnd:
    def test_python_ends_at_a_lesser_indentation(self):
        """A Python body ends before the first line that is not indented."""
        place = at("def f(x):\n    ┃\n")

        assert written("y = x\n    return y\n\n\ndef g", place) == "y = x\n    return y"

    @pytest.mark.parametrize(
        ("text", "answer", "goes_on"),
        [
            ("def f(x):\n    ┃\n", "if x:", True),
            ("def f(x):\n    ┃\n", "y = x\n    if y:\n", True),
            ("def f(x):\n    ┃\n", "if x:\n        return y", False),
            ("def f(x):\n    if ┃\n", "x:", True),
            ("def f(x):\n    ┃\n        return y\n", "if x:", False),
            ("def f(x):\n    ┃\n", "", False),
        ],
    )
    def test_a_block_with_nothing_in_it(self, text, answer, goes_on):
        """An answer that ends with a line that opens a block is to go on."""
        assert BlockEnd(at(text), PY).begun(answer) == goes_on

    def test_from_the_opener_itself(self):
        """The body may begin behind the line that opens it."""
        place = at("def f(x):┃\n")

        assert written("\n    return x\nprint(1)", place) == "\n    return x"

    def test_nested_blocks_and_blank_lines_stay(self):
        """Deeper lines and single blank lines are part of the body."""
        place = at("class A:\n    def f(x):\n        ┃\n")
        body = "if x:\n            y()\n\n        return 1"

        assert written(body + "\n\n    def g(): pass", place) == body

    def test_closing_brace_is_added(self):
        """A brace that the file lacks is written with the body."""
        place = at("func f() int {\n\t┃\n", GO)

        assert written("return 1\n}\n\nfunc g", place, GO) == "return 1\n}"

    def test_closing_brace_is_not_doubled(self):
        """A brace that the file has is not."""
        place = at("func f() int {\n\t┃\n}\n", GO)

        assert written("return 1\n}\n\nfunc g", place, GO) == "return 1"

    def test_closing_word(self):
        """The same holds for words that close."""
        place = at("def f(x)\n  if x then┃\n", RB)

        assert written("\n    1\n  end\nend", place, RB) == "\n    1\n  end"

    def test_stops_before_what_follows_anyway(self):
        """The line that the file goes on with is not written again."""
        place = at("if a:\n    ┃\n    return total\n")

        assert written("total += a\n    return total\n", place) == "total += a"

    def test_loop_is_left(self):
        """The same line again and again ends the answer."""
        place = at("def f():\n    ┃\n")

        text = written("x()\n" + "    x()\n" * 10, place)

        assert text is not None
        assert text.count("x()") <= 3


class TestFinish:
    @pytest.mark.parametrize(
        ("text", "head", "rest", "expected"),
        [
            ("x)", "print(", ")", "x"),
            ("f(x)", "print(", ")", "f(x)"),
            ("f(x))", "print(", ")", "f(x)"),
            ("'a', 1", "f(", ", 2)", "'a', 1"),
            ("a]", "x[", "]", "a"),
            ("b + c   ", "a = ", "", "b + c"),
            (")", "f(x", ")", ""),
            ("   ", "a = ", "", ""),
        ],
    )
    def test_rest_of_line_is_not_doubled(self, text, head, rest, expected):
        """Brackets that stand behind the cursor are not written again."""
        assert finish(text, head, rest, "") == expected

    def test_next_line_is_not_offered(self):
        """On an empty line the file's next line is no suggestion."""
        assert finish("return x", "    ", "", "    return x") == ""


class TestIndentation:
    @pytest.mark.parametrize(
        ("head", "answer", "expected"),
        [
            ("  ", "  return x", "return x"),
            ("  ", "    return x", "return x"),
            ("\t", "\treturn x", "return x"),
            ("  ", "return x", "return x"),
            ("    ", "  return x", "  return x"),
            ("", "  return x", "  return x"),
            (
                "  ",
                "    if n == 0\n      1\n    end",
                "if n == 0\n    1\n  end",
            ),
            ("  ", "  if n == 0\n    1\n  end", "if n == 0\n    1\n  end"),
            ("  ", "    if n == 0\n    1\n  end", "if n == 0\n    1\n  end"),
            ("  ", "  x = 1\n    return x", "  x = 1\n    return x"),
            ("    ", "    if x:\n        y()", "if x:\n        y()"),
            ("    ", "    x()\ny()", "    x()\ny()"),
        ],
    )
    def test_is_not_doubled(self, head, answer, expected):
        """Blanks before the cursor are not written again, and the lines keep step."""
        assert finish(answer, head, "", "") == expected
