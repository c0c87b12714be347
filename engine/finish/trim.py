"""What the file has already is not offered again."""

import re

from codeassist.engine.brackets import CLOSER_OF, CLOSERS, QUOTES, scan

from .line import Line
from .place import indentation

__all__ = ["closed", "ends_with_rest", "finish", "join", "loosens_rest", "repeats_rest"]

BLANKS = re.compile(r"[ \t]*")
OVERLAP = 3
"""Characters, white space aside, by which an answer may run into the rest of the line
before that is taken for a repetition and not for chance."""

CLOSES = re.compile(r"\W+|(?:end|fi|done|esac|until)\W*")
"""Any language's line that does nothing but close a block."""

ANGLE = re.compile(r"(?<![-=])>")

INDENTED = re.compile(r"(?: {2}|\t)[ \t]*\S")

OPENS = re.compile(
    r"[:({\[,\\=+]$|\b(do|then|else|begin)$"
    r"|^\s*(if|unless|while|until|case|for|def|class|module|function)\b"
)
"""Any language's line behind which a deeper one is no surprise."""


def finish(text: str, head: str, rest: str, next_line: str) -> str:
    """The text as it is offered; empty where the file says it already.

    Args:
        text: What the model wrote, cut at its end.
        head: The cursor's line before the cursor.
        rest: The cursor's line after the cursor.
        next_line: The next line of the file that is not blank.
    """
    rest = rest.rstrip()
    text = _without_indentation(text, head)
    if rest:
        text = _without_rest(_without_line_breaks(text), head, rest)
        text = _with_line_breaks(_without_line_breaks(text), head, rest)
    else:
        text = _without_next_line(text.rstrip(), next_line)
    if text.strip() in {"", rest.strip()}:
        return ""
    return "" if not rest and _is_next_line(text, head, next_line) else text


def join(text: str, head: str, rest: str) -> str:
    """Several lines that end where the rest of the line begins, without that rest.

    White space at their end stays: it stands before the rest.

    Args:
        text: What the model wrote, cut at its end.
        head: The cursor's line before the cursor.
        rest: The cursor's line after the cursor.
    """
    rest = rest.rstrip()
    line = Line(head, rest)
    if text.endswith(rest) and line.takes(text, len(text) - len(rest)):
        text = text[: -len(rest)]
    else:
        text = text[: _overlap(text, line)]
    return text if text.strip() else ""


def loosens_rest(text: str, head: str, rest: str) -> bool:
    """Whether brackets of the rest of the line close nothing any more with the text.

    Of a bracket that was opened above the line that is told by what the text closes and
    does not open.

    Args:
        text: As it is to stand before that rest.
        head: The cursor's line before the cursor.
        rest: The cursor's line after the cursor.
    """

    def loose(before: str) -> int:
        return sum(at >= len(before) for at in scan(before + rest).loose)

    before, after = scan(head), scan(head + text)
    closed = len(after.loose) - len(before.loose)
    closes_more = closed > max(0, len(after.open) - len(before.open))
    with_text = loose(head + text)
    return with_text > loose(head) or (closes_more and with_text > 0)


def closed(text: str, head: str, rest: str) -> str:
    """One line that its model has ended, with the brackets closed that it left open.

    That is where the rest of the line closes others, so that it closes the wrong ones,
    and the line is whole with them.

    Args:
        text: As it is offered.
        head: The cursor's line before the cursor.
        rest: The cursor's line after the cursor.
    """
    line = Line(head, rest)
    own = scan(text, before=head, quote=line.quote)
    said = text.rstrip()
    ends = said[-1:].isalnum() or said.endswith(("_", *CLOSERS, *QUOTES))
    if "\n" in text or own.quote or not (ends and own.open and scan(rest).loose):
        return text
    whole = said + "".join(CLOSER_OF[each] for each in reversed(own.open))
    worse = line.faults(text) > line.faults("")
    mended = worse and line.faults(whole) <= line.faults("")
    return whole + text[len(said) :] if mended else text


