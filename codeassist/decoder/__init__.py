"""What a decoder is made of and what its tensors are called: shapes, no arithmetic.

``training`` builds the decoder from this, ``quantize`` writes it to GGUF; they meet
in a checkpoint folder (``config.json``, ``model.safetensors``, ``tokenizer.gguf``).

Tensors are stored as llama.cpp stores them: where ``Rope.interleaved`` is true, rows
of q and k lie in the order of llama.cpp's "norm" RoPE (pairs 2i, 2i+1), else in that
of its "neox" RoPE (pairs i, i + dims/2). A GGUF of ``llama``, ``deepseek`` or
``deepseek2`` is therefore read with ``interleaved=True`` and no permutation at all;
Hugging Face's Llama checkpoints, and a neox decoder that is written as one of those,
are permuted by who reads or writes them.
"""

from .config import DecoderConfig, Experts, Latent, Rope, RopeScaling, Window
from .tensors import gguf_name, tensor_shapes

__all__ = [
    "CONFIG_FILE",
    "TOKENIZER_FILE",
    "WEIGHTS_FILE",
    "DecoderConfig",
    "Experts",
    "Latent",
    "Rope",
    "RopeScaling",
    "Window",
    "gguf_name",
    "tensor_shapes",
]

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.gguf"
