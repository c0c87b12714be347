"""Where blocks of many languages begin and end."""

import pytest

from codeassist.engine.answering import answer_text
from codeassist.engine.finish import BlockEnd, finish, look
from codeassist.languages import of_path
from tests.engine.test_spans import Written


def offered(name, text, answer):
    """What is shown of an answer at the ┃, where a block is wanted; None: none is."""
    before, _, after = text.partition("┃")
    place = look(before, after, of_path(name))
    if not place.wants_block:
        return None
    draft = answer_text(Written(answer), BlockEnd(place, of_path(name)))
    return finish(draft.text, place.head, place.rest, place.next_line)


@pytest.mark.parametrize(
    ("name", "text", "body"),
    [
        (
            "a.go",
            "\tswitch k {┃\n\t}\n",
            '\n\tcase A:\n\t\treturn "a"\n\tcase B:\n\t\treturn "b"\n\tdefault:\n\t\treturn ""',
        ),
        ("a.c", "\tswitch (c) {┃\n\t}\n", "\n\tcase RED:\n\t\tf();\n\t\tbreak;"),
        ("a.c", "void f(int n) {┃\n}\n", "\n#ifdef _WIN32\n    g(n);\n#endif"),
        ("a.cpp", "class A {┃\n};\n", "\npublic:\n    int a;\nprivate:\n    int b;"),
        (
            "a.rb",
            "    case @a┃\n    end\n",
            "\n    when 1\n      2\n    when 3\n      4",
        ),
    ],
)
def test_parts_of_a_block_at_its_openers_indentation(name, text, body):
    """`case`, `public:`, `when` and `#if` stand no deeper than what they are within."""
    assert offered(name, text, body + "\n") == body


@pytest.mark.parametrize(
    ("name", "text", "answer", "body"),
    [
        (
            "a.c",
            "    case 1:┃\n    }\n",
            "\n        f();\n    case 2:\n",
            "\n        f();",
        ),
        ("a.go", "\tif a {┃\n\t}\n", "\n\t\tf()\n\t}\n\tcaseless()\n", "\n\t\tf()"),
        (
            "a.cs",
            "    int A() {┃\n    }\n",
            "\n        f();\n    public",
            "\n        f();",
        ),
    ],
)
def test_a_part_ends_at_the_next_one(name, text, answer, body):
    """What is within one of them does not go on with another, or with what has none."""
    assert offered(name, text, answer) == body


@pytest.mark.parametrize(
    ("name", "text", "body"),
    [
        ("a.go", "\tif a > 0 &&\n\t\tb < 18 {┃\n\t}\n", "\n\t\treturn b"),
        ("a.go", "func f(a string,\n\tb string) string {┃\n}\n", "\n\treturn a"),
        (
            "a.java",
            "    if (a == null\n        || b > 150) {┃\n    }\n",
            "\n      f();",
        ),
        ("a.py", "def f(a,\n      b):┃\n\nx = 1\n", "\n    return a"),
        ("a.py", "    if (a or\n            b):┃\n    x = 1\n", "\n        return a"),
        ("a.py", "class A:\n    def f(self,\n          b):\n        ┃\n", "return b"),
        ("a.js", "  f(a, {\n    b: (\n      c) => {┃\n    },\n  });\n", "\n      d();"),
    ],
)
def test_a_header_of_several_lines_is_as_deep_as_its_first(name, text, body):
    """What stands deeper than that first line is in the block."""
    assert offered(name, text, body + "\n") == body


@pytest.mark.parametrize(
    ("name", "text", "body"),
    [
        ("Makefile", "app: $(OBJS)┃\n", "\n\t$(CC) -o app $(OBJS)"),
        ("a.yaml", "      - run: |┃\n", "\n          npm install"),
        ("a.kt", "    a.forEach { user ->┃\n    }\n", "\n        f(user)"),
        ("a.swift", "    a.map { user in┃\n    }\n", "\n        user.age"),
        ("a.rb", "  a.map { |user|┃\n  }\n", "\n    user.name"),
        ("a.ex", "  def add(a, b) do┃\n  end\n", "\n    a + b"),
        ("a.sql", "CREATE TABLE t (┃\n);\n", "\n    id INTEGER,\n    b TEXT"),
    ],
)
def test_blocks_of_other_kinds(name, text, body):
    """Recipes, scalars of several lines, closures with their arguments, `do`."""
    assert offered(name, text, body + "\n") == body


