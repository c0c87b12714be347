"""A GGUF run by llama.cpp over whole texts: logits of every token, and what flows."""

import ctypes
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any

import numpy as np
import psutil

from codeassist.errors import DecodeError, ModelFileError
from codeassist.llama_binding import binding

from .checkpoint import Array

__all__ = ["Matmul", "Runner", "Watch", "aside", "ggml", "llama", "log_to"]


@cache
def llama() -> Any:
    """llama.cpp's library; loaded late, for converting does without its 40 MB."""
    lib = binding()
    lib.llama_backend_init()
    return lib


@cache
def ggml() -> Any:
    """The library of tensors below it."""
    bound = binding()
    folder = Path(str(bound.__file__)).parent / "lib"
    lib = bound.load_shared_library("ggml-base", folder)
    lib.ggml_op_name.restype = ctypes.c_char_p
    lib.ggml_tensor_overhead.restype = ctypes.c_size_t
    lib.ggml_quantize_chunk.restype = ctypes.c_size_t
    lib.ggml_quantize_chunk.argtypes = [
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_void_p,
        *[ctypes.c_int64] * 3,
        ctypes.c_void_p,
    ]
    return lib


def aside(call: Callable[[], int], give_up: Callable[[Event], object]) -> int:
    """Run what calls back into Python in a thread of its own.

    A signal (Ctrl-C) raises in whatever Python the main thread runs; what is raised in
    a callback of C is lost, and C goes on.

    Args:
        call: Into llama.cpp.
        give_up: Called where the main thread is interrupted meanwhile, with what is set
            when the call has ended; it returns when nothing is in use any more.
    """
    found: list[int] = []
    ended = Event()  # note: a join that is interrupted takes the thread for ended

    def run() -> None:
        try:
            found.append(call())
        finally:
            ended.set()

    thread = Thread(target=run, daemon=True)
    try:
        thread.start()  # may be interrupted, too, when the call has begun
        ended.wait()
    except RuntimeError:  # there is no thread
        raise
    except BaseException:
        give_up(ended)
        raise
    return found[0]


@contextmanager
def log_to(hear: Callable[[str], None]) -> Iterator[None]:
    """Send llama.cpp's log to ``hear``; whoever had it has it again afterwards."""
    lib = llama()
    had, data = lib.llama_log_callback(), ctypes.c_void_p()
    lib.llama_log_get(ctypes.byref(had), ctypes.byref(data))

    def on_log(_level: int, text: bytes, _user: ctypes.c_void_p) -> None:
        line = text.decode("utf-8", "replace").strip()
        if line:
            hear(line)

    callback = lib.llama_log_callback(on_log)
    lib.llama_log_set(callback, ctypes.c_void_p(0))
    try:
        yield
    finally:
        lib.llama_log_set(had, data)


class _Tensor(ctypes.Structure):
    """``struct ggml_tensor`` of the pinned llama-cpp-python; its size is checked."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("buffer", ctypes.c_void_p),
        ("ne", ctypes.c_int64 * 4),
        ("nb", ctypes.c_size_t * 4),
        ("op", ctypes.c_int),
        ("op_params", ctypes.c_int32 * 16),
        ("flags", ctypes.c_int32),
        ("src", ctypes.c_void_p * 10),
        ("view_src", ctypes.c_void_p),
        ("view_offs", ctypes.c_size_t),
        ("data", ctypes.c_void_p),
        ("name", ctypes.c_char * 64),
        ("extra", ctypes.c_void_p),
        ("padding", ctypes.c_char * 8),
    ]

    def array(self, dtype: type[np.generic]) -> Array:
        """Its numbers, not copied. *Shape:* ggml's, the last dimension first."""
        sizes = list(zip(self.ne, self.nb, strict=True))
        size = sum((n - 1) * step for n, step in sizes) + np.dtype(dtype).itemsize
        memory = (ctypes.c_char * size).from_address(self.data)
        shape, steps = zip(*reversed(sizes), strict=True)
        return np.ndarray(shape, dtype, memory, strides=steps)


OBJECT = 32
"""Bytes of ggml's own header before a tensor."""


class Matmul:
    """One multiplication of weights with activations, while llama.cpp computes it."""

    def __init__(self, tensor: _Tensor) -> None:
        weights, inputs, chosen = (
            _Tensor.from_address(address) if address else None
            for address in tensor.src[:3]
        )
        assert weights is not None
        assert inputs is not None
        self.name: str = weights.name.decode().strip("#").split("#")[0]
        """Of the weights."""

        self.matrices: int = weights.ne[2]
        """Experts or heads of the weights; 1: one matrix."""

        self._inputs, self._chosen = inputs, chosen

    @property
    def of_floats(self) -> bool:
        """Whether the activations are F32."""
        return bool(self._inputs.type == 0)

    def inputs(self) -> Array:
        """Activations.

        *Shape:* ``(1, heads or 1, tokens, columns)``; of experts ``(1, tokens, experts
        used or 1, columns)``.
        """
        return self._inputs.array(np.float32)

    def experts(self) -> Array:
        """Which expert each token chose. *Shape:* ``(tokens, experts used)``."""
        assert self._chosen is not None
        chosen: Array = self._chosen.array(np.int32)[0, 0]
        return chosen


