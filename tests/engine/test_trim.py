"""What the file has already is not offered again, and what it lacks is."""

from textwrap import dedent

import pytest

from codeassist.engine.finish import BlockEnd, LineEnd, finish, look
from codeassist.engine.finish.trim import loosens_rest
from codeassist.languages import of_path


def offered(before, answer, after, name="a.js", *, block=None):
    """What is shown of an answer that comes in pieces and then ends by itself."""
    language = of_path(name)
    place = look(before, after, language)
    block = place.wants_block if block is None else block
    end = (BlockEnd if block else LineEnd)(place, language)
    text = answer
    for n in range(1, len(answer) + 1):
        cut = end.cut(answer[:n])
        if cut is not None:
            text = answer[:cut]
            break
    return finish(text, place.head, place.rest, place.next_line)


class TestLoops:
    @pytest.mark.parametrize(
        ("before", "body", "name"),
        [
            (
                "function f() {\n  ",
                (
                    "if (a) {\n    if (b) {\n      if (c) {\n        d();\n"
                    "      }\n    }\n  }\n  return 1;\n}"
                ),
                "a.js",
            ),
            (
                "test(() => {\n  ",
                (
                    "a(() => {\n    b(() => {\n      c(() => {\n        d();\n"
                    "      });\n    });\n  });\n});"
                ),
                "a.js",
            ),
            (
                "def f\n  ",
                (
                    "a do\n    b do\n      c do\n        d\n"
                    "      end\n    end\n  end\n  1\nend"
                ),
                "a.rb",
            ),
            (
                "x = [\n    ",
                "[0, 0, 0],\n    [0, 0, 0],\n    [0, 0, 0],\n    [0, 0, 0],\n]",
                "a.py",
            ),
            ("def f():\n    ", "next(x)\n    next(x)\n    next(x)\n    y()", "a.py"),
        ],
    )
    def test_right_code_is_no_loop(self, before, body, name):
        """Closers in a row, rows of a table and a call made thrice stay."""
        assert offered(before, body + "\n\n\n", "", name, block=True) == body

    def test_turns_of_several_lines_end(self):
        """The same two lines thrice are a loop."""
        answer = "a(1)\n    b(2)\n" + "    a(1)\n    b(2)\n" * 8

        shown = offered("def f():\n    ", answer, "\n", "a.py")

        assert shown.count("a(1)") == 3

    def test_same_line_at_other_depths_is_no_loop(self):
        """Equal words at different indentations are different lines."""
        body = "for x in y:\n" + "".join(
            f"{' ' * 4 * n}for x in y:\n" for n in range(2, 6)
        )
        body += " " * 24 + "z()"

        assert offered("def f():\n    ", body + "\n\n\n", "\n", "a.py") == body


class TestCallbacks:
    @pytest.mark.parametrize(
        ("head", "body", "rest"),
        [
            (
                "fetch(url).then(",
                "response => {\n    console.log(response);\n}",
                ")",
            ),
            ("  useMemo(", "() => {\n    return 1;\n  }", ");"),
            ("  useMemo(", "() => {\n    return 1;\n  }, [a, b]", ");"),
            ('addEventListener("click", ', "function() {\n  f();\n}", ");"),
            ('app.get("/", ', '(req, res) => {\n  res.send("hi");\n}', ")"),
            ("f(a, ", "() => {\n  if (x) {\n    y();\n  }\n  z();\n}", ")"),
            ("f(a, ", "{\n  b: 1,\n}", ")"),
            ("f(a, ", "() => {\n  b();\n}, () => {\n  c();\n}", ");"),
        ],
    )
    @pytest.mark.parametrize("after", ["", "\n", "\nnext();\n"])
    @pytest.mark.parametrize("more", [0, 1, 2, 99])
    def test_its_own_bracket_is_closed(self, head, body, rest, after, more):
        """A callback keeps its closer, and the file's are not doubled."""
        answer = body + (rest + "\n\nfoo();\n")[:more]

        assert offered(head, answer, rest + after) == body

    def test_line_without_rest_stays_a_line(self):
        """Where the file closes nothing, one line is one line."""
        assert offered("const f = ", "() => {\n  a();\n}\n", "\n", block=False) == (
            "() => {"
        )

    def test_line_that_opens_nothing_ends(self):
        """An answer without a bracket at its end is one line."""
        assert offered("f(a, ", "b)\ng()\n", ")\n") == "b"

    def test_stops_at_a_lesser_indentation(self):
        """A callback that is never closed ends before what is less indented."""
        shown = offered("  f(a, ", "() => {\n    b();\nc();\n", ")\n")

        assert shown == "() => {\n    b();"


