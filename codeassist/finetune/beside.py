"""Examples beside those of the files as they are: of their history, and of other code."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from codeassist.training.fim_data import Example

from .asking import Asker
from .building import examples_of
from .changes import Change
from .generic import generic_documents
from .mixture import ExampleMixture

__all__ = ["GENERIC", "HISTORY", "of_changes", "of_other_code"]

GENERIC = 0.25
"""Of all examples: so many that what the base can do is not forgotten."""

HISTORY = 0.3
"""Of the repository's examples at the most: what its commits brought."""

PER_FILE = 2
ALONE = 0.2
"""Share of one function as the whole file, as the house's own adapter learned it."""


def of_changes(
    found: Sequence[Change], wanted: int, asker: Asker, mixture: ExampleMixture
) -> list[Example]:
    """Examples at the lines that commits added; the newest commits' where too many.

    A place that several commits changed comes in several times, as it was each time.
    """
    dice = random.Random(f"changes\0{len(found)}")
    made = (
        asker.example(change.document, cut, mixture.window(dice))
        for change in found
        for cut in change.cuts
    )
    return [*islice((example for example in made if example is not None), wanted)]


def of_other_code(
    beside: int, asker: Asker, mixture: ExampleMixture, seed: int
) -> list[Example]:
    """Examples of code that is no repository's own: `GENERIC` of all.

    Args:
        beside: How many examples the repository has.
        asker: Of the model.
        mixture: That of the repository.
        seed: Of every draw.
    """
    wanted = round(beside * GENERIC / (1 - GENERIC))
    asked = ExampleMixture()  # of left to right only a little: nobody asks for it there
    usual = replace(
        mixture,
        kinds=asked.kinds,
        plain=asked.plain,
        context=0.0,
        alone=ALONE,
        per_file=PER_FILE,
    )
    documents = generic_documents(wanted, seed)
    return examples_of(documents, wanted, asker, usual, seed)
