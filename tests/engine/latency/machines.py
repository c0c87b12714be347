"""Speeds of machines that tests choose for."""

from codeassist.engine.latency import Speed

SIZES = (1, 4, 8, 16, 32, 96, 224, 480, 992, 2016)


def speed(prompt_per_s=350.0, token_s=0.015, overhead_s=0.01, most=2016):
    """A machine that evaluates every prompt at the same rate."""
    prompt = tuple((n, n / prompt_per_s) for n in SIZES if n <= most)
    return Speed(prompt, token_s, overhead_s)
