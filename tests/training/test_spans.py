"""Spans: whole nodes of the tree, lines, and cuts that a person could make."""

import random

import pytest

from codeassist.grammars import parser
from codeassist.training.fim_data.spans import KINDS, SYNTAX, Spans, can_cut

SOURCES = {
    "python": (
        'def größe(a, b):\n    """Doc 🙂."""\n    if a > b and not (a == 1):\n'
        "        print(a, f(b, c=1))\n    return [x for x in a]\n\nx = größe(1, 2)\n"
    ),
    "javascript": "function f(a) {\n  if (a > 1) { g(a, 2); }\n  return () => a;\n}\n",
    "typescript": "class A { m(x: number): void { while (x > 1) { f(x, 2); } } }\n",
    "go": "package p\nfunc F(a int) int {\n\tif a > 1 {\n\t\tg(a, 2)\n\t}\n\treturn 1\n}\n",
    "rust": "fn f(a: i32) -> i32 {\n    if a > 1 { g(a, 2); }\n    a\n}\n",
    "java": "class A {\n  int f(int a) {\n    if (a > 1) { g(a, 2); }\n    return 1;\n  }\n}\n",
    "c": "int f(int a) {\n  if (a > 1) { g(a, 2); }\n  return 1;\n}\n",
    "cpp": "int f(int a) {\n  if (a > 1) { g(a, 2); }\n  return 1;\n}\n",
    "csharp": "class A {\n  int F(int a) {\n    if (a > 1) { G(a, 2); }\n    return 1;\n  }\n}\n",
    "ruby": "def f(a)\n  if a > 1\n    g(a, 2)\n  end\n  1\nend\n",
    "php": "<?php\nfunction f($a) {\n  if ($a > 1) { g($a, 2); }\n  return 1;\n}\n",
    "lua": "function f(a)\n  if a > 1 then\n    g(a, 2)\n  end\n  return 1\nend\n",
    "kotlin": "fun f(a: Int): Int {\n  if (a > 1) { g(a, 2) }\n  return 1\n}\n",
    "scala": "object A {\n  def f(a: Int): Int = {\n    if (a > 1) { g(a, 2) }\n    1\n  }\n}\n",
    "swift": "func f(a: Int) -> Int {\n  if a > 1 { g(a, 2) }\n  return 1\n}\n",
}


def texts(spans, text):
    return {kind: {text[slice(*s)] for s in found} for kind, found in spans.items()}


def test_python():
    """Each kind is found where a person would point at it."""
    text = SOURCES["python"]
    found = texts(Spans(text, "python", longest=400).syntax(), text)
    assert found["condition"] == {"a > b and not (a == 1)"}
    assert found["arguments"] == {"a, f(b, c=1)", "b, c=1", "1, 2"}
    assert found["block"] == {"print(a, f(b, c=1))"}
    (body,) = found["body"]
    assert body.startswith('"""Doc 🙂."""\n    if')
    assert body.endswith("return [x for x in a]")
    assert {"return [x for x in a]", "x = größe(1, 2)"} <= found["statement"]


@pytest.mark.parametrize("language", SOURCES)
def test_every_language_has_every_kind(language):
    """In each language a call's arguments, a condition, a body and a statement."""
    text = SOURCES[language]
    found = texts(Spans(text, language, longest=400).syntax(), text)
    assert any("2" in part and "(" not in part for part in found["arguments"])
    assert any(" > " in part for part in found["condition"])
    assert found["statement"]
    assert found["body"]


@pytest.mark.parametrize("language", SOURCES)
def test_spans_are_whole_nodes(language):
    """A syntax span starts and ends with nodes that have one parent."""
    text = SOURCES[language]
    raw = text.encode()
    runs = set()
    waiting = [parser(language).parse(raw).root_node]
    while waiting:
        node = waiting.pop()
        ends = [child.end_byte for child in node.children]
        for n, child in enumerate(node.children):
            runs |= {(child.start_byte, end) for end in ends[n:]}
        waiting += node.children
    spans = Spans(text, language, longest=400).syntax()
    for kind in SYNTAX:
        for start, end in spans[kind]:
            bytes_ = len(text[:start].encode()), len(text[:end].encode())
            assert bytes_ in runs, (kind, text[start:end])


def test_broken_code_is_no_span():
    """What does not parse is not offered as a node."""
    text = "def f(:\n    g(1, 2\n\nx = h(3)\n"
    found = texts(Spans(text, "python", longest=400).syntax(), text)
    assert all("g(1, 2\n" not in part for part in found["statement"] | found["body"])


def test_too_long_spans_are_left_out():
    """No syntax span is longer than allowed."""
    text = SOURCES["python"]
    found = texts(Spans(text, "python", longest=12).syntax(), text)
    assert found["body"] == set()
    assert found["arguments"] == {"a, f(b, c=1)", "b, c=1", "1, 2"}


def test_unknown_language_has_lines_and_characters():
    """Without a grammar there are still lines and random spans."""
    spans = Spans("alpha = 1\n\n  beta\t\n", "plaintext", longest=100)
    dice = random.Random(0)
    assert all(spans.draw(kind, dice) is None for kind in SYNTAX)
    assert {spans.draw("line", dice) for _ in range(40)} == {(0, 9), (13, 17)}
    assert {spans.draw("rest-of-line", dice)[1] for _ in range(40)} == {9, 17}
    assert {spans.draw_empty(dice)[0] for _ in range(40)} == {9, 17}


@pytest.mark.parametrize("text", ["", "\n \n\t"])
def test_blank_text_has_no_spans(text):
    """A blank file gives nothing of any kind."""
    spans = Spans(text, "python", longest=100)
    dice = random.Random(0)
    assert [spans.draw(kind, dice) for kind in KINDS] == [None] * len(KINDS)
    assert spans.draw_empty(dice) is None


def test_characters_stay_whole():
    """No cut stands before a combining mark, a skin tone, a joiner, or inside CRLF."""
    text = "e\u0301x👍🏽👩\u200d💻\r\n"
    assert [n for n in range(len(text) + 1) if can_cut(text, n)] == [0, 2, 3, 5, 8, 10]
    spans = Spans(text * 5, "plaintext", longest=8)
    dice = random.Random(1)
    for _ in range(300):
        span = spans.draw("random", dice)
        if span is not None:
            assert can_cut(text * 5, span[0])
            assert can_cut(text * 5, span[1])
