"""The outline of files as they are: broken, large, minified, in any encoding."""

import pytest

from codeassist.engine.context.outline import outline, parse, read, rows, scopes
from codeassist.grammars import NAMES

SHAPE = b'''
class Shape:
    """A shape's outline; don't draw it."""

    sides: int = 0

    def area(self, scale=1):
        # In square metres.
        def inner(x):
            return x
        return inner(scale)
'''


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\x00" * 50,
        b"\xff\xfe" + "class A: pass".encode("utf-16-le"),
        "class Größe: pass\nclass Ärger: pass".encode("latin-1"),
        b"{[(<" * 3000,
        b"class def function fn { import from ( use :: \xf0\x9f",
        "x = '🙂' # é\u2028\x0c\n\tdef f(): pass\r\r\n".encode(),
        bytes(range(256)) * 8,
    ],
    ids=["none", "line", "nul", "utf-16", "latin-1", "open", "broken", "odd", "bytes"],
)
def test_no_bytes_fail(language, data):
    """Whatever a file holds, its outline is an answer."""
    assert outline(data, language).rows == rows(data)


def test_an_unknown_language_has_rows_only():
    """A language without a grammar has an empty outline."""
    found = outline(b"a\nb", "cobol")

    assert (found.rows, found.definitions, found.imports) == (2, (), ())


def test_broken_code_around_a_definition():
    """A definition is found beside code that does not parse."""
    found = outline(b"x = = (\n\n" + SHAPE + b"\ndef g(:\n", "python")

    assert {"Shape", "area"} <= {d.name for d in found.definitions}


def test_scopes_are_those_around_a_row():
    """The classes and functions around a row are named from the outside in."""
    found = outline(SHAPE, "python")

    assert [d.name for d in scopes(found, 9)] == ["Shape", "area", "inner"]
    assert [d.name for d in scopes(found, 4)] == ["Shape"]
    assert scopes(found, 0) == ()


def test_documentation_is_one_line():
    """A docstring's first line is kept whole, apostrophes included."""
    assert outline(SHAPE, "python").definitions[0].doc == (
        "A shape's outline; don't draw it."
    )


def test_a_comment_is_not_part_of_a_signature():
    """What stands between a signature and the body is not in the signature."""
    area = outline(SHAPE, "python").definitions[2]

    assert area.signature == "def area(self, scale=1):"


def test_rows_count_line_feeds_only():
    """Form feeds and line separators end no row, as editors count."""
    text = "a = 1 # \x0c\u2028\u0085\ndef f(): pass\n".encode()

    found = outline(text, "python")

    assert [d.start_row for d in found.definitions] == [0, 1]
    assert found.rows == 2


def test_astral_characters_in_front_of_a_definition():
    """Characters of four bytes shift neither rows nor signatures."""
    found = outline("s = '🙂🙂'\ndef größe(𠮷='🙂'): pass\n".encode(), "python")

    assert found.definitions[1].signature == "def größe(𠮷='🙂'):"
    assert found.definitions[1].name == "größe"


def test_fifty_thousand_lines():
    """Of a very long file every definition is found."""
    found = outline(b"def f():\n    return 1\n" * 25_000, "python")

    assert found.rows == 50_000
    assert len(found.definitions) == 25_000


def test_minified_files_are_not_read():
    """A one-line bundle costs nothing and says nothing."""
    found = outline(b"function a(b){return b};" * 2000, "javascript")

    assert (found.rows, found.definitions) == (1, ())


def test_a_long_signature_is_cut_at_a_line():
    """A signature with hundreds of parameters keeps its first lines."""
    text = (
        b"def f(\n"
        + b"".join(b"    p%d: int,\n" % i for i in range(500))
        + b"): pass\n"
    )

    signature = outline(text, "python").definitions[0].signature

    assert signature.startswith("def f(\n    p0: int,\n")
    assert len(signature) <= 600
    assert signature.endswith(",")


def test_parents_make_no_circle():
    """Names that own each other by their spelling are not each other's parents."""
    texts = [
        ("lua", b"function a.b() end\nfunction b.a() end\n"),
        ("cpp", b"n::C::C(int x) {}\n"),
        ("cpp", b"namespace n { struct A { enum : int { k }; }; }\nvoid B::f() {}\n"),
        ("ruby", b"class V::W\n class Z; end\nend\nclass Z::Y\n class V; end\nend\n"),
    ]
    for language, text in texts:
        found = outline(text, language).definitions
        for index in range(len(found)):
            chain = []
            while index >= 0:
                assert index not in chain
                chain.append(index)
                index = found[index].parent


def test_a_nameless_enum_owns_nothing():
    """What stands outside of every type has no parent, whatever has no name."""
    text = b"struct A { enum : int { k }; };\nint h();\nvoid B::f() {}\n"
    found = {each.name: each.parent for each in outline(text, "cpp").definitions}

    assert (found["h"], found["f"]) == (-1, -1)


@pytest.mark.parametrize("language", ["javascript", "typescript"])
def test_what_a_script_exports(language):
    """Classes and objects that are all of a module, names taken apart, `default`."""
    found = outline(
        b"module.exports = class Encoder {}\nfunction isA() {}\nfunction isB() {}\n"
        b"export default { isA, c() {} }\nexport const { up, down: less } = s\n"
        b"export { default as Q } from './q'\nimport { default as R } from './r'\n",
        language,
    )
    exported = {each.name for each in found.definitions if each.exported}

    assert exported == {"Encoder", "isA", "c", "up", "less"}
    assert [each.names for each in found.imports] == [
        (("default", "Q"),),
        (("default", "R"),),
    ]


def test_an_edited_tree_reads_as_a_new_one():
    """Parsing again from the old tree gives the outline of the new text."""
    tree = parse(SHAPE, "python")
    assert tree is not None
    at = SHAPE.index(b"area")
    edited = SHAPE[:at] + b"my_" + SHAPE[at:]
    row = SHAPE[:at].count(b"\n")
    column = at - SHAPE.rindex(b"\n", 0, at) - 1
    tree.edit(at, at, at + 3, (row, column), (row, column), (row, column + 3))

    again = parse(edited, "python", tree)

    assert again is not None
    assert read(again, edited, "python") == outline(edited, "python")


def test_a_half_typed_import_is_read():
    """An alias that is typed over another one leaves the rest of the file known."""
    text = b"from shapes import (Circle as C as Disc, Square)\n\ndef area(): ...\n"
    found = outline(text, "python")

    names = [name for each in found.imports for name, _ in each.names]
    assert names == ["Circle", "Square"]
    assert [each.name for each in found.definitions] == ["area"]
