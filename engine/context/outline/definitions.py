"""From the captures of a query to a file's definitions."""

import re
from dataclasses import dataclass
from typing import cast, get_args

from tree_sitter import Node

from .comments import documentation
from .imports import Match
from .model import Definition, DefinitionKind
from .source import Source
from .traits import Traits

__all__ = ["DEFINITION_KINDS", "MAX_NAME", "definitions"]

DEFINITION_KINDS = frozenset(get_args(DefinitionKind))
CALLABLE = ("function", "method")
OWNERS = (("constant", "function"), ("class", "type"))
"""What a method may belong to that stands outside of it; the latter are preferred."""

MAX_DEFINITIONS = 50_000
LINE_FEED = ord("\n")
MAX_LEAD = 80
MAX_NAME = 200
MAX_SIGNATURE = 600
"""In bytes; what is longer is cut off at a line's end where there is one."""

LEAD = re.compile(rb"[\w\s]*")
GENERIC = re.compile(r"\s*[<\[(].*", re.DOTALL)
QUALIFIED = re.compile(r"(?:.*?(\w+)(?:<.*>)?)?(?:::|[.:])~?(?=[^.:]*$)", re.DOTALL)
OWNER = re.compile(r"(\w+)\W*$")
COMMENTS = re.compile(r"(?:\n\s*(?:#|//|--|/?\*)[^\n]*)+$")


@dataclass(slots=True)
class Draft:
    """A definition before all others of the file are known."""

    start: int
    end: int
    kind: str
    name: str
    owner: str
    body: int
    """Where the body begins, in bytes; -1 without one."""

    parent: int


def definitions(
    source: Source,
    matches: list[tuple[str, Match]],
    public: set[str],
    traits: Traits,
) -> tuple[Definition, ...]:
    """Put what was captured in order, each below what encloses it.

    Args:
        source: The file.
        matches: Kind and match of what a query found.
        public: Names that are exported somewhere in the file.
        traits: Of the file's language.
    """
    drafts = _nested(source, _ordered(matches))
    if any(draft.owner for draft in drafts):
        _adopt(drafts)
    return tuple([_finish(source, draft, public, traits) for draft in drafts])


Captured = tuple[int, int, int, int, str, dict[str, list[Node]]]
"""Start, end (negative, for sorting), start of the name, pattern, kind, captures."""


def _ordered(matches: list[tuple[str, Match]]) -> list[Captured]:
    """One for each name: of several the widest, then the earliest pattern's."""
    found: dict[int, Captured] = {}
    for kind, (pattern, captures) in matches:
        node = captures[kind][0]
        start, at = node.start_byte, captures["name"][0].start_byte
        other = found.get(at)
        if other is None or (start, pattern) < (other[0], other[3]):
            found[at] = start, -node.end_byte, at, pattern, kind, captures
    return sorted(found.values())[:MAX_DEFINITIONS]


def _nested(source: Source, ordered: list[Captured]) -> list[Draft]:
    """Find each one's parent and what it is inside it; drop what is only local."""
    kept: list[Draft] = []
    around: list[int] = []
    seen: set[tuple[int, str]] = set()
    place = source.place
    for start, end, _, _, kind, captures in ordered:
        start, end = place(start), place(-end)
        while around:
            last = kept[around[-1]]
            # Names of one statement (`var a, b`) stand beside each other.
            if start < last.end and (start != last.start or end != last.end):
                break
            around.pop()
        name, owner = _name(source, captures)
        body = place(captures["body"][0].start_byte) if "body" in captures else -1
        parent = around[-1] if around else -1
        draft = Draft(start, end, kind, name, owner, body, parent)
        if _belongs(draft, kept, seen):
            around.append(len(kept))
            kept.append(draft)
    return kept


