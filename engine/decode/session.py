"""One KV cache: prompts evaluated in steps, what is cached is never evaluated again."""

import contextlib
import ctypes
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codeassist.errors import (
    AdapterError,
    ContextTooSmallError,
    DecodeError,
    ModelFileError,
)

from .cancel import ABORT_IF_SET, Cancel
from .model import Model
from .native import last_complaint, lib
from .sampling import Logits
from .steps import LARGEST, Steps
from .threads import ThreadPolicy

__all__ = ["Evaluated", "Session"]

SEQ = 0


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an evaluation of a prompt cost."""

    reused: int
    """Tokens that were in the KV cache already."""

    evaluated: int
    """Tokens that were computed."""

    complete: bool
    """False: cancelled or out of time; what was computed stays in the cache."""


class Session:
    """A llama.cpp context with one sequence, used by one thread at a time.

    Args:
        model: The weights.
        n_ctx: Tokens of context; no more than the model was trained with.
        threads: How many threads each step may use.

    Raises:
        ModelFileError: there is no memory for a context of this size.
    """

    def __init__(
        self, model: Model, *, n_ctx: int, threads: ThreadPolicy | None = None
    ) -> None:
        self.model = model
        self.threads = threads or ThreadPolicy()
        self.n_ctx = min(n_ctx, model.n_ctx_train)
        self._n_threads = self.threads.threads()
        self._context = self._open(model)
        self._memory = lib.llama_get_memory(self._context)
        self._batch = lib.llama_batch_init(LARGEST, 0, 1)
        self._ids, self._positions, self._wanted = self._views(self._batch)
        self._cached: list[int] = []
        self._steps = Steps()
        self._idle = Cancel()
        self._cancel = self._idle
        self.arm(None)

    def _open(self, model: Model) -> Any:
        params = lib.llama_context_default_params()
        params.n_ctx = self.n_ctx
        params.n_batch = params.n_ubatch = LARGEST
        params.n_threads = params.n_threads_batch = self._n_threads
        params.no_perf = True
        context = lib.llama_init_from_model(model.pointer, params)
        if not context:
            msg = (
                f"no context of {self.n_ctx} tokens for {model.path.name} "
                f"({last_complaint()}); lower model.n_ctx"
            )
            raise ModelFileError(msg)
        if model.adapter is not None:
            adapters = (lib.llama_adapter_lora_p_ctypes * 1)(model.adapter)
            scales = (ctypes.c_float * 1)(1.0)
            if lib.llama_set_adapters_lora(context, adapters, 1, scales) != 0:
                lib.llama_free(context)
                msg = (
                    f"llama.cpp refused the adapter ({last_complaint()}); leave it out"
                )
                raise AdapterError(msg)
        return context

    @staticmethod
    def _views(
        batch: Any,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]:
        """Numpy views of the batch's ids, positions and flags. Shape: (LARGEST,) each."""
        for i in range(LARGEST):
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = SEQ
        view = np.ctypeslib.as_array
        shape = (LARGEST,)
        return (
            view(batch.token, shape),
            view(batch.pos, shape),
            view(batch.logits, shape),
        )

    @property
    def cached(self) -> Sequence[int]:
        """The tokens whose keys and values are in the cache, in order."""
        return self._cached

    def arm(self, cancel: Cancel | None) -> None:
        """Let `cancel` stop what is evaluated from now on; None: nothing stops it."""
        self._cancel = cancel or self._idle
        lib.llama_set_abort_callback(self._context, ABORT_IF_SET, self._cancel.address)

    def clear(self) -> None:
        """Forget everything, as after a change of adapter."""
        lib.llama_memory_clear(self._memory, True)
        self._cached = []

    def evaluate(
        self, tokens: Sequence[int], *, deadline: float = float("inf")
    ) -> Evaluated:
        """Make the cache hold exactly `tokens`; the last one's logits are ready then.

        Args:
            tokens: The whole prompt, BOS included.
            deadline: Monotonic time after which no further step is begun.

        Raises:
            ContextTooSmallError: more tokens than the context has.
            DecodeError: llama.cpp refused a batch.
        """
        if len(tokens) >= self.n_ctx:
            msg = (
                f"the prompt has {len(tokens)} tokens, the context {self.n_ctx}; raise "
                f"model.n_ctx or lower completion.prefix_tokens and suffix_tokens"
            )
            raise ContextTooSmallError(msg)
        at = reused = self._keep(tokens)
        for done, size in enumerate(self._steps.sizes(len(tokens) - reused)):
            if self._cancel.is_set() or time.monotonic() > deadline:
                break
            part = tokens[at : at + size]
            if not self._decode(part, last=at + size == len(tokens)):
                self._steps.aborted(done)
                break
            at += size
        else:
            self._steps.completed()
        return Evaluated(reused, len(self._cached) - reused, at == len(tokens))

    def extend(self, token: int) -> bool:
        """Evaluate one more token; False when cancelled or the context is full."""
        if len(self._cached) + 1 >= self.n_ctx:
            return False
        return self._decode((token,), last=True)

    def logits(self) -> Logits:
        """Logits after the last token, valid until the next step. Shape: (n_vocab,)."""
        row = lib.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(row, (self.model.vocab.n_tokens,))

    def _keep(self, tokens: Sequence[int]) -> int:
        """Cut the cache back to what it shares with `tokens`; the last stays out."""
        limit = min(len(self._cached), len(tokens) - 1)
        common = 0
        while common < limit and self._cached[common] == tokens[common]:
            common += 1
        if common < len(self._cached):
            if lib.llama_memory_seq_rm(self._memory, SEQ, common, -1):
                del self._cached[common:]
            else:  # recurrent models cannot forget a part
                self.clear()
                common = 0
        return common

    def _decode(self, part: Sequence[int], *, last: bool) -> bool:
        """Evaluate up to LARGEST tokens; False when it was cancelled on the way."""
        self._spread()
        n, start = len(part), len(self._cached)
        batch = self._batch
        batch.n_tokens = n
        self._ids[:n] = part
        self._positions[:n] = range(start, start + n)
        self._wanted[:n] = 0
        self._wanted[n - 1] = last
        status = lib.llama_decode(self._context, batch)
        if status == 0:
            self._cached.extend(part)
            return True
        if status == 2:  # aborted: whole ubatches that were done stay
            done = lib.llama_memory_seq_pos_max(self._memory, SEQ) + 1
            self._cached.extend(part[: max(0, done - start)])
            return False
        self.clear()
        msg = f"llama.cpp refused {n} tokens at {start} (status {status}): {last_complaint()}"
        raise DecodeError(msg)

    def _spread(self) -> None:
        n = self.threads.threads()
        if n != self._n_threads:
            lib.llama_set_n_threads(self._context, n, n)
            self._n_threads = n

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, TypeError):
            lib.llama_batch_free(self._batch)
            lib.llama_free(self._context)
