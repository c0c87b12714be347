"""Parse a file, run its language's query, and put together what it found."""

import re
import threading
from collections.abc import Callable

from tree_sitter import Parser, QueryCursor, Tree

from codeassist import grammars

from .definitions import DEFINITION_KINDS, MAX_NAME, definitions
from .imports import IMPORT_KINDS, Match, imports
from .model import Definition, Outline
from .queries import query
from .skeleton import Skeleton, skeleton
from .source import Source
from .traits import of

__all__ = ["Parse", "dialect", "outline", "parse", "read", "rows", "scopes"]

MAX_BYTES = 8 << 20
"""Of a larger file only the rows are counted."""

MAX_MEAN_LINE = 500
MINIFIED_BYTES = 20_000
"""From this size on, such long lines are taken for a minified file."""

MAX_MATCHES = 4096
"""Matches that are under way at the same time."""

CPP = re.compile(
    rb"^[ \t]*(?:class\s+\w|namespace\b|template\s*<|public\s*:|using\s)", re.MULTILINE
)
"""A line that C does not have, for headers whose name does not tell."""

EXPORTED = tuple(
    re.compile(
        rb"%b(?<!\w%b)[ \t]+((?:[A-Z][A-Z0-9_]+(?:\([^()\n]*\))?\s+)+)"
        rb"(?!final\b)(?=[A-Za-z_][\w:]*(?:<[^<>{};]*>)?\s*(?:final\s*)?(?::(?!:)|\{))"
        % (word, word)
    )
    for word in (b"class", b"struct")
)
"""Macros between a C++ class's keyword and its name, which the grammar does not know.
An expression for each keyword: what begins with one word is found ten times as fast."""

BLANK = bytes(c if c in b"\r\n" else 0x20 for c in range(256))

KINDS = DEFINITION_KINDS | IMPORT_KINDS | {"public"}
SCOPES = ("class", "function", "method", "module")

Parse = Callable[[bytes, str], Tree | None]
"""From a file and its language to its tree; None where there is no grammar."""

_own = threading.local()


def dialect(data: bytes, language: str) -> str:
    """The language itself, but C++ for a header of it that is named as C's are."""
    return "cpp" if language == "c" and CPP.search(data) else language


def parse(data: bytes, language: str, old: Tree | None = None) -> Tree | None:
    """The syntax tree, by this thread's own parser; None where there is no grammar.

    Args:
        data: The file.
        language: A name of `codeassist.grammars.NAMES`.
        old: The tree before `Tree.edit` was told of an edit: only what changed is
            parsed again.
    """
    parsers: dict[str, Parser | None] = _own.__dict__
    if language not in parsers:
        parsers[language] = grammars.parser(language)
    parser = parsers[language]
    if parser is None:
        return None
    return parser.parse(data, old) if old is not None else parser.parse(data)


def outline(data: bytes, language: str, whole: Parse | None = None) -> Outline:
    """Definitions and imports of a file; it never raises on bytes.

    Args:
        data: The file, in any encoding; UTF-8 is understood.
        language: A name of `codeassist.grammars.NAMES`; of others nothing is found.
        whole: Makes the tree of the whole file; None: less may be parsed.
    """
    language = dialect(data, language)
    if not _unreadable(data):
        if whole is None and language == "python":
            less = skeleton(data)
            tree = parse(less.text, language)
            if tree is not None and not tree.root_node.has_error:
                return read(tree, data, language, less)
        text = _without_macros(data) if language == "cpp" else data
        tree = (whole or parse)(text, language)
        if tree is not None:
            return read(tree, data, language)
    return Outline(language, rows(data), (), ())


def read(
    tree: Tree, data: bytes, language: str, less: Skeleton | None = None
) -> Outline:
    """What a parsed file defines and imports.

    Args:
        tree: Of the file, or of what was left of it.
        data: The file.
        language: Its language.
        less: What was left; None: all.
    """
    source = Source(data, less or Skeleton(data))
    patterns = query(language)
    assert patterns is not None
    cursor = QueryCursor(patterns, match_limit=MAX_MATCHES)
    traits = of(language)
    cursor.set_max_start_depth(traits.depth)
    defined: list[tuple[str, Match]] = []
    imported: list[tuple[str, Match]] = []
    public: set[str] = set()
    kinds: dict[int, str] = {}
    for match in cursor.matches(tree.root_node):
        pattern, captures = match
        kind = kinds.get(pattern)
        if kind is None:
            kind = kinds[pattern] = next(filter(KINDS.__contains__, captures))
        if kind in DEFINITION_KINDS:
            defined.append((kind, match))
        elif kind in IMPORT_KINDS:
            imported.append((kind, match))
        else:
            public |= {source.slice(node, MAX_NAME) for node in captures[kind]}
    aliases = {n[0].start_byte for _, (_, c) in imported if (n := c.get("alias"))}
    defined = [m for m in defined if m[1][1]["name"][0].start_byte not in aliases]
    return Outline(
        language,
        rows(data),
        definitions(source, defined, public, traits),
        tuple(imports(source, imported, traits)),
    )


def rows(data: bytes) -> int:
    """How many lines a file has; the last one need not be ended."""
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def scopes(outline: Outline, row: int) -> tuple[Definition, ...]:
    """The classes, functions and modules around a row, outermost first."""
    return tuple(
        d
        for d in outline.definitions
        if d.start_row <= row <= d.end_row and d.kind in SCOPES
    )


def _without_macros(data: bytes) -> bytes:
    """C++ with blanks for the macros that export a class; all else stays in its place."""
    for pattern in EXPORTED:
        data = pattern.sub(_blanked, data)
    return data


def _blanked(found: re.Match[bytes]) -> bytes:
    start = found.start(1) - found.start()
    return found[0][:start] + found[1].translate(BLANK)


def _unreadable(data: bytes) -> bool:
    size = len(data)
    if size <= MINIFIED_BYTES:
        return False
    return size > MAX_BYTES or size > MAX_MEAN_LINE * (data.count(b"\n") + 1)