class TestRestOfLine:
    @pytest.mark.parametrize(
        ("head", "rest", "answer", "expected"),
        [
            ("int x = ", ";", "10;", "10"),
            ("v.iter().", ";", "sum();", "sum()"),
            ('x = "', '"', 'hello"', "hello"),
            ("x = '", "'", "hello'", "hello"),
            ("def f(a: ", "):", "int) -> int:", "int"),
            ('console.log("sum is ', '");', '", s);', ""),
            ('print("', '")', 'Hello, " + name)  # This prints', "Hello, "),
            ('print("', '")', 'Hello")', "Hello"),
            ('<a href="', '"></a>', '/x">y</a>', "/x"),
            ("return [", "]", "x for x in y]\n", "x for x in y"),
            ("for (int i = 0; ", "; i++) {", "i < n; i++) {", "i < n"),
            ("for (int i = 0; ", "; i++) {", "i < n; i++", "i < n"),
            ("if ", ":", "x > 0:", "x > 0"),
            ("if ", ":", "x > 0: return", "x > 0"),
            ("f(", ", 2)", "'a', 1)", "'a', 1"),
            ("f(", ", count)", "a, count", "a"),
            ("    a = b", " + c", "[1] + c", "[1]"),
            ("x = {", ": 1}", '"a":', '"a"'),
            ("foo(bar(", ")", "x))", "x)"),
            ("x = get", "_id)", "(client_id)", "(client"),
            ("f(a", " | None:", ") -> B | None:", ") -> B"),
            ('x = {"a": "b', ",", '",', '"'),
            ("foo(", ");", "a);\nbar(b);", "a"),
            ('"foo ', ' bar"', 'x" + y', "x"),
            ('f"{', '}"', "x}", "x"),
            ('print(f"{', '}")', 'x["a"]}', 'x["a"]'),
            ('print(f"{', '}")', 'x}" + y)', "x"),
            ('print(f"{', '}")', "name}! You are {age} years", "name}! You are {age"),
            ('print(f"{', '}")', "self.x}, {self.y", "self.x}, {self.y"),
            ("return `${", "}`;", "name}! You are", "name"),
            ("function f(n) {", "}", "  return n;", "\n  return n;\n"),
            ("  f() {", "}", "    return n;", "\n    return n;\n  "),
            ("const a = {", "};", " b: 1 ", " b: 1 "),
            ("x = {", "}", "  # none", "\n  # none\n"),
            ("f('", "')", "don\\'t')", "don\\'t"),
            ("<div class=", ">", '"chapter">', '"chapter"'),
            ("</di", ">", "v>", "v"),
            ("// See the ", ".", "License.", "License"),
            ('env::var("PA', ")", 'TH").unwrap();', 'TH"'),
            ('log("a', ")", 'bc");', 'bc"'),
        ],
    )
    def test_is_not_written_again(self, head, rest, answer, expected):
        """Closers, quotes, colons and semicolons behind the cursor stay single."""
        assert finish(answer, head, rest, "") == expected

    @pytest.mark.parametrize(
        ("head", "rest", "answer"),
        [
            ("print(", ")", "f(x)"),
            ("x = (", ")", "a) * (b"),
            ("foo(bar(", ")", "x)"),
            ("f(", ", 2)", "'a', 1"),
            ("f(", ", 2)", "g(a, 2), 1"),
            ("print(", ")", "x, end=''"),
            ("print(", ")", '"a)b"'),
            ("print(", ")", "x  # don't"),
            ('print("', '")', 'a", "b'),
            ('print(f"', '")', "{x} ({y})"),
            ('f("a', '")', '")("b'),
            ("print(", ")", 'f"{x}"'),
            ("let x: Vec<Vec<", ">", "u8>"),
            ("    ", ">", "Vec<u8>"),
            ("auto f() -", ">", "> vector<int"),
            ("// and so on", ".", ".."),
            ('let a = f(g("c', ")", 'onfig.toml")'),
            ('if [[ "$X" == "', "; then", 'pypy" ]]'),
            ("fn f(", ") {", "&self, x: &'a str"),
            ("let x = ", ";", "vec![1; 3]"),
            ("x = ", " + b", "a + bc"),
            ("if ", ":", "x[1:2]"),
            ("std::", ";", "vec::Vec"),
            ("} else if (", ") {", "x > f(1)"),
        ],
    )
    def test_right_answers_stay(self, head, rest, answer):
        """What is balanced and says nothing twice is offered as it is."""
        assert finish(answer, head, rest, "") == answer

    def test_last_of_several_lines(self):
        """Several lines are trimmed where they meet the rest, too."""
        assert finish("a,\n    b)\n", "f(", ")", "") == "a,\n    b"

    def test_next_line_at_the_end(self):
        """A last line that the file goes on with is dropped."""
        assert finish("x()\n    y()", "    ", "", "    y()") == "x()"


