"""What is measured of one answer by looking at its text, and what each metric means.

Trailing white space, once for all: two texts are compared after white space at the ends
of lines and at the end of the text is taken away (`normal`). White space at the start
counts: it is indentation, or the line end with which the reference begins.

A hole without a reference, or with nothing but white space for one, has no score of the
metrics that compare with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from codeassist.evaluate.hole import Hole
from codeassist.evaluate.sets import cut

from . import in_place
from .codebleu import codebleu

__all__ = ["METRICS", "Metric", "normal", "text_scores"]


@dataclass(frozen=True, slots=True)
class Metric:
    """How a score is called and read."""

    name: str
    """In `Row.scores`."""

    title: str
    about: str
    """Formula and conditions, for the report."""

    rising: bool = True
    """Whether more is better."""


METRICS = (
    Metric("exact_match", "exact match", "the whole text is the reference"),
    Metric(
        "first_line",
        "first line",
        "the first line that is not blank is the reference's",
    ),
    Metric("edit_similarity", "edit similarity", "rapidfuzz fuzz.ratio / 100"),
    Metric(
        "edit_similarity_repoeval",
        "edit similarity (RepoEval)",
        "1 - Levenshtein / longer length, of stripped lines that are not blank, the "
        "answer cut to as many as the reference has",
    ),
    Metric(
        "identifier_match",
        "identifier match",
        "the same identifiers in the same order as the reference, by tree-sitter",
    ),
    Metric(
        "identifier_f1",
        "identifier F1",
        "F1 of the set of identifiers against the reference's, by tree-sitter",
    ),
    Metric(
        "parses",
        "parse rate",
        "the file is no more broken with the answer than with the reference, by "
        "tree-sitter, which forgives some errors (Python: a block without a line)",
    ),
    Metric(
        "codebleu",
        "CodeBLEU",
        "codebleu 0.7.0; a component of which the reference has nothing is left out",
    ),
    Metric("pass@1", "pass@1", "unbiased estimate that one sample passes the tests"),
    Metric("pass@5", "pass@5", "unbiased estimate that one of 5 samples passes"),
    Metric("pass@10", "pass@10", "unbiased estimate that one of 10 samples passes"),
    Metric("pass@100", "pass@100", "unbiased estimate that one of 100 samples passes"),
    Metric(
        "runtime_error",
        "run-time errors",
        "samples whose program does not end by itself with a result: an exception "
        "other than a failed test, or a limit of the sandbox",
        rising=False,
    ),
    Metric(
        "efficiency",
        "efficiency",
        "CPU time of the program with the reference / with the answer, start of the "
        "interpreter included, both run now; of answers that pass",
    ),
)


def normal(text: str) -> str:
    """A text without white space at the ends of its lines and at its end."""
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip()


def text_scores(hole: Hole, text: str) -> Mapping[str, float]:
    """Scores of an answer; a metric that does not apply is absent.

    Args:
        hole: Its reference is compared with.
        text: The answer; cut at the texts at which its set ends answers.
    """
    text = cut(hole, text)
    scores = _syntax(hole, text)
    if normal(hole.middle):
        scores |= _comparison(hole, normal(text))
    return {name: value for name, value in scores.items() if value is not None}


def _comparison(hole: Hole, text: str) -> dict[str, float | None]:
    reference = normal(hole.middle)
    scores: dict[str, float | None] = {
        "exact_match": float(text == reference),
        "first_line": float(_first_line(text) == _first_line(reference)),
        "edit_similarity": fuzz.ratio(text, reference) / 100,
        "codebleu": codebleu(reference, text, hole.language),
    }
    if hole.origin == "repoeval":
        scores["edit_similarity_repoeval"] = _repoeval(text, reference)
    return scores


def _first_line(text: str) -> str:
    """With its indentation; empty where there is none that is not blank."""
    return next((line for line in text.split("\n") if line), "")


def _repoeval(text: str, reference: str) -> float:
    """RepoCoder's edit similarity [2303.12570]."""
    expected = _stripped(reference)
    lines = _stripped(text)[: len(expected)]
    return Levenshtein.normalized_similarity("\n".join(lines), "\n".join(expected))


def _stripped(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _syntax(hole: Hole, text: str) -> dict[str, float | None]:
    """Parse rate and identifiers, where there is a grammar."""
    answer = in_place.read(hole, text)
    if answer is None:
        return {}
    reference = in_place.read(hole, hole.middle) if hole.middle else None
    errors, spoiled = (reference.errors, reference.spoiled) if reference else (0, 0)
    parses = answer.errors <= errors and answer.spoiled <= spoiled
    scores: dict[str, float | None] = {"parses": float(parses)}
    if reference and reference.names:
        same = answer.names == reference.names
        scores["identifier_match"] = float(same)
        scores["identifier_f1"] = _f1(set(answer.names), set(reference.names))
    return scores


def _f1(found: set[str], expected: set[str]) -> float:
    return 2 * len(found & expected) / (len(found) + len(expected))
