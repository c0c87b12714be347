"""The prompt of a request that may come, evaluated while nobody waits."""

from collections.abc import Callable, Sequence

import psutil

from .decode import Session, ThreadPolicy

__all__ = ["PIECE", "evaluate_ahead", "spare_power"]

PIECE = 256
"""Tokens between two looks whether it may go on: 0.8 s. A request need not wait for
them, it stops the step that is under way. Each piece begins with small steps again
(`decode/steps.py`), so pieces of 64 would cost 25 % more time than one, these 7 %."""

NEVER = float("-inf")
"""A deadline that has passed: a prompt finds its sequence, nothing is computed."""


def evaluate_ahead(
    session: Session, tokens: Sequence[int], go_on: Callable[[], bool]
) -> int:
    """Bring a prompt into the KV cache, up to the token whose logits are wanted.

    Args:
        session: The cache; armed with what stops a step half-way.
        tokens: The whole prompt.
        go_on: Asked before each piece.

    Returns:
        Tokens that were computed.

    Raises:
        ContextTooSmallError: more tokens than the context has.
        DecodeError: llama.cpp refused a batch.
    """
    end = len(tokens) - 1
    if session.cached[:end] == tokens[:end]:
        return 0  # an answer that stands behind the prompt stays
    at = start = session.evaluate(tokens, deadline=NEVER).reused
    while at < end and go_on():
        cost = session.evaluate(tokens[: min(at + PIECE, end)], ahead=True)
        at += cost.evaluated
        if not cost.complete:
            break
    return at - start


def spare_power(threads: ThreadPolicy) -> bool:
    """Whether a guess may cost something: most cores are idle, no battery feeds them.

    Args:
        threads: Knows how many cores other programs leave to a decode.
    """
    battery = psutil.sensors_battery()
    if battery is not None and battery.power_plugged is False:
        return False
    return 2 * threads.threads() > threads.limit
