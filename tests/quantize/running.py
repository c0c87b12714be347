"""Logits of a GGUF on some tokens, out of llama.cpp."""

import ctypes
from contextlib import contextmanager

import numpy as np

from codeassist.engine.decode.native import lib
from codeassist.engine.decode.weights import Weights

__all__ = ["F16", "F32", "logits", "opened"]


F32, F16 = 0, 1
"""ggml's types of a KV cache."""


def logits(path, tokens, adapter=None, cache=F32):
    """All logits of a text. *Shape:* ``(len(tokens), vocabulary)``."""
    with opened(path, len(tokens), adapter, cache) as run:
        return run(tokens)


@contextmanager
def opened(path, length, adapter=None, cache=F32):
    """Give a function from tokens to all their logits; texts of up to ``length``."""
    weights = Weights(path)
    params = lib.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = max(64, length)
    params.n_threads = params.n_threads_batch = 1
    params.type_k = params.type_v = cache
    params.flash_attn_type = 0
    context = lib.llama_init_from_model(weights.pointer, params)
    if adapter is not None:
        lora = lib.llama_adapter_lora_init(weights.pointer, str(adapter).encode())
        assert lora, "llama.cpp refused the adapter"
        array = (lib.llama_adapter_lora_p_ctypes * 1)(lora)
        scales = (ctypes.c_float * 1)(1.0)
        assert lib.llama_set_adapters_lora(context, array, 1, scales) == 0
    n_vocab = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(weights.pointer))

    def run(tokens):
        lib.llama_memory_clear(lib.llama_get_memory(context), True)
        batch = lib.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for at, token in enumerate(tokens):
            batch.token[at], batch.pos[at] = int(token), at
            batch.n_seq_id[at], batch.seq_id[at][0], batch.logits[at] = 1, 0, 1
        assert lib.llama_decode(context, batch) == 0
        pointer = lib.llama_get_logits(context)
        array = np.ctypeslib.as_array(pointer, (len(tokens), n_vocab)).copy()
        lib.llama_batch_free(batch)
        return array

    try:
        yield run
    finally:
        lib.llama_free(context)
