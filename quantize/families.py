"""The architectures of llama.cpp that we convert, and what each can run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from codeassist.decoder import DecoderConfig
from codeassist.errors import ModelFileError

__all__ = [
    "FAMILIES",
    "SOFTMAX",
    "Family",
    "caution",
    "check_architecture",
    "check_runs",
    "rules",
]

SOFTMAX = 1
"""llama.cpp's number of the gating function."""

LITE = (26, 27)
"""Numbers of layers by which llama.cpp knows a DeepSeek-V2 without q_lora_rank."""


@dataclass(frozen=True, slots=True)
class Family:
    """What llama.cpp can run under one architecture's name."""

    norm: str = "rms"
    activation: str = "swiglu"
    rope: bool = True
    experts: bool = False
    renormalised: bool | None = None
    """What the gate always does; None: a key says so."""

    shared: bool = False
    latent: bool = False
    qk_norm: bool = False
    window: bool = False
    unwindowed: bool = False
    """llama.cpp runs it without its window: the same up to the window's length."""

    tied: bool = True


FAMILIES: Mapping[str, Family] = {
    "llama": Family(experts=True, renormalised=True),
    "qwen2": Family(),
    "starcoder": Family(norm="layer", activation="gelu", rope=False),
    "starcoder2": Family(norm="layer", activation="gelu", unwindowed=True),
    "deepseek": Family(experts=True, renormalised=False, shared=True),
    "deepseek2": Family(experts=True, shared=True, latent=True, tied=False),
    "exaone-moe": Family(
        experts=True, shared=True, qk_norm=True, window=True, tied=False
    ),
}


def check_architecture(name: str, where: object) -> None:
    """Refuse an architecture that is not in the table.

    Raises:
        ModelFileError: with those that are.
    """
    if name not in FAMILIES:
        msg = (
            f"{where} is of architecture {name or '(none)'}, which cannot be converted; "
            f"known are {', '.join(FAMILIES)}"
        )
        raise ModelFileError(msg)


def check_runs(c: DecoderConfig) -> None:
    """Refuse a decoder that llama.cpp cannot run under its architecture's name.

    Raises:
        ModelFileError: with the reason.
    """
    check_architecture(c.architecture, "The checkpoint")
    for fits, wrong in rules(c, FAMILIES[c.architecture]):
        if not fits:
            msg = f"llama.cpp cannot run this as {c.architecture}: {wrong}"
            raise ModelFileError(msg)


def caution(c: DecoderConfig) -> str:
    """Say in one line where llama.cpp computes something else; empty: nowhere."""
    if c.window and FAMILIES[c.architecture].unwindowed:
        return (
            f"llama.cpp runs {c.architecture} without its window: beyond "
            f"{c.window.size:,} tokens its answers differ"
        )
    return ""


def rules(c: DecoderConfig, family: Family) -> Iterator[tuple[bool, str]]:
    """Yield what must hold, each with what to say where it does not."""
    yield c.norm == family.norm, f"it wants {family.norm} norm"
    yield c.activation == family.activation, f"it wants {family.activation}"
    yield (c.rope is not None) == family.rope, "its positions are of another kind"
    yield c.qk_norm == family.qk_norm, "norms of q and k do not fit it"
    yield (c.latent is not None) == family.latent, "its attention is of another kind"
    runs = family.window or family.unwindowed
    yield c.window is None or runs, "it has no sliding window"
    yield not c.tied or family.tied, "it needs a separate output layer"
    yield c.experts is None or family.experts, "it has no experts"
    if c.experts:
        e, fixed = c.experts, family.renormalised
        yield fixed in (None, e.renormalise), f"its gate renormalises: {fixed}"
        yield not e.shared or family.shared, "it has no shared experts"
    yield from _single_rules(c)


def _single_rules(c: DecoderConfig) -> Iterator[tuple[bool, str]]:
    if c.architecture == "deepseek":
        fits = c.heads * c.head_dim == c.width
        yield fits and c.experts is not None, "it needs experts, and heads that fill it"
    if c.architecture == "llama" and c.experts:
        e = c.experts
        plain = not e.dense_layers and e.width == c.ffn_width and e.scale == 1
        yield plain, "all its layers have experts, of ffn_width"
    if c.architecture == "starcoder2" and c.window:
        yield not c.window.layers, "its window is in every layer"
    if c.latent and not c.latent.q_rank:
        yield c.layers in LITE, f"without q_rank it must have {LITE} layers"
    if c.latent:
        yield c.experts is not None, "it needs experts"
    if c.architecture == "exaone-moe":
        absolute = c.window is not None and not c.window.rope_elsewhere
        yield absolute, "its full-attention layers have no RoPE"
