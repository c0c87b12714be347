"""Holes stand where somebody could stand, and something speaks for what is in them."""

import random
from collections import Counter

import pytest

from codeassist.finetune.alone import functions_alone
from codeassist.finetune.cuts import KINDS, LONGEST_RANDOM, MOST_LINES, draw_cut
from codeassist.training.fim_data.spans import Spans

TEXT = """\
# Copyright: a licence of many words, which stands above each file of this kind.
import math
from typing import List


""" + "\n\n".join(
    f'''\
def part_{n}(values: List[int], limit: int) -> int:
    """The sum of those values that are below a limit, of part {n}."""
    total = 0
    for value in values:
        if value < limit and math.isfinite(value):
            total += value * {n}
    return total
'''
    for n in range(4)
)


def cuts(kind, count=80):
    spans = Spans(TEXT, "python", longest=400)
    found = (draw_cut(TEXT, spans, {kind: 1.0}, random.Random(n)) for n in range(count))
    return [cut for cut in found if cut is not None]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found(kind):
    """Every kind of the table can be drawn, and says what it is."""
    found = cuts(kind)
    assert len(found) > 20
    assert {cut.kind for cut in found} == {kind}
    assert all(0 <= cut.start <= cut.end <= len(TEXT) for cut in found)


def test_whole_lines_end_at_line_breaks():
    """``lines`` begin behind one line break and end behind another."""
    for cut in cuts("lines"):
        assert TEXT[: cut.start].endswith("\n") or not cut.start
        assert TEXT[: cut.end].endswith("\n")
        assert TEXT.count("\n", cut.start, cut.end) <= MOST_LINES


def test_typed_lines_stand_above_the_cursor():
    """``typed`` began some lines above, and nothing follows the hole in its line."""
    for cut in cuts("typed"):
        assert cut.begun is not None
        assert 1 <= TEXT.count("\n", cut.begun, cut.start) <= MOST_LINES
        assert TEXT[cut.begun - 1] == "\n" or not cut.begun
        assert not TEXT[cut.end :].partition("\n")[0].strip()


def test_random_pieces_are_short():
    """A piece of any characters stays below the limit, and several lengths occur."""
    lengths = {cut.end - cut.start for cut in cuts("random")}
    assert max(lengths) <= LONGEST_RANDOM
    assert len(lengths) > 20


def test_legal_notices_are_no_holes():
    """Nobody is taught to write licences."""
    for kind in ("line", "lines", "rest-of-line"):
        assert not any("licence" in TEXT[c.start : c.end] for c in cuts(kind))


def test_whole_lines_are_asked_from_three_places():
    """A line is asked behind its indentation, before it, or at the line above."""
    places = Counter()
    for cut in cuts("line", 300):
        head = TEXT[TEXT.rfind("\n", 0, cut.start) + 1 : cut.start]
        places["indented" if head.isspace() else "above" if head else "before"] += 1
    assert min(places.values()) > 5
    assert len(places) == 3


def test_a_function_becomes_a_file():
    """A method is taken out without its indentation, with the imports that it uses."""
    method = (
        "import math\nimport re\n\n\nclass Circle:\n"
        "    def area(self) -> float:\n"
        '        """How large it is, in the square of its unit, never below zero."""\n'
        "        radius = abs(self.radius)\n"
        "        return math.pi * radius * radius\n"
    )
    (found,) = functions_alone(method, "python")
    assert found.startswith('import math\n\n\ndef area(self) -> float:\n    """How')
    assert found.endswith("    return math.pi * radius * radius\n")
    compile(found, "found", "exec")


@pytest.mark.parametrize("text", ["", "x = 1\n", "def f(:\n", "def f(): ...\n"])
def test_nothing_to_take_out(text):
    """A file without a whole function of some size has none to give."""
    assert functions_alone(text, "python") == []
    assert functions_alone(text, "plaintext") == []


def test_functions_of_other_languages():
    """Grammars tell what a function is, so that it works in any language."""
    go = (
        "package main\n\nfunc largest(values []int) int {\n\tbest := values[0]\n"
        "\tfor _, value := range values {\n\t\tif value > best {\n"
        "\t\t\tbest = value\n\t\t}\n\t}\n\treturn best\n}\n"
    )
    (found,) = functions_alone(go, "go")
    assert found.startswith("func largest(")
    assert found.endswith("}\n")
