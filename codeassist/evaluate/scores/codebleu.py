"""CodeBLEU [2009.10297] of one answer, with the library codebleu where installed."""

import tokenize
from contextlib import suppress
from functools import cache, lru_cache
from importlib.util import find_spec
from statistics import fmean

__all__ = ["NOTE", "available", "codebleu"]

NOTE = (
    "CodeBLEU is absent: the package codebleu is not installed; "
    "pip install --no-deps codebleu==0.7.0"
)
"""For a report without it. (The package's own pins forbid today's grammars.)"""

LANGUAGES = {
    "python": "python",
    "java": "java",
    "javascript": "javascript",
    "csharp": "c_sharp",
    "php": "php",
    "c": "c",
    "cpp": "cpp",
    "go": "go",
    "ruby": "ruby",
    "rust": "rust",
}
"""LSP identifier to the library's name."""

NGRAM = 4
"""A reference with fewer tokens has no BLEU-4."""


@cache
def available() -> bool:
    """Whether the library is installed."""
    return find_spec("codebleu") is not None


def codebleu(reference: str, text: str, language: str) -> float | None:
    """Mean of BLEU, weighted BLEU, syntax match and data-flow match, from 0 to 1.

    The library's own mean gives a right answer less than 1 where the reference has
    fewer than four tokens, and a wrong one at least 0.25 where no data flow is matched.
    Here a component for which the reference has nothing is left out and the others
    share its weight, so that the reference itself scores 1 and an empty answer 0.

    Args:
        reference: What stood there; not blank.
        text: The answer.
        language: LSP identifier.

    Returns:
        None where the library is absent or does not know the language.
    """
    if language not in LANGUAGES or not available():
        return None
    if not text.strip():
        return 0.0
    name = LANGUAGES[language]
    code, answer = _bare(reference, name), _bare(text, name)
    parts = [_syntax_match(code, answer, name)]
    if len(reference.split()) >= NGRAM:
        own = _ngram_matches(reference, reference, name)
        found = _ngram_matches(reference, text, name)
        # note: the library gives some references a little less than 1 of weighted BLEU
        parts += [min(1.0, a / b) for a, b in zip(found, own, strict=True)]
    flow = _flow(code, name)
    if flow:
        rest = list(_flow(answer, name))
        parts.append(sum(_taken(item, rest) for item in flow) / len(flow))
    return fmean(parts)


def _bare(code: str, name: str) -> str:
    """Without comments, where they can be told."""
    from codebleu.parser import remove_comments_and_docstrings

    with suppress(tokenize.TokenError, SyntaxError):
        return str(remove_comments_and_docstrings(code.strip(), name)) or code.strip()
    return code.strip()


def _syntax_match(reference: str, text: str, name: str) -> float:
    from codebleu import syntax_match

    return float(syntax_match.corpus_syntax_match([[reference]], [text], name))


def _ngram_matches(reference: str, text: str, name: str) -> tuple[float, float]:
    from codebleu import bleu, weighted_ngram_match

    tokens, answer = reference.split(), text.split()
    weights = {token: 1 if token in _keywords(name) else 0.2 for token in tokens}
    weighted = weighted_ngram_match.corpus_bleu([[[tokens, weights]]], [answer])
    return float(bleu.corpus_bleu([[tokens]], [answer])), float(weighted)


@cache
def _keywords(name: str) -> frozenset[str]:
    from codebleu.codebleu import PACKAGE_DIR

    return frozenset((PACKAGE_DIR / "keywords" / f"{name}.txt").read_text().split())


@lru_cache(maxsize=4096)
def _flow(code: str, name: str) -> tuple[object, ...]:
    """Edges of the data flow, variables numbered in their order.

    note: the library leaves the order of an edge's sources to the hash seed; sorted,
    the score is the same in every run.
    """
    from codebleu import dataflow_match
    from codebleu.utils import get_tree_sitter_language
    from tree_sitter import Parser

    parser = Parser(get_tree_sitter_language(name))
    found = dataflow_match.get_data_flow(
        code, [parser, dataflow_match.dfg_function[name]]
    )
    edges = [(to, at, how, sorted(sources), ()) for to, at, how, sources, _ in found]
    return tuple(map(repr, dataflow_match.normalize_dataflow(edges)))


def _taken(item: object, rest: list[object]) -> bool:
    if item not in rest:
        return False
    rest.remove(item)
    return True