def ends_with_rest(text: str, head: str, rest: str) -> bool:
    """Whether whole lines end in the rest of the line, which may be as short as `"}`.

    Brackets alone are no such end: what comes behind them may open others. Nor is a
    sign in which many lines end.

    Args:
        text: What the model wrote, up to a line break.
        head: The cursor's line before the cursor.
        rest: The cursor's line after the cursor.
    """
    rest = rest.rstrip()
    text = text.rstrip()
    if not rest.strip(CLOSERS + ",;") or not text.endswith(rest):
        return False
    if len(rest) == 1 and rest not in QUOTES + ":":
        return False
    _, line_break, last = text.rpartition("\n")
    if line_break and last.strip() != rest:
        return False
    at = len(text) - len(rest)
    return _is_whole(text, at, len(text)) and Line(head, rest).takes(text, at)


def repeats_rest(text: str, head: str, rest: str) -> bool:
    """Whether a text that is still being written has said the rest of the line.

    Args:
        text: What the model has written so far.
        head: The cursor's line before the cursor.
        rest: The cursor's line after the cursor.
    """
    rest = rest.rstrip()
    if len(rest) < OVERLAP or not rest.strip(CLOSERS + QUOTES) or rest not in text:
        return False
    if _in_word(rest[-1]) and text.endswith(rest):
        return False  # its last word may go on
    return _runs_into(text, Line(head, rest)) is not None


def _without_line_breaks(text: str) -> str:
    """The text without white space behind its last line; blanks on it stay."""
    short = text.rstrip()
    return short if "\n" in text[len(short) :] else text


def _without_indentation(text: str, head: str) -> str:
    """Drop the blanks that stand before the cursor, where the text has them again."""
    blanks = BLANKS.match(text)
    own = blanks[0] if blanks else ""
    if not head or head.strip() or not own.startswith(head):
        return text
    first, *others = text[len(own) :].split("\n")
    filled = [line for line in others if line.strip()]
    deeper = filled and all(line.startswith(head + own) for line in filled)
    if deeper and not OPENS.search(first.rstrip()):
        return text
    if all(line.startswith(own) for line in filled):
        others = [head + line[len(own) :] if line.strip() else line for line in others]
    elif not all(line.startswith(head) for line in filled):
        return text
    return "\n".join([first, *others])


def _is_next_line(text: str, head: str, next_line: str) -> bool:
    """Whether the cursor's line would be the file's next one.

    Of a closer its indentation tells that: the next one may close what is around it.
    """
    line, next_line = (head + text).rstrip(), next_line.rstrip()
    if CLOSES.fullmatch(text.strip()):
        return not head.strip() and line == next_line
    return line.strip() == next_line.strip() if not head.strip() else line == next_line


def _without_next_line(text: str, next_line: str) -> str:
    """Drop a last line that follows in the file anyway."""
    body, line_break, last = text.rpartition("\n")
    if not line_break or not last.strip() or last != next_line.rstrip():
        return text
    if last.strip()[0] in CLOSERS and not scan(text).loose:
        return text
    return body.rstrip()


def _with_line_breaks(text: str, head: str, rest: str) -> str:
    """A body between two braces of one line stands on lines of its own."""
    if INDENTED.match(text) and head.rstrip()[-1:] == "{" and rest[:1] == "}":
        deeper = indentation(text) > indentation(head)
        text = "\n" + text if deeper else text
    if text.startswith("\n") and text.strip() and rest.lstrip().startswith("}"):
        blanks = BLANKS.match(head)
        return text + "\n" + (blanks[0] if blanks else "")
    return text


def _without_rest(text: str, head: str, rest: str) -> str:
    """Cut what the rest of the line repeats.

    Of a text that closes the cursor's string, which the file leaves open, that is told
    from there on.
    """
    line = Line(head, rest)
    inside = line.inside(text)
    if inside:
        return inside + _without_rest(text[len(inside) :], head + inside, rest)
    text = _cut(text, line)
    return _without_inner_closer(text, line) if line.quote else text


