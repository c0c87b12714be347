"""What queries cannot say of a language: a small table."""

import re
from dataclasses import dataclass, replace

__all__ = ["Traits", "of"]

PRIVATE = re.compile(r"\b(?:private|fileprivate)\b")


@dataclass(frozen=True, slots=True)
class Traits:
    """How a language writes comments, paths and visibility."""

    comment: bytes = b"//"
    """Leader of a line comment. A block comment is ``/* … */`` where it is ``//``."""

    docstrings: bool = False
    """The documentation is a string at the start of the body."""

    depth: int = 7
    """Nodes below the root from which no pattern starts. Most of a query's time goes
    into expressions; few definitions are as deep."""

    separator: str = "."
    """Between the parts of a module's path."""

    hidden_name: re.Pattern[str] | None = None
    """Start of a name that other files shall not use."""

    hidden: re.Pattern[str] | None = None
    """In a signature: other files cannot use it."""

    shown: re.Pattern[str] | None = None
    """In a top-level signature: only so can others use it."""


_UNDERSCORE = re.compile(r"_(?!_.*__$)")
_SCRIPT = Traits(
    hidden_name=re.compile(r"[_#]"),
    hidden=PRIVATE,
    shown=re.compile(r"\bexports?\b"),
)
_CLASSES = Traits(hidden=PRIVATE)
_C = Traits(
    hidden=re.compile(r"^static\b(?!\s+(?:\w*inline\w*|const|constexpr)\b)"),
    separator="::",
    depth=9,
)
_HASH = Traits(comment=b"#", hidden_name=_UNDERSCORE)

_TRAITS = {
    "python": Traits(comment=b"#", docstrings=True, depth=5, hidden_name=_UNDERSCORE),
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "typescriptreact": _SCRIPT,
    "go": Traits(separator="/", hidden_name=re.compile(r"[a-z_]")),
    "rust": Traits(separator="::", shown=re.compile(r"\bpub\b|^impl\b|^macro_rules")),
    "c": _C,
    "cpp": replace(_C, depth=12),
    "php": Traits(separator="\\", hidden=PRIVATE),
    "ruby": _HASH,
    "shellscript": _HASH,
    "lua": Traits(comment=b"--", hidden=re.compile(r"^local\b")),
}


def of(language: str) -> Traits:
    """The traits of a language; those of Java and its like for all that have none."""
    return _TRAITS.get(language, _CLASSES)
