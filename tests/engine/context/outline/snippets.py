"""Snippets of each language, with what their outline shall say."""

from pathlib import Path

from codeassist.engine.context.outline import Import, Outline

FOLDER = Path(__file__).parent / "snippets"
LINE = "=====\n"

NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def snippet(name: str) -> tuple[bytes, str]:
    """A file's text and its outline as `shown` writes it."""
    text, _, expected = (FOLDER / f"{name}.txt").read_text("utf-8").partition(LINE)
    return text.encode(), expected


def shown(outline: Outline) -> str:
    """One line for each definition and import, to be read and compared."""
    lines = []
    for defined in outline.definitions:
        around = (
            outline.definitions[defined.parent].name if defined.parent >= 0 else "-"
        )
        lines.append(
            f"{defined.kind} {defined.name} of {around},"
            f" rows {defined.start_row}-{defined.end_row},"
            f" {'exported' if defined.exported else 'hidden'}: {defined.signature!r}"
            + (f" doc {defined.doc!r}" if defined.doc else "")
        )
    lines += map(_shown, outline.imports)
    return "".join(f"{line}\n" for line in lines)


def _shown(found: Import) -> str:
    names = ", ".join(
        f"{name or 'it'} as {alias}" if alias else name for name, alias in found.names
    )
    module = "." * found.relative + found.module
    return f"{found.kind} {module} in row {found.row}" + (f": {names}" if names else "")
