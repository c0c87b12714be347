"""Published figures of a model's family, and what differs from ours."""

from collections.abc import Mapping

__all__ = ["note"]

HUMANEVAL_FIM: Mapping[str, float] = {
    "qwen2.5-coder-0.5b": 77.7,
    "qwen2.5-coder-1.5b": 83.5,
}
"""Base models, HumanEval-FIM average of the Qwen2.5-Coder report [2409.12186], in per
cent, quoted at second hand."""

DIFFERS = (
    "theirs is the base model, not quantised, ours its instruct-tuned sibling in 4 "
    "bits; theirs is an average whose parts (languages, kinds of hole, exact match or "
    "tests) the source at hand does not tell, ours is Python with the tests run"
)


def note(origin: str, model: str, n: int) -> str:
    """What to print beside our figure; empty where nothing comparable is published.

    Args:
        origin: Name of the set.
        model: Catalog id.
        n: Holes that were filled.
    """
    figure = HUMANEVAL_FIM.get(model)
    if figure is None or not origin.startswith("infilling-"):
        return ""
    return (
        f"published: {figure} (HumanEval-FIM average, Qwen2.5-Coder report, base model "
        f"of {model}, quoted at second hand). What differs: {DIFFERS}; theirs is the whole "
        f"set, ours {n} holes of it; ours is prompted, stopped and trimmed as for an editor"
    )
