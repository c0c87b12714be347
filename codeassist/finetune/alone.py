"""Functions taken out of a file, each as a short file of its own."""

import re
import textwrap
from collections.abc import Iterator

from tree_sitter import Node

from codeassist.grammars import parser

__all__ = ["functions_alone"]

FUNCTION = re.compile(r"func|method|constructor")
SHORTEST, LONGEST = 120, 2400
"""Characters of a function that is worth a file."""

IMPORT = re.compile(r"(?:import|from) [A-Za-z].*", re.MULTILINE)
IMPORTS = 4
"""Lines of imports above a Python function at the most."""


def functions_alone(text: str, language: str) -> list[str]:
    """Files of one function each, those with a docstring first; in the file's order.

    In Python the imports whose names it uses stand above it.

    Args:
        text: The whole file.
        language: LSP identifier; without a grammar there are none.
    """
    reader = parser(language)
    if reader is None:
        return []
    raw = text.encode("utf-8", "replace")
    found: list[tuple[bool, str]] = []
    for node in _functions(reader.parse(raw).root_node):
        line = raw.rfind(b"\n", 0, node.start_byte) + 1
        lead = raw[line : node.start_byte]
        start = line if not lead.strip() else node.start_byte
        function = textwrap.dedent(raw[start : node.end_byte].decode()) + "\n"
        if SHORTEST <= len(function) <= LONGEST:
            head = _imports(text, function) if language == "python" else ""
            found.append((not _documented(node), head + function))
    return [function for _, function in sorted(found, key=lambda each: each[0])]


def _functions(root: Node) -> Iterator[Node]:
    """Functions that parse, not those inside of another one."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        body = node.child_by_field_name("body")
        if body is not None and FUNCTION.search(node.type) and not node.has_error:
            yield node
        else:
            waiting += reversed(node.named_children)


def _documented(node: Node) -> bool:
    body = node.child_by_field_name("body")
    first = body.named_children[:1] if body is not None else []
    return any((each.text or b"").startswith((b'"""', b"'''")) for each in first)


def _imports(text: str, function: str) -> str:
    """The imports that the function uses, as they stand in the file."""
    names = set(re.findall(r"\w+", function))
    lines = [
        line
        for line in IMPORT.findall(text)
        if line.count("(") == line.count(")")
        and names & set(re.findall(r"\w+", line.rpartition("import")[2]))
    ]
    chosen = list(dict.fromkeys(lines))[:IMPORTS]
    return "\n".join(chosen) + "\n\n\n" if chosen else ""
