"""The shapes of a decoder: one frozen configuration for all families."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Literal, TypeVar

from codeassist.errors import ConfigError

__all__ = [
    "DecoderConfig",
    "Experts",
    "Latent",
    "Rope",
    "RopeScaling",
    "Window",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RopeScaling:
    """How RoPE reaches past the context it was trained for."""

    kind: Literal["linear", "yarn"]
    factor: float
    original_context: int = 0
    """``rope.scaling.original_context_length``; YaRN needs it."""

    beta_fast: float = 32.0
    beta_slow: float = 1.0
    attention_factor: float = 1.0
    """``rope.scaling.attn_factor``."""

    log_multiplier: float = 0.0
    """DeepSeek's ``mscale_all_dim``; GGUF's ``yarn_log_multiplier`` is 0.1 of it."""


@dataclass(frozen=True, slots=True)
class Rope:
    """Rotary positions."""

    base: float = 10_000.0
    interleaved: bool = False
    """True: llama.cpp's "norm" pairs (2i, 2i+1); False: "neox" (i, i + dims/2)."""

    scaling: RopeScaling | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Sliding window attention: a token sees itself and ``size - 1`` before it."""

    size: int
    layers: tuple[bool, ...] = ()
    """Which layers have it; empty: all of them."""

    rope_elsewhere: bool = True
    """False: layers without the window have no positions at all (EXAONE)."""


@dataclass(frozen=True, slots=True)
class Latent:
    """Multi-head Latent Attention as in DeepSeek-V2."""

    kv_rank: int
    rope_dim: int
    nope_dim: int
    value_dim: int
    q_rank: int = 0
    """0: queries are not compressed (the Lite model)."""


@dataclass(frozen=True, slots=True)
class Experts:
    """DeepSeekMoE without device-limited routing: softmax over all, then top-k."""

    count: int
    used: int
    width: int
    shared: int = 0
    """Always-on experts, kept as one feed-forward of ``shared * width``."""

    dense_layers: int = 0
    """Leading layers with an ordinary feed-forward."""

    renormalise: bool = False
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """A decoder of any family; a sub-config that is None switches its part off."""

    architecture: str
    """llama.cpp's name: llama, qwen2, starcoder, starcoder2, deepseek, deepseek2, …"""

    vocab_size: int
    context: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    """Width of a query, key and value head; with ``latent`` unused (0)."""

    ffn_width: int
    """Of dense feed-forwards."""

    rope: Rope | None = None
    """None: learned absolute positions."""

    norm: Literal["rms", "layer"] = "rms"
    norm_eps: float = 1e-5
    activation: Literal["swiglu", "gelu"] = "swiglu"
    """``gelu`` is the tanh form with up and down only."""

    qkv_bias: bool = False
    bias: bool = False
    """On the attention's output and the feed-forward."""

    qk_norm: bool = False
    """RMSNorm over each head of q and k, before RoPE."""

    tied: bool = False
    """The output layer is the embedding."""

    window: Window | None = None
    latent: Latent | None = None
    experts: Experts | None = None

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit together."""
        for fits, wrong in _rules(self):
            if not fits:
                msg = f"The decoder's configuration does not fit: {wrong}"
                raise ConfigError(msg)

    @property
    def rope_dims(self) -> int:
        """Rotated dimensions of a head."""
        return self.latent.rope_dim if self.latent else self.head_dim

    @property
    def key_dim(self) -> int:
        """Width of a query or key head."""
        if self.latent:
            return self.latent.nope_dim + self.latent.rope_dim
        return self.head_dim

    @property
    def value_dim(self) -> int:
        """Width of a value head."""
        return self.latent.value_dim if self.latent else self.head_dim

    def has_window(self, layer: int) -> bool:
        """Whether ``layer`` attends within the window only."""
        if self.window is None:
            return False
        return self.window.layers[layer] if self.window.layers else True

    def has_rope(self, layer: int) -> bool:
        """Whether ``layer`` rotates q and k."""
        if self.rope is None:
            return False
        if self.window is None or self.window.rope_elsewhere:
            return True
        return self.has_window(layer)

    def has_experts(self, layer: int) -> bool:
        """Whether ``layer`` is a mixture of experts."""
        return self.experts is not None and layer >= self.experts.dense_layers

    @property
    def rope_magnitude(self) -> float:
        """What llama.cpp multiplies cos and sin with, all factors taken together."""
        scaling = self.rope.scaling if self.rope else None
        if scaling is None:
            return 1.0
        if scaling.kind == "linear" or scaling.factor <= 1:
            return scaling.attention_factor
        log = 0.1 * math.log(scaling.factor)
        if not scaling.log_multiplier:
            return scaling.attention_factor * (1 + log)
        if self.architecture == "deepseek2":  # DeepSeek-V2's mscale equals the other
            return scaling.attention_factor
        return scaling.attention_factor * (1 + log) / (1 + scaling.log_multiplier * log)

    @property
    def score_scale(self) -> float:
        """What q·k is multiplied with before the softmax."""
        scale: float = self.key_dim**-0.5
        scaling = self.rope.scaling if self.rope else None
        if self.architecture != "deepseek2" or scaling is None or scaling.factor <= 1:
            return scale
        log = 0.1 * math.log(scaling.factor)
        mscale = self.rope_magnitude * (1 + scaling.log_multiplier * log)
        return scale * mscale * mscale

    def to_dict(self) -> dict[str, Any]:
        """Plain values for ``config.json``."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "DecoderConfig":
        """Read what ``to_dict`` wrote.

        Raises:
            ConfigError: a key is unknown or missing, or the shapes do not fit.
        """
        values = dict(values)
        for name, kind in _NESTED.items():
            if isinstance(values.get(name), Mapping):
                values[name] = _build(kind, name, dict(values[name]))
        try:
            return _build(cls, "config", values)
        except TypeError as error:
            msg = f"The decoder's configuration has a value of a wrong type ({error})"
            raise ConfigError(msg) from error