Watch = Callable[[Matmul, bool], None]
"""Told of each multiplication with weights of a layer, and whether of experts."""


class Runner:
    """A GGUF in llama.cpp, for one text after another, on the CPU.

    Args:
        path: The model.
        tokens: Length of the longest text.
        threads: 0: as many as there are idle cores.
        watch: Sees what is multiplied with the weights.

    Raises:
        ModelFileError: llama.cpp cannot load it, or lacks the memory.
    """

    def __init__(
        self,
        path: Path,
        *,
        tokens: int,
        threads: int = 0,
        watch: Watch | None = None,
    ) -> None:
        self._path, self._tokens = path, tokens
        self._said: deque[str] = deque(maxlen=20)
        self._model = self._context = None
        self._stopped = False
        lib, threads = llama(), threads or _idle_cores()
        with log_to(self._said.append):
            settings = lib.llama_model_default_params()
            settings.n_gpu_layers = 0
            self._model = lib.llama_model_load_from_file(os.fsencode(path), settings)
            params = lib.llama_context_default_params()
            params.n_ctx = params.n_batch = params.n_ubatch = max(tokens, 64)
            params.n_threads = params.n_threads_batch = threads
            self._abort = lib.ggml_abort_callback(lambda _user: self._stopped)
            params.abort_callback = self._abort
            self._callback = _listener(watch) if watch else None
            if self._callback:
                params.cb_eval = self._callback
            if self._model:
                self._context = lib.llama_init_from_model(self._model, params)
        if not self._context:
            self.close()
            reason = next((s for s in self._said if "error" in s), "no reason given")
            msg = f"llama.cpp cannot run {path} ({reason}); fetch or convert it again"
            raise ModelFileError(msg)

    def __enter__(self) -> "Runner":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the memory."""
        if self._context:
            llama().llama_free(self._context)
        if self._model:
            llama().llama_model_free(self._model)
        self._context = self._model = None

    def logits(self, ids: Sequence[int]) -> Array:
        """Logits after each token of a text, which stands for itself.

        *Shape:* ``(len(ids), vocabulary)``, valid until the next call.

        Raises:
            DecodeError: llama.cpp refuses.
        """
        lib, n = llama(), len(ids)
        assert 0 < n <= self._tokens
        lib.llama_memory_clear(lib.llama_get_memory(self._context), True)
        batch = lib.llama_batch_init(n, 0, 1)
        batch.n_tokens = n
        for at, token in enumerate(ids):
            batch.token[at], batch.pos[at] = token, at
            batch.n_seq_id[at], batch.seq_id[at][0], batch.logits[at] = 1, 0, 1
        with log_to(self._said.append):
            status = aside(lambda: lib.llama_decode(self._context, batch), self._stop)
        lib.llama_batch_free(batch)
        if status != 0:
            msg = f"llama.cpp refused {n} tokens of {self._path} (status {status})"
            raise DecodeError(msg)
        vocabulary = lib.llama_model_get_vocab(self._model)
        shape = n, lib.llama_vocab_n_tokens(vocabulary)
        return np.ctypeslib.as_array(lib.llama_get_logits(self._context), shape)

    def _stop(self, ended: Event) -> None:
        self._stopped = True
        ended.wait()


def _idle_cores() -> int:
    """Cores that other programs leave; llama.cpp's threads crawl where they share."""
    cores = psutil.cpu_count(logical=False) or 1
    busy = psutil.cpu_percent(interval=0.2) / 100 * (psutil.cpu_count() or 1)
    return max(1, round(cores - busy))


def _listener(watch: Watch) -> Any:
    """llama.cpp's callback: asked before a tensor is computed, told afterwards."""
    assert ggml().ggml_tensor_overhead() == ctypes.sizeof(_Tensor) + OBJECT

    def on_eval(address: int, ask: bool, _user: ctypes.c_void_p) -> bool:
        tensor = _Tensor.from_address(address)
        operation = ggml().ggml_op_name(tensor.op)
        if operation not in (b"MUL_MAT", b"MUL_MAT_ID"):
            return not ask
        matmul = Matmul(tensor)
        if not matmul.name.startswith("blk.") or not matmul.of_floats:
            return not ask
        if not ask:
            watch(matmul, operation == b"MUL_MAT_ID")
        return True

    return llama().ggml_backend_sched_eval_callback(on_eval)
