"""The tree-sitter grammar of a language: installed wheels that need no network."""

from functools import cache
from importlib import import_module

from tree_sitter import Language, Parser

__all__ = ["NAMES", "grammar", "parser"]

GRAMMARS = {
    "python": ("python", "language"),
    "javascript": ("javascript", "language"),
    "typescript": ("typescript", "language_typescript"),
    "typescriptreact": ("typescript", "language_tsx"),
    "go": ("go", "language"),
    "rust": ("rust", "language"),
    "java": ("java", "language"),
    "c": ("c", "language"),
    "cpp": ("cpp", "language"),
    "csharp": ("c_sharp", "language"),
    "ruby": ("ruby", "language"),
    "php": ("php", "language_php"),
    "lua": ("lua", "language"),
    "shellscript": ("bash", "language"),
    "kotlin": ("kotlin", "language"),
    "scala": ("scala", "language"),
    "swift": ("swift", "language"),
}
"""LSP identifier to the wheel's module and the name of its language."""

NAMES = tuple(GRAMMARS)


@cache
def grammar(language: str) -> Language | None:
    """The grammar of a language, by its LSP identifier; None where there is none."""
    if language not in GRAMMARS:
        return None
    module, attribute = GRAMMARS[language]
    return Language(getattr(import_module(f"tree_sitter_{module}"), attribute)())


def parser(language: str) -> Parser | None:
    """A new parser (one for each thread); None where there is no grammar."""
    found = grammar(language)
    return Parser(found) if found is not None else None