@pytest.mark.parametrize(
    ("name", "text", "body"),
    [
        ("a.py", "def f():┃\n", '\n    x = """\nA\n\n\n B\n"""\n    return x'),
        ("a.py", "def f():┃\n", '\n    g(\n        """\nA\n""",\n        x,\n    )'),
        ("a.py", "def f():┃\n", "\n    return rf'''A\nB {x}'''.strip()"),
        ("a.js", "function f() {┃\n}\n", "\n  const x = `\nA\n}\n`;\n  return x;"),
        ("a.go", "func f() {┃\n}\n", "\n\tx := `\nA\n`\n\tg(x)"),
        ("a.kt", "fun f() {┃\n}\n", '\n    val x = """\nA\n"""\n    g(x)'),
        ("a.rs", "fn f() {┃\n}\n", '\n    let x = r#"\n"A"\n"#;\n    g(x)'),
        ("a.lua", "function f()┃\nend\n", "\n  local x = [[\nA\n]]\n  g(x)"),
        ("a.sh", "f() {┃\n}\n", "\n  cat <<EOF\nA $1\nEOF\n  g"),
        ("a.rb", "def f┃\nend\n", "\n  x = <<~SQL\nSELECT 1\n  SQL\n  g(x)"),
        ("a.php", "function f() {┃\n}\n", "\n    $x = <<<EOT\nA\nEOT;\n    g($x);"),
    ],
)
def test_a_string_of_several_lines(name, text, body):
    """What a string says may stand at the margin; the block goes on behind it."""
    assert offered(name, text, body + "\n") == body


@pytest.mark.parametrize(
    ("name", "text", "body", "more"),
    [
        ("a.py", "def f():┃\n", '\n    """Says\n    a.\n    """\n    g()', "x = 1"),
        ("a.py", "def f():┃\n", '\n    """Says\n    a."""\n    g()', "x = 1"),
        ("a.py", "def f():┃\n", '\n    x = """a"""\n    g(x)', "x = 1"),
        ("a.py", "def f():┃\n", '\n    g()  # as in x = """', "x = 1"),
        ("a.sh", "f() {┃\n}\n", "\n  g <<< $X\n  echo $((1 << N))", "x=1"),
    ],
)
def test_what_only_looks_like_such_a_string(name, text, body, more):
    """Behind a docstring, a string of one line or a comment the block ends as ever."""
    assert offered(name, text, f"{body}\n{more}\n") == body


def test_a_loop_within_a_string_ends():
    """The same line again and again is a loop there, too."""
    body = '\n    x = """\n' + "A b\n" * 20
    assert len(offered("a.py", "def f():┃\n", body)) < len(body) / 2


@pytest.mark.parametrize(
    ("name", "line"), [("Makefile", "CC := gcc"), ("Makefile", ".PHONY: all")]
)
def test_what_opens_no_block(name, line):
    """A variable, and targets that only say what others are."""
    assert offered(name, line + "┃\n", "\n\tx\n") is None


@pytest.mark.parametrize(
    ("text", "answer", "said"),
    [
        ("\tfm┃\n\tfmt.Println(x)\n", "t.Println(x)", ""),
        ("\tfm┃\n\t\tfmt.Println(x)\n", "t.Println(x)", "t.Println(x)"),
        ("\t\tf()\n\t┃\n}\n", "}", "}"),
        ("\t\tf()\n┃\n}\n", "}", ""),
        ("    ┃\n  f()\n", "f()", ""),
    ],
)
def test_what_stands_on_the_next_line(text, answer, said):
    """A line that follows is not said again; a closer that follows may be another's."""
    before, _, after = text.partition("┃")
    place = look(before, after, of_path("a.go"))

    assert finish(answer, place.head, place.rest, place.next_line) == said


def test_a_bracket_that_is_needed_stays():
    """On the last line of a call of several lines the answer keeps its own closers."""
    assert finish("h(a)", "\t\tg(", "))", "") == "h(a)"
    assert finish("a.b()", "     c(", ")) {", "") == "a.b()"
