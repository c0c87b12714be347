"""Suggestions that the user took and kept, as holes in the files that are learned.

Nothing but these files is learned: a suggestion counts where its line stands in them,
so that neither what is kept for judging nor what is ignored comes in by the records.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from codeassist.records import Asked
from codeassist.training.fim_data import Document, Example

from .asking import Asker
from .cuts import Cut
from .mixture import ExampleMixture

__all__ = ["of_accepted", "places"]

KIND = "accepted"


def places(
    taken: Iterable[Asked], root: Path, documents: Sequence[Document]
) -> Iterator[tuple[Document, Cut]]:
    """Where suggestions stand in the files, each place once.

    Args:
        taken: Requests with their texts, whose suggestions were accepted.
        root: Folder of the user's repository, or one in it.
        documents: The files that are learned; their paths start there.
    """
    known = {each.path: each for each in documents}
    seen: set[tuple[str, int, int]] = set()
    for asked in taken:
        document = _document(asked, root, known)
        cut = _cut(document.text, asked) if document else None
        if document is None or cut is None:
            continue
        place = (document.path, cut.start, cut.end)
        if place not in seen:
            seen.add(place)
            yield document, cut


def _document(
    asked: Asked, root: Path, known: Mapping[str, Document]
) -> Document | None:
    file = Path(asked.root, asked.path)  # an absolute path is what it is
    try:
        return known.get(file.resolve().relative_to(root).as_posix())
    except (OSError, ValueError):  # elsewhere, or no path at all
        return None


def _cut(text: str, asked: Asked) -> Cut | None:
    """The hole that the suggestion fills, where its lines are there once; else None."""
    assert asked.texts is not None, "asked for with texts"
    texts = asked.texts
    head, answer, tail = (
        each.replace("\r\n", "\n") for each in (texts.before, texts.answer, texts.after)
    )
    head, tail = head.rpartition("\n")[2], tail.partition("\n")[0]
    answer = answer if tail else answer.rstrip("\n")
    lines, within = f"\n{head}{answer}{tail}\n", f"\n{text}\n"
    at = within.find(lines)
    if at < 0 or within.find(lines, at + 1) >= 0 or not answer.strip():
        return None
    start = at + len(head)
    return Cut(KIND, start, start + len(answer))


def of_accepted(
    found: Iterable[tuple[Document, Cut]],
    asker: Asker,
    mixture: ExampleMixture,
    seed: int,
) -> list[Example]:
    """An example of each place that is not too long."""
    dice = random.Random(f"accepted\0{seed}")
    made = (asker.example(each, cut, mixture.window(dice)) for each, cut in found)
    return [example for example in made if example is not None]