class TestDividers:
    @pytest.mark.parametrize("after", ["", "\nfi\n", "\nelse\n  c\nfi\n"])
    def test_shell(self, after):
        """A branch ends before the word that begins the next one."""
        answer = '\n  echo "x"\nelse\n  echo "y"\nfi\n'

        shown = offered("if a; then", answer, after, "a.sh", block=True)

        assert shown == '\n  echo "x"'

    @pytest.mark.parametrize("word", ["elsif y", "else", "rescue E", "ensure"])
    def test_ruby(self, word):
        """The same holds for words with something behind them."""
        answer = f"\n    a\n  {word}\n    b\n  end\n"

        assert offered("def f\n  if x", answer, "\n", "a.rb", block=True) == "\n    a"

    @pytest.mark.parametrize("more", [" else {\n  c();\n}", " else if (y) {\n", ""])
    def test_brace_before_a_divider_stays(self, more):
        """Of `} else {` the brace that closes the block is kept."""
        answer = "\n  b();\n}" + more + "\n"

        assert offered("if (x) {", answer, "") == "\n  b();\n}"

    @pytest.mark.parametrize("more", [" while (x);", ")();", ";", ".catch(e);"])
    def test_brace_with_its_statement(self, more):
        """What completes the statement of the brace stays with it."""
        answer = "\n  b();\n}" + more

        assert offered("do {", answer + "\nfoo();\n", "") == answer

    def test_word_within_a_word(self):
        """A line that only begins like a closer closes nothing."""
        shown = offered("def f\n  ", "a\nend\n", "\nendpoint = 1\n", "a.rb", block=True)

        assert shown == "a\nend"

    def test_closing_word_with_more(self):
        """A closing word closes with what hangs on it."""
        answer = "\n  echo x\ndone < file"

        shown = offered("while x; do", answer + "\nls\n", "", "a.sh", block=True)

        assert shown == answer


