"""One KV cache: prompts in steps, and what is cached is not evaluated again."""

import contextlib
import ctypes
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from codeassist.errors import (
    AdapterError,
    ContextTooSmallError,
    DecodeError,
    ModelFileError,
)

from . import snapshot
from .batch import Batch
from .cancel import ABORT_IF_SET, Cancel
from .cells import ContextCells
from .model import Model
from .native import last_complaint, lib
from .sampling import Logits
from .sequences import SEQUENCES, Sequences
from .steps import ALONE, LARGEST, Steps
from .threads import ThreadPolicy

__all__ = ["Evaluated", "Session"]

NO_ROOM, ABORTED = 1, 2
"""What `llama_decode` answers."""

BYTES = ctypes.POINTER(ctypes.c_uint8)


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
    """A llama.cpp context, used by one thread at a time.

    Its cache holds some prompts, with their answers, in `n_ctx` cells together: the
    last place of each open file, say. Common beginnings are there once. When the cells
    run out, the prompt that was used longest ago goes first.

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
        n_sequences = SEQUENCES if model.forgets else 1
        self._context = self._open(model, n_sequences)
        self._cells = ContextCells(self._context)
        self._sequences = Sequences(self._cells, n_sequences, forgets=model.forgets)
        self._batch = Batch(LARGEST)
        self._steps = Steps(alone=0 if model.on_gpu else ALONE)
        self._idle = Cancel()
        self._cancel = self._idle
        self.latest = ""
        """Path of the document whose prompt is the current one; empty: nobody knows. It
        is said by who has the prompt evaluated: several completers may share a session."""

        self.arm(None)

    def _open(self, model: Model, n_sequences: int) -> Any:
        params = lib.llama_context_default_params()
        params.n_ctx = self.n_ctx
        params.n_batch = params.n_ubatch = LARGEST
        params.n_seq_max = n_sequences
        params.kv_unified = True
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

    @property
    def cached(self) -> Sequence[int]:
        """The tokens that the next one would follow; their keys and values are there."""
        return self._sequences.current.tokens

    def arm(self, cancel: Cancel | None) -> None:
        """Let `cancel` stop what is evaluated from now on; None: nothing stops it."""
        self._cancel = cancel or self._idle
        self._listen(self._cancel)

    def clear(self) -> None:
        """Forget everything, as after a change of adapter."""
        self._sequences.clear()
        self._cells.clear()
        self.latest = ""

    def evaluate(
        self,
        tokens: Sequence[int],
        *,
        deadline: float = float("inf"),
        ahead: bool = False,
    ) -> Evaluated:
        """Go on from exactly `tokens`; the last one's logits are ready then.

        Args:
            tokens: The whole prompt, BOS included.
            deadline: Monotonic time after which no further step is begun.
            ahead: Whether nobody waits for it: what cancels it stops a step half-way.

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
        at = reused = self._sequences.take(tokens)
        sequence = self._sequences.current
        for size in self._steps.sizes(len(tokens) - reused, ahead=ahead):
            if self._cancel.is_set() or time.monotonic() > deadline:
                break
            part = tokens[at : at + size]
            if not self._step(part, last=at + size == len(tokens), lost=ahead):
                break
            at += size
        sequence.prompt = len(sequence.tokens)
        evaluated = max(0, sequence.prompt - reused)  # an abort may cost all
        return Evaluated(reused, evaluated, at == len(tokens))

    def missing(self, tokens: Sequence[int]) -> int:
        """How many tokens of a prompt would have to be computed."""
        return len(tokens) - self._sequences.known(tokens)

    def extend(self, token: int) -> bool:
        """Evaluate one more token; False when cancelled or the context is full."""
        if len(self.cached) + 1 >= self.n_ctx:
            return False
        return self._decode((token,), last=True)

    def logits(self) -> Logits:
        """Logits after the last token, valid until the next step. Shape: (n_vocab,)."""
        row = lib.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(row, (self.model.vocab.n_tokens,))

    def save(self, path: Path) -> int:
        """Write what `cached` says to a file, for `restore` in another process.

        It has the text of the prompt in it, so only the user may read it.

        Returns:
            Bytes written (12,288 a token for the default model); 0: nothing to write,
            or the system refused.
        """
        sequence = self._sequences.current
        size = lib.llama_state_seq_get_size(self._context, sequence.number)
        if not sequence.tokens or not size:
            return 0
        state = np.empty(size, np.uint8)
        written = lib.llama_state_seq_get_data(
            self._context, state.ctypes.data_as(BYTES), size, sequence.number
        )
        whole = snapshot.Snapshot(sequence.tokens, state[:written])
        return snapshot.write(path, whole, self._origin())

    def restore(self, path: Path) -> int:
        """Read back what `save` wrote; prompts that begin so need not evaluate it.

        Returns:
            Tokens read; 0: the file is absent, damaged, or of another model, adapter,
            context size or llama.cpp. Such a file may be deleted.
        """
        found = snapshot.read(path, self._origin())
        if found is None or len(found.tokens) >= self.n_ctx:
            return 0
        sequence = self._sequences.replace()
        pointer = found.state.ctypes.data_as(BYTES)
        size, number = found.state.size, sequence.number
        while not lib.llama_state_seq_set_data(self._context, pointer, size, number):
            if not self._sequences.make_room():
                self._cells.cut(number, 0)
                return 0
        sequence.tokens, sequence.prompt = found.tokens, len(found.tokens)
        return sequence.prompt

    def _origin(self) -> snapshot.Origin:
        return snapshot.Origin(
            model=self.model.digest,
            adapter=self.model.adapter_digest,
            n_ctx=self.n_ctx,
            llama_cpp=version("llama-cpp-python"),
        )

    def _step(self, part: Sequence[int], *, last: bool, lost: bool) -> bool:
        """Evaluate a step of a prompt, to its end unless it may be lost; False: it was."""
        began = time.monotonic()
        self._listen(self._cancel if lost else self._idle)
        try:
            made = self._decode(part, last=last)
        finally:
            self._listen(self._cancel)
        if made:
            self._steps.took(len(part), time.monotonic() - began)
        return made

    def _listen(self, cancel: Cancel) -> None:
        lib.llama_set_abort_callback(self._context, ABORT_IF_SET, cancel.address)

    def _decode(self, part: Sequence[int], *, last: bool) -> bool:
        """Evaluate up to LARGEST tokens; False when it was cancelled on the way."""
        self._spread()
        sequence = self._sequences.current
        start = len(sequence.tokens)
        batch = self._batch.fill(
            part, start=start, sequence=sequence.number, wanted=int(last)
        )
        status = lib.llama_decode(self._context, batch)
        while status == NO_ROOM and self._sequences.make_room():
            status = lib.llama_decode(self._context, batch)
        if status == 0:
            sequence.tokens.extend(part)
            return True
        if status == ABORTED:
            self._keep_whole(part, start)
            return False
        self.clear()
        msg = (
            f"llama.cpp refused {len(part)} tokens at {start} (status {status}): "
            f"{last_complaint()}"
        )
        raise DecodeError(msg)

    def _keep_whole(self, part: Sequence[int], start: int) -> None:
        """Of a step that was aborted, the ubatches that were done stay."""
        if not self.model.forgets:  # its state is of neither before nor behind the step
            self.clear()
            return
        sequence = self._sequences.current
        done = self._cells.length(sequence.number)
        sequence.tokens.extend(part[: max(0, done - start)])

    def _spread(self) -> None:
        n = self.threads.threads()
        if n != self._n_threads:
            lib.llama_set_n_threads(self._context, n, n)
            self._n_threads = n

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, TypeError):
            lib.llama_free(self._context)