def _cut(text: str, line: Line) -> str:
    whole = line.fault(text)
    runs = _runs_into(text, line)
    if runs is not None:
        return text[:runs]
    if whole > line.fault(""):
        cuts = _closings(text, line)
        if cuts:
            return text[: min(cuts, key=lambda cut: (*line.faults(text[:cut]), cut))]
    return text[: _overlap(text, line)]


def _without_inner_closer(text: str, line: Line) -> str:
    """Cut at a bracket that the string around the cursor closes right behind it."""
    closer = line.rest[:1]
    if closer not in tuple(CLOSERS) or closer not in text:
        return text
    begin = line.head.rfind(line.quote) + 1
    end = scan(line.rest, quote=line.quote).left

    def loose(part: str) -> int:
        whole = line.head[begin:] + part + line.rest[:end]
        return len(scan(re.sub(f"[{QUOTES}]", " ", whole)).loose)

    most, at = loose(""), len(text)
    while at >= 0 and loose(text[:at]) > most:
        at = text.rfind(closer, 0, at)
    return text if at < 0 else text[:at]


def _runs_into(text: str, line: Line) -> int | None:
    """Where the text says all of the rest of the line."""
    rest = line.rest
    if len(rest) == 1 and rest not in ";:":
        return None
    if not rest.strip(CLOSERS + QUOTES) and line.fault(text) <= line.fault(""):
        return None  # `a) * (b` in brackets
    at = text.find(rest)
    while at >= 0:
        # a cursor within a word is met by no boundary, but by a long repetition
        start = at if len(rest) < OVERLAP else 0
        if _is_whole(text, at, at + len(rest), start) and line.takes(text, at):
            return at
        at = text.find(rest, at + 1)
    return None


def _is_whole(text: str, at: int, end: int, *borders: int) -> bool:
    """Whether a piece of a text cuts no word, and no `::` or `x:y`, apart."""
    if text[at:end] == ":" and text[end : end + 1].strip():
        return False
    return not any(
        0 < n < len(text) and _in_word(text[n - 1]) and _in_word(text[n])
        for n in (*borders, end)
    )


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _closings(text: str, line: Line) -> list[int]:
    """Where the text closes what the rest of the line closes, too."""
    found = scan(text, before=line.head, quote=line.quote)
    rest = scan(line.rest, before=line.head, quote=line.quote)
    if line.quote and rest.left is not None:
        return [] if found.left is None else [found.left]
    if not rest.loose:
        return []
    closer = line.rest[rest.loose[0]]
    return [at for at in found.loose if text[at] == closer]


def _overlap(text: str, line: Line) -> int:
    """Length of the text without an end that the rest of the line begins with."""
    rest = line.rest
    whole = line.fault(text)
    for n in range(min(len(text), len(rest)), 0, -1):
        at = len(text) - n
        if not text.endswith(rest[:n]) or not _is_whole(text, at, len(text), at):
            continue
        if line.fault("") < whole and line.fault(text[:at]) < whole:
            return at
        if line.takes(text, at) and (
            _is_repetition(rest, n) or _is_doubled(text, line)
        ):
            return at
    return len(text)


def _is_repetition(rest: str, n: int) -> bool:
    """Whether `n` characters of the rest of the line are more than chance."""
    said = "".join(rest[:n].split())
    if said in set(CLOSERS + QUOTES):
        return False
    return said in {";", ",", ":"} or len(said) >= OVERLAP or 1 < n == len(rest)


def _is_doubled(text: str, line: Line) -> bool:
    """Whether a text ends with the sign that is all of the rest: of a sentence, a tag."""
    if line.rest == ".":
        return text[-2:-1] not in ("", ".")
    return line.rest == ">" and all(
        _loose_angles(part) > 0 for part in (text, line.head + text + line.rest)
    )


def _loose_angles(text: str) -> int:
    """By how many `>` a text closes more than it opens; arrows aside."""
    return len(ANGLE.findall(text)) - text.count("<")