SNIPPETS = {
    "a.py": '''\
    def total(self, items: list[int], *, skip: int = 0) -> int:
        """Sum of the items."""
        result = {"sum": sum(items[skip:]), "n": len(items)}
        if result["n"] > (skip + 1) * 2:
            print(f"many: {result['n']}", file=sys.stderr)
        return [x for x in result.values() if x][0]

    value = total(items)
    ''',
    "a.js": """\
    const total = (items, options) => {
      const names = items.map(item => item.name);
      for (let i = 0; i < names.length; i++) {
        if (names[i] === "x") { console.log(`name: ${names[i]}`); }
      }
      return { names: names.filter(Boolean), "count": items.length };
    };
    """,
    "a.rs": """\
    fn total<'a>(items: &'a [u32], skip: usize) -> Option<&'a u32> {
        let v: Vec<u32> = items.iter().map(|x| x + 1).collect();
        let c = '(';
        println!("{} of {}", v.len(), items.len());
        items.get(v[0] as usize)
    }
    """,
    "a.c": """\
    static int total(const int *items, size_t n) {
        int sum = 0;
        for (size_t i = 0; i < n; i++) sum += items[i];
        printf("%d (of %zu)\\n", sum, n);
        return sum > MAX(n, 1) ? sum : -1;
    }
    """,
}


def holes():
    """Middles that an editor with closed pairs would leave: all in a pair, and all
    up to the end of a statement."""
    for name, text in SNIPPETS.items():
        code = dedent(text)
        for start, character in enumerate(code):
            line_end = code.find("\n", start)
            closer = {"(": ")", "[": "]", '"': '"'}.get(character)
            depth = 0
            for end in range(start + 1, line_end) if closer else ():
                if code[end] == closer and not depth:
                    if character != '"' or code.count('"', 0, start) % 2 == 0:
                        yield name, code, start + 1, end
                    break
                depth += (code[end] == character) - (code[end] == closer)
            line = code[code.rfind("\n", 0, start) + 1 : line_end]
            if " = " in code[start - 1 : start + 2] and line.count(";") == 1:
                yield name, code, start + 2, line_end - 1


@pytest.mark.parametrize("over", [0, 1, 1_000, "line", "next"])
def test_middles_come_back(over):
    """Whatever an answer overruns its hole by, the middle is offered and no more."""
    wrong = []
    for name, code, start, end in holes():
        before, middle, after = code[:start], code[start:end], code[end:]
        lengths = {"line": after.find("\n"), "next": after.find("\n") + 1}
        answer = middle + after[: lengths.get(over, over)]
        shown = offered(before, answer, after, name)
        if shown != middle and middle.strip():
            wrong.append((before.rpartition("\n")[2], middle, answer, shown))
    assert not wrong


@pytest.mark.parametrize("name", ["a.py", "a.js", "a.rs", "a.c"])
@pytest.mark.parametrize("over", [0, 1, 2, 3, 10, 1_000])
def test_bodies_come_back(name, over):
    """A whole body is offered without the brace that closes it in the file."""
    code = dedent(SNIPPETS[name])
    start = code.index("\n") + 1
    start += len(code[start:]) - len(code[start:].lstrip())
    end = code.index("\n}") if "\n}" in code else code.index("\n\nvalue")
    answer = code[start:end] + code[end : end + over]

    shown = offered(code[:start], answer, code[end:], name, block=True)

    assert shown == code[start:end]


@pytest.mark.parametrize(
    ("text", "head", "rest", "loosens"),
    [
        ("a) {\n  b();\n}\n", "if (", ")", True),
        ("\n  first,\n", "f(", ")", False),
        ("}\n  return value;\n", "  ", "}", True),
        ("}\n", "", "}\n}", True),
        ("\n  b();\n", "", "}", False),
        ("}, 5, () => {\n  b();\n", "", "})", False),
        ("}\n  return value;\n", "  ", "", False),
    ],
)
def test_brackets_of_the_rest_that_lose_their_partner(text, head, rest, loosens):
    """Also one that was opened above the line, where the text closes that one, too."""
    assert loosens_rest(text, head, rest) == loosens