def _name(source: Source, captures: dict[str, list[Node]]) -> tuple[str, str]:
    """The last part of a name, and the name of what it belongs to, where it says so."""
    name = source.slice(captures["name"][0], MAX_NAME)
    owner = ""
    if "owner" in captures:
        owner = source.slice(captures["owner"][0], MAX_NAME)
    if not name.isidentifier():
        before, operator, symbol = name.partition("operator")
        if operator:
            owner, name = before.rstrip(":") or owner, operator + symbol
        else:
            name = GENERIC.sub("", name.strip("\"'")).lstrip(":$") or name
            if qualified := QUALIFIED.match(name):
                owner, name = qualified[1] or "", name[qualified.end() :]
    if owner:
        last = OWNER.search(GENERIC.sub("", owner.lstrip("*&([ ")))
        owner = last[1] if last else ""
    return name, owner


def _belongs(draft: Draft, kept: list[Draft], seen: set[tuple[int, str]]) -> bool:
    inside = kept[draft.parent] if draft.parent >= 0 else None
    local = inside is not None and inside.kind in CALLABLE
    if draft.kind == "function":
        if inside is not None and inside.kind == "class":
            draft.kind = "method"
        return not local or draft.body >= 0
    if draft.kind == "field":
        while draft.parent >= 0 and kept[draft.parent].kind in CALLABLE:
            draft.parent = kept[draft.parent].parent
        local = draft.parent < 0
    elif draft.kind != "constant":
        return True
    key = draft.parent, draft.name
    if local or key in seen:
        return False
    seen.add(key)
    return True


def _adopt(drafts: list[Draft]) -> None:
    """Give methods that stand outside of their type that type as parent.

    A type may own if nothing around it is owned itself: so parents make no circle.
    """
    free: list[bool] = []
    for draft in drafts:
        free.append(not draft.owner and (draft.parent < 0 or free[draft.parent]))
    owners = {
        draft.name: index
        for kinds in OWNERS
        for index, draft in enumerate(drafts)
        if draft.kind in kinds and free[index]
    }
    for draft in drafts:
        if draft.owner and draft.owner in owners and draft.parent < 0:
            draft.parent = owners[draft.owner]
            draft.kind = "method" if draft.kind == "function" else draft.kind


def _finish(
    source: Source, draft: Draft, public: set[str], traits: Traits
) -> Definition:
    data, start, end = source.data, draft.start, draft.end
    line = data.rfind(b"\n", 0, start) + 1
    lead = data[line:start] if start - line < MAX_LEAD else b"("
    first = not lead or lead.isspace() or LEAD.fullmatch(lead)
    signature = _signature(data, line if first else start, draft)
    row = source.row(start)
    # A preprocessor's line ends with its line feed, at the start of the next row.
    last = data[end - 1] == LINE_FEED
    return Definition(
        draft.name,
        cast("DefinitionKind", draft.kind),
        row,
        row + data.count(b"\n", start, end - last),
        signature,
        documentation(data, line if first else -1, draft.body, traits),
        draft.parent,
        draft.name in public or _exported(draft, signature, traits),
    )


def _exported(draft: Draft, signature: str, traits: Traits) -> bool:
    if traits.hidden_name is not None and traits.hidden_name.match(draft.name):
        return False
    if traits.hidden is not None and traits.hidden.search(signature.partition("(")[0]):
        return False
    shown = traits.shown
    return shown is None or draft.parent >= 0 or shown.search(signature) is not None


def _signature(data: bytes, start: int, draft: Draft) -> str:
    """From the start of the line up to the body; constants and fields: one line."""
    end = draft.body if draft.body >= 0 else draft.end
    if draft.kind in ("constant", "field"):
        line_end = data.find(b"\n", draft.start, min(end, start + MAX_SIGNATURE))
        end = line_end if line_end >= 0 else end
    cut = end > start + MAX_SIGNATURE
    raw = data[start : start + MAX_SIGNATURE] if cut else data[start:end]
    text = raw.decode("utf-8", "replace").strip()
    if "\n" not in text:
        return text
    if cut:
        text = text.rpartition("\n")[0]
    text = COMMENTS.sub("", text.replace("\r\n", "\n"))
    indent = raw[: len(raw) - len(raw.lstrip())].decode("ascii", "replace")
    return text.replace("\n" + indent, "\n") if indent else text
