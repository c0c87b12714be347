"""Each grammar that is declared parses its language, offline."""

import pytest

from codeassist.grammars import NAMES, grammar, parser
from codeassist.languages import LANGUAGES

SNIPPETS = {
    "python": "def f(x):\n    return x\n",
    "javascript": "const f = (x) => x;\n",
    "typescript": "const f = (x: number): number => x;\n",
    "typescriptreact": "const f = () => <b>{1}</b>;\n",
    "go": "package a\n\nfunc f(x int) int { return x }\n",
    "rust": "fn f(x: i32) -> i32 { x }\n",
    "java": "class A { int f(int x) { return x; } }\n",
    "c": "int f(int x) { return x; }\n",
    "cpp": "template <class T> T f(T x) { return x; }\n",
    "csharp": "class A { int F(int x) => x; }\n",
    "ruby": "def f(x)\n  x\nend\n",
    "php": "<?php function f($x) { return $x; }\n",
    "lua": "local function f(x) return x end\n",
    "shellscript": "f() { echo $1; }\n",
    "kotlin": "fun f(x: Int): Int = x\n",
    "scala": "def f(x: Int): Int = x\n",
    "swift": "func f(x: Int) -> Int { return x }\n",
}

BROKEN = {"php": "<?php function ((("}


@pytest.mark.parametrize("language", NAMES)
def test_parses(language):
    """A snippet of the language has no error, a broken one has."""
    parse = parser(language).parse

    assert not parse(SNIPPETS[language].encode()).root_node.has_error
    assert parse(BROKEN.get(language, ")] } <<< def (((").encode()).root_node.has_error


def test_names_are_languages():
    """Grammars go by the names of the table of languages."""
    assert set(NAMES) <= {language.name for language in LANGUAGES}


def test_unknown_language():
    """A language without a grammar is no error."""
    assert grammar("markdown") is None
    assert parser("markdown") is None