_NESTED: dict[str, type[Any]] = {
    "rope": Rope,
    "window": Window,
    "latent": Latent,
    "experts": Experts,
}


def _build(kind: type[T], where: str, values: dict[str, Any]) -> T:
    """Make a dataclass of plain values, refusing unknown and missing keys by name."""
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    wrong = [f"unknown key {name!r}" for name in values if name not in known]
    wrong += [
        f"missing key {name!r}"
        for name, each in known.items()
        if name not in values and each.default is MISSING
    ]
    if wrong:
        msg = f"{where}: {wrong[0]}; known are {', '.join(known)}"
        raise ConfigError(msg)
    if kind is Rope and isinstance(values.get("scaling"), Mapping):
        scaling = _build(RopeScaling, "rope.scaling", dict(values["scaling"]))
        values["scaling"] = scaling
    if kind is Window:
        values["layers"] = tuple(values.get("layers", ()))
    return kind(**values)


def _rules(c: DecoderConfig) -> Iterator[tuple[bool, str]]:
    """Yield what must hold, each with what to say where it does not."""
    sizes = (c.vocab_size, c.context, c.width, c.layers, c.heads, c.kv_heads)
    yield min(sizes) > 0, "sizes must be positive"
    yield c.heads % max(c.kv_heads, 1) == 0, f"{c.heads} heads over {c.kv_heads}"
    yield c.latent is not None or c.head_dim > 0, "head_dim must be positive"
    yield c.rope is None or c.rope_dims % 2 == 0, "RoPE needs an even head"
    if c.latent:
        yield c.rope is not None, "latent attention needs RoPE"
        yield not (c.qkv_bias or c.bias or c.qk_norm), "latent attention has no bias"
    if c.window and c.window.layers:
        yield len(c.window.layers) == c.layers, "window.layers names every layer once"
    if c.experts:
        yield 0 < c.experts.used <= c.experts.count, "experts.used within count"
        yield c.activation == "swiglu" and not c.bias, "experts are SwiGLU, no bias"
    scaling = c.rope.scaling if c.rope else None
    if scaling and scaling.kind == "yarn":
        yield scaling.original_context > 0, "YaRN needs original_context"
    elif scaling:
        yield c.architecture != "deepseek2", "deepseek2 knows YaRN only"
