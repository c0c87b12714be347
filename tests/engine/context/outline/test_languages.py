"""What is found in real constructs of each language."""

import pytest

from codeassist.engine.context.outline import Reparser, outline
from codeassist.grammars import NAMES as GRAMMARS
from tests.engine.context.outline.snippets import NAMES, shown, snippet


@pytest.mark.parametrize("language", NAMES)
def test_definitions_and_imports(language):
    """Kinds, names, rows, signatures, docs and imports are those in the snippet."""
    text, expected = snippet(language)

    assert shown(outline(text, language)) == expected


def test_every_grammar_has_a_snippet():
    """No language that we can parse goes without a query and a test of it."""
    assert set(NAMES) == set(GRAMMARS)


@pytest.mark.parametrize("language", NAMES)
def test_windows_line_ends_change_nothing(language):
    """A file with CRLF has the outline of the same file with LF."""
    text, _ = snippet(language)

    assert shown(outline(text.replace(b"\n", b"\r\n"), language)) == shown(
        outline(text, language)
    )


@pytest.mark.parametrize("language", NAMES)
def test_a_file_cut_anywhere_is_still_read(language):
    """Of half a file no outline fails, and its parents stand as they should."""
    text, _ = snippet(language)

    for cut in range(0, len(text), 23):
        found = outline(text[:cut], language)
        assert found.rows == len(text[:cut].splitlines())
        assert all(
            -1 <= defined.parent < len(found.definitions) and defined.parent != index
            for index, defined in enumerate(found.definitions)
        )


def test_a_header_that_is_cpp_is_read_as_cpp():
    """The classes of a C++ header named `.h` are found."""
    text = (
        b"#pragma once\nnamespace n {\nclass Shape {\n public:\n  int area();\n};\n}\n"
    )

    found = outline(text, "c")

    assert found.language == "cpp"
    assert [d.name for d in found.definitions] == ["n", "Shape", "area"]


EXPORTED = b"""\
class SHOP_EXPORT Cart : public Base
{
public:
  double total_price() const;
};
struct SHOP_API(1) DEPRECATED
Parcel final { int grams; };
class SHOP_API a::Box<int> {};
enum class SHOP_API Color : int { RED };
struct POINT final : Base {};
struct POINT here;
"""


def test_a_cpp_class_with_a_macro_before_its_name():
    """A macro that exports a class does not hide it; its signature has the macro."""
    typed = Reparser()
    outline(EXPORTED.replace(b"total", b"tota"), "cpp", typed.parse)
    found = outline(EXPORTED, "cpp", typed.parse)

    assert found == outline(EXPORTED, "cpp")
    defined = [(d.name, d.kind, d.start_row) for d in found.definitions]
    assert defined == [
        ("Cart", "class", 0),
        ("total_price", "method", 3),
        ("Parcel", "class", 5),
        ("grams", "field", 6),
        ("Box", "class", 7),
        ("Color", "class", 8),
        ("RED", "constant", 8),
        ("POINT", "class", 9),
        ("here", "constant", 10),
    ]
    assert found.definitions[0].signature == "class SHOP_EXPORT Cart : public Base"


def test_members_in_three_namespaces_within_a_guard():
    """Members of a C++ template are found as deep as libraries put them."""
    text = (
        b"#ifndef A_H\n#define A_H\nnamespace boost {\nnamespace asio {\n"
        b"namespace detail {\ntemplate <class T>\nclass thing {\n public:\n"
        b"  void run(int a);\n  int size;\n};\n}}}\n#endif\n"
    )
    names = {d.name for d in outline(text, "cpp").definitions}

    assert {"thing", "run", "size"} <= names
