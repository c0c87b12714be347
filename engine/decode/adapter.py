"""A LoRA adapter is checked against its base before llama.cpp meets it.

llama.cpp aborts the whole process on some adapters that do not fit (an embedding
adapter on a model with tied embeddings, for one), so everything that the file says
is compared with the base's own header first.
"""

from pathlib import Path

from codeassist.errors import AdapterError, ModelFileError

from .gguf_header import Header, read_header

__all__ = ["check_adapter"]

FLOATS = {0: "F32", 1: "F16", 30: "BF16"}
A, B = ".lora_a", ".lora_b"
MATRIX = 2
"""Dimensions."""
EMBEDDING, OUTPUT = "token_embd.weight", "output.weight"


def check_adapter(adapter: Path, base: Path) -> None:
    """Refuse an adapter that is damaged or was made for another model.

    Raises:
        AdapterError: with the first thing that does not fit.
    """
    try:
        lora = read_header(adapter)
    except ModelFileError as error:
        msg = f"{error} (wanted: a LoRA adapter)"
        raise AdapterError(msg) from error
    wrong = _kind(lora) or _fit(lora, read_header(base)) or _size(lora, adapter)
    if wrong:
        msg = f"{adapter} cannot be loaded over {base.name}: {wrong}"
        raise AdapterError(msg)


def _kind(lora: Header) -> str:
    kind = lora.meta.get("general.type"), lora.meta.get("adapter.type")
    if kind != ("adapter", "lora"):
        return "it is not a LoRA adapter but a model; give it as --model"
    if not isinstance(lora.meta.get("adapter.lora.alpha"), float):
        return "adapter.lora.alpha is missing; export it again"
    if not lora.shapes:
        return "it has no tensors; export it again"
    return ""


def _fit(lora: Header, base: Header) -> str:
    ours, theirs = (h.meta.get("general.architecture") for h in (lora, base))
    if ours != theirs:
        return f"it was made for architecture {ours}, the model is {theirs}"
    for name in lora.shapes:
        target, dot, _ = name.rpartition(".lora_")
        if not dot:
            return f"{name} is neither a lora_a nor a lora_b tensor"
        wrong = _pair(target, lora, base)
        if wrong:
            return wrong
    return ""


def _pair(target: str, lora: Header, base: Header) -> str:
    a, b = lora.shapes.get(target + A), lora.shapes.get(target + B)
    weight = base.shapes.get(target)
    if a is None or b is None:
        return f"{target} has only one half of its pair"
    if weight is None:
        return f"the model has no tensor {target}"
    if not len(a) == len(b) == len(weight) == MATRIX or 0 in (*a, *b):
        return f"{target} is {weight}, its pair is {a} and {b}; only matrices adapt"
    if not {lora.types[target + half] for half in (A, B)} <= FLOATS.keys():
        return f"{target}: its tensors must be one of {', '.join(FLOATS.values())}"
    if target == EMBEDDING:
        return _embedding(a, b, weight, tied=OUTPUT not in base.shapes)
    rank = a[-1]
    if a != (weight[0], rank) or b != (rank, weight[1]):
        return f"{target} is {weight}, its pair is {a} and {b}"
    return ""


def _embedding(
    a: tuple[int, ...], b: tuple[int, ...], weight: tuple[int, ...], *, tied: bool
) -> str:
    if tied:
        return "it adapts the embeddings of a model that ties them to its output"
    rank = a[0]
    if a != (rank, weight[1]) or b != (rank, weight[0]):
        return f"{EMBEDDING} is {weight}, its pair is {a} and {b}"
    return ""


def _size(lora: Header, path: Path) -> str:
    widths = {0: 4, 1: 2, 30: 2}
    need = lora.size
    for name, shape in lora.shapes.items():
        n = widths[lora.types[name]]
        for dim in shape:
            n *= dim
        need += n
    if path.stat().st_size < need:
        return "it is cut short; fetch or export it again"
    return ""
