"""One table of languages: extensions, comment leader, how a block opens and closes."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

__all__ = ["IDS", "Blocks", "Language", "by_id", "of_path"]


class Blocks(Enum):
    """What tells a reader that a block has ended."""

    INDENT = "indent"
    """A line that is less indented (Python)."""

    BRACES = "braces"
    """A closing brace (C and its relatives)."""

    WORDS = "words"
    """A closing word such as ``end`` or ``fi`` (Ruby, Lua, shells)."""


@dataclass(frozen=True, slots=True)
class Language:
    """What the engine needs to know of a language."""

    name: str
    """LSP language identifier."""

    extensions: tuple[str, ...]
    """File name endings, dot included; whole names where there is no ending."""

    comment: str
    """Leader of a line comment."""

    blocks: Blocks
    opens: str = r"[{(\[]$"
    """Regular expression found in a line (without comment and trailing space) that
    opens a block."""

    closers: tuple[str, ...] = ("}", ")", "]")
    """Line starts that close one, at the indentation of its opener."""

    dividers: tuple[str, ...] = ()
    """Those of the closers behind which the next part begins (``else``)."""

    aliases: tuple[str, ...] = ()
    """Other LSP identifiers that editors send."""

    parts: tuple[str, ...] = ()
    """Words that begin a line within a block at the indentation of its opener
    (``case``); ``#`` for lines of the preprocessor, at any."""


def _braces(
    name: str,
    *extensions: str,
    comment: str = "//",
    opens: str = "(?!)",
    aliases: tuple[str, ...] = (),
    parts: tuple[str, ...] = (),
) -> Language:
    opens = rf"[{{(\[]$|^\s*(case\b.*|default)\s*:$|{opens}"
    parts = ("case", "default", *parts)
    return Language(
        name, extensions, comment, Blocks.BRACES, opens, aliases=aliases, parts=parts
    )


def _words(
    name: str,
    extensions: tuple[str, ...],
    comment: str,
    opens: str,
    closers: tuple[str, ...],
    dividers: tuple[str, ...],
    aliases: tuple[str, ...] = (),
    parts: tuple[str, ...] = (),
) -> Language:
    return Language(
        name,
        extensions,
        comment,
        Blocks.WORDS,
        opens,
        (*closers, *dividers, "}", ")", "]"),
        dividers,
        aliases,
        parts,
    )


LANGUAGES: tuple[Language, ...] = (
    Language(
        "python",
        (".py", ".pyi", ".pyw"),
        "#",
        Blocks.INDENT,
        opens=r"[:({\[]$",
        closers=(")", "]", "}"),
    ),
    _braces("javascript", ".js", ".mjs", ".cjs", ".jsx", aliases=("javascriptreact",)),
    _braces("typescript", ".ts", ".mts", ".cts"),
    _braces("typescriptreact", ".tsx"),
    _braces("go", ".go"),
    _braces("rust", ".rs"),
    _braces("java", ".java"),
    _braces("c", ".c", ".h", parts=("#",)),
    _braces(
        "cpp",
        *(".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"),
        parts=("#", "public", "private", "protected"),
    ),
    _braces("csharp", ".cs"),
    _braces("php", ".php"),
    _braces("kotlin", ".kt", ".kts", opens=r"\{[^{}]*->$"),
    _braces("scala", ".scala"),
    _braces("swift", ".swift", opens=r"\{[^{}]*\bin$"),
    _braces("css", ".css", ".scss", ".less", comment="/*"),
    _braces("json", ".json", ".jsonc", comment="//"),
    _words(
        "ruby",
        (".rb", "Rakefile", "Gemfile"),
        "#",
        r"(\bdo|\{) *\|[^|]*\|$|\b(do|then|begin|else|ensure)$|[{(\[]$"
        r"|^\s*(def|class|module|if|unless|while|until|case|for)\b(?!.*\bend$)",
        ("end",),
        ("else", "elsif", "rescue", "ensure", "when"),
        parts=("when",),
    ),
    _words(
        "lua",
        (".lua",),
        "--",
        r"\b(do|then|else|repeat)$|\bfunction\b[^()]*\([^()]*\)$|[{(\[]$",
        ("end", "until"),
        ("else", "elseif"),
    ),
    _words(
        "shellscript",
        (".sh", ".bash", ".zsh"),
        "#",
        r"\b(do|then|else|in)$|[{(]$|^\s*[^()\s#][^()]*\)$",
        ("fi", "done", "esac"),
        ("else", "elif", ";;"),
        ("sh", "bash", "zsh"),
    ),
    Language(
        "makefile",
        ("Makefile", ".mk"),
        "#",
        Blocks.INDENT,
        r"^[^\s#=:.][^#=:]*:(?!=)",
        (),
    ),
    Language("yaml", (".yaml", ".yml"), "#", Blocks.INDENT, r":( *[|>][-+]?)?$", ()),
    Language("toml", (".toml",), "#", Blocks.INDENT, r"\[$", ("]",)),
    Language("markdown", (".md",), "<!--", Blocks.INDENT, "(?!)", ()),
)

PLAIN = Language(
    "plaintext", (), "#", Blocks.INDENT, r"[:{(\[]$|\bdo$", ("}", ")", "]", "end")
)
"""Any file of an unknown kind."""


def _by(keys: Iterable[tuple[str, Language]]) -> dict[str, Language]:
    return dict(keys)


_EXTENSION = _by((e, lang) for lang in LANGUAGES for e in lang.extensions)
_ID = _by((i, lang) for lang in LANGUAGES for i in (lang.name, *lang.aliases))

IDS = tuple(_ID)
"""All identifiers that say more than a file's name."""


@lru_cache(maxsize=1 << 16)
def of_path(path: str) -> Language:
    """The language of a file, by its name; `PLAIN` for an unknown kind."""
    name = os.path.basename(path)  # noqa: PTH119 - a path object costs ten times that
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122
    return _EXTENSION.get(name) or _EXTENSION.get(suffix) or PLAIN


def by_id(language_id: str | None, path: str) -> Language:
    """The language an editor names, or else that of the file's name."""
    return _ID.get(language_id or "") or of_path(path)
