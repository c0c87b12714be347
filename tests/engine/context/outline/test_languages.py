"""What is found in real constructs of each language."""

import pytest

from codeassist.engine.context.outline import outline
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
