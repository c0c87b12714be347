"""Answers that would break the syntax of the document around them."""

import pytest

from codeassist.engine.gates.syntax import SyntaxGate
from codeassist.languages import by_id, of_path


def allowed(document, text, path="a.py", gate=None):
    """What is left of a text at the ┃ of a document."""
    before, _, after = document.partition("┃")
    gate = gate or SyntaxGate()
    n = gate.allowed(text, before, after, path=path, language=of_path(path))
    return text[:n]


PY = "def f(x):\n    y = 1\n    ┃\n    return y\n"
JS = "function f() {\n  ┃\n}\n"
CPP = "int f() {\n  ┃\n}\n"


@pytest.mark.parametrize(
    ("document", "text", "path"),
    [
        (PY, "if x:", "a.py"),
        (PY, "@decorated", "a.py"),
        (PY, "y = x +", "a.py"),
        (PY, "y = (x, y", "a.py"),
        (PY, "return {", "a.py"),
        (PY, "while x:\n        y += 1", "a.py"),
        ("for x ┃\n", "in range(3):", "a.py"),
        ("def f(┃\n", "self, x):", "a.py"),
        ("print(┃)\n", "a, b", "a.py"),
        ("x = foo(\n    a,\n    ┃\n)\n", "b=3,", "a.py"),
        (JS, "if (x) {", "a.js"),
        (JS, "if (x)", "a.js"),
        ("const a = [1].map(┃)\n", "(x) => { return x", "a.js"),
        ("interface A {\n  ┃\n}\n", "b: number;", "a.ts"),
        ("func f() int {\n\t┃\n}\n", "if err != nil {", "a.go"),
        (CPP, "for (int i = 0; i < n; i++) {", "a.cpp"),
        ("fn f() -> i32 {\n    ┃\n}\n", "let x = 1", "a.rs"),
        ("def f\n  ┃\nend\n", "x.each do |y|", "a.rb"),
    ],
)
def test_unfinished_is_not_broken(document, text, path):
    """What may still become whole code passes as it is."""
    assert allowed(document, text, path) == text


HEADERS = [
    ("with open(┃)\n", '"x", "r"', "a.py"),
    ("def f(┃)\n", 'a: int, b: str = "x"', "a.py"),
    ("function f() {\n  if (┃)\n  return 1;\n}\n", "isEmpty(name)", "a.js"),
    ("function f() {\n  throw new Error(┃)\n}\n", '"empty"', "a.js"),
    ("const f = (┃)\n", "{ a = 1, b }", "a.js"),
    ("const f = (┃)\n\nexport const z = f(1);\n", "a: number, b: string", "a.ts"),
    ("int f() {\n  throw std::invalid_argument(┃)\n}\n", '"must be even"', "a.cpp"),
    ("int f() {\n  for (┃)\n  g();\n}\n", "int i = 0; i < n; i++", "a.cpp"),
    ("int f() {\n  if (┃)\n}\n", '!strcmp(a, "b")', "a.c"),
    ("int f() { ┃ }\n", "return 1", "a.c"),
    ("fn f(x: E) {\n    match x {\n        E::A(┃)\n    }\n}\n", "a, b", "a.rs"),
]
"""Headers whose brackets the editor has closed, and what belongs between these."""


@pytest.mark.parametrize(("document", "text", "path"), HEADERS)
def test_what_is_missing_comes_behind_the_rest_of_the_line(document, text, path):
    """A header whose bracket the editor has closed is not broken for want of its end."""
    assert allowed(document, text, path) == text


DIRECTIVES = [
    ("┃\n\nint f(void) {\n  return 1;\n}\n", "#include <stdlib.h>", "a.c"),
    ("┃\n\nint f(void) {\n  return 1;\n}\n", "#define SIZE 10", "a.c"),
    ("┃\n\nint f(void);\n", "#ifdef SIZE", "a.c"),
    ("#include <a.h>\n┃\n", '#include "b.h"', "a.cpp"),
    ("┃\n\nclass A;\n", "#pragma once", "a.hpp"),
    ("#ifdef A\nint a;\n┃\nint b;\n#endif\n", "#if B > 1", "a.c"),
]
"""Places for lines of the preprocessor, and these."""


