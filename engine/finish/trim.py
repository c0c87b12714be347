"""What the file has already is not offered again."""

__all__ = ["finish"]

PAIRS = {")": "(", "]": "[", "}": "{"}


def finish(text: str, head: str, rest: str, next_line: str) -> str:
    """The text as it is offered; empty where the file says it already.

    Args:
        text: What the model wrote, cut at its end.
        head: The cursor's line before the cursor.
        rest: The cursor's line after the cursor.
        next_line: The next line of the file that is not blank.
    """
    text = text.rstrip() if not rest.strip() else text
    if "\n" not in text:
        text = _without_rest(text, head, rest)
    if not text.strip():
        return ""
    if text.strip() == rest.strip():
        return ""
    same_line = not head.strip() and not rest.strip()
    if same_line and text.strip() == next_line.strip():
        return ""
    return text


def _without_rest(text: str, head: str, rest: str) -> str:
    """Cut what the rest of the line repeats, as far as brackets stay balanced."""
    rest = rest.rstrip()
    for n in range(min(len(text), len(rest)), 0, -1):
        if not text.endswith(rest[:n]):
            continue
        shorter = text[: len(text) - n]
        whole, cut = _surplus(head + text + rest), _surplus(head + shorter + rest)
        if cut < whole or (cut == whole and n == len(rest) and n > 1):
            return shorter
    return text


def _surplus(line: str) -> int:
    """Closing brackets of a line that nothing opened on it."""
    stack: list[str] = []
    surplus = 0
    for character in line:
        if character in "([{":
            stack.append(character)
        elif character in PAIRS:
            if stack and stack[-1] == PAIRS[character]:
                stack.pop()
            else:
                surplus += 1
    return surplus