@pytest.mark.parametrize(("document", "text", "path"), DIRECTIVES)
def test_directives_of_the_preprocessor_pass(document, text, path):
    """They end with their line, and an `#if` has its `#endif` below it later."""
    assert allowed(document, text, path) == text


@pytest.mark.parametrize(
    ("document", "text", "path"),
    [
        ("class A {\n  void f() {\n    ┃\n  }\n}\n", "try {", "a.java"),
        ("int f() {\n  ┃\n}\n", "do {", "a.c"),
        ("┃\n", "template <typename T>", "a.cpp"),
        ("┃\n", "typedef struct {", "a.c"),
        ("class A {\n  ┃\n}\n", "[Test]", "a.cs"),
        ("const a = () => (\n  <p>\n    ┃\n  </p>\n);\n", "<ul>", "a.tsx"),
    ],
)
def test_what_is_nothing_without_what_follows_passes(document, text, path):
    """The beginning of a statement, a declaration or an element is no error yet."""
    assert allowed(document, text, path) == text


@pytest.mark.parametrize(
    ("document", "text", "left", "path"),
    [
        (PY, "y = foo bar", "y = foo", "a.py"),
        (PY, "foo(a, b))", "foo(a, b)", "a.py"),
        ("int f() {\n  if (┃)\n}\n", "a b", "a", "a.cpp"),
        (PY, "y = foo 'a b c'", "y = foo", "a.py"),
        ("x = ┃\ny = 2\n", "foo(1) bar", "foo(1)", "a.py"),
        ("def f(x):\n    ┃\n", "x = 1\n    y = = 2", "x = 1", "a.py"),
        (JS, "const x = a b", "const x = a", "a.js"),
        (CPP, "return a b;", "return a", "a.cpp"),
        ("x = y ┃\n", "y", "", "a.py"),
        ('w = 3\nprint(f"{┃}")\n', "area(w, h", "area", "a.py"),
    ],
)
def test_longest_part_that_parses(document, text, left, path):
    """An answer that adds a parse error is cut before it; nothing may be left."""
    assert allowed(document, text, path) == left


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("x = (\n    ┃\n\ndef f(:\n    = 1\n", "a.py"),
        ("class = = ┃ ]\n", "a.py"),
        ("a: [\n┃", "a.yaml"),
        ("anything ┃", "a.txt"),
        ('x = f("┃\n', "a.py"),
        ("int a[] = {\n" + 4_000 * "  1,\n" + "  ┃\n};\n", "a.c"),
    ],
)
def test_what_cannot_be_judged_passes(document, path):
    """What is broken there anyway, has no grammar or is too long refuses nothing."""
    assert allowed(document, "x y", path) == "x y"


def test_an_edited_document_is_read_again():
    """The kept tree follows edits above, below and at the cursor, and other files."""
    gate = SyntaxGate()
    below = "\n\n\ndef g():\n    return 2\n"
    for above in ("", "é = 1\n", "import os\n\n\n", "x = (\n", "\n"):
        for head, text in (("a = ", "b c"), ("", "a b"), ("def f(", "x y")):
            for tail in (below, below + "z = 3\n", "\n"):
                document = above + head + "┃" + tail
                kept = allowed(document, text, gate=gate)
                assert kept == allowed(document, text), document
                allowed(document, text, "other.py", gate)


@pytest.mark.parametrize(
    ("one", "other"), [("javascript", "typescript"), ("typescript", "javascript")]
)
def test_a_document_changes_its_language(one, other):
    """What was parsed by one grammar is not read on by another."""
    many = "function f(a, b) {\n  const y = [a, {b: 3}];\n  return y.map(x => x);\n}\n"
    head, tail = "function g(a) {\n  return ", "\n}\n" + 30 * many

    def n(gate, language, name):
        before = 30 * many + head.replace("g(", f"{name}(")
        how = {"path": "Untitled-1", "language": by_id(language, "Untitled-1")}
        return gate.allowed("a + 1)) {", before, tail, **how)

    gate = SyntaxGate()
    n(gate, one, "g")
    assert n(gate, other, "h") == n(SyntaxGate(), other, "h") < len("a + 1)) {")


def test_many_documents_are_not_all_kept():
    """Documents come and go; what is remembered of them is bounded."""
    gate = SyntaxGate()
    for n in range(30):
        allowed("x = ┃\n", "1", f"{n}.py", gate)
    assert len(gate._pages) < 10
