"""The training loop: rows in, better weights out, at home after every kill."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal, NoReturn

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from codeassist.errors import ConfigError, CorpusError, MemoryShortError, TrainingError
from codeassist.training.cores import with_threads
from codeassist.training.model import Decoder

from .batches import Order, Rows
from .ending import asked_to_end
from .fingerprint import check_unchanged, fingerprint
from .gradient import gradient, held_out_loss
from .learner import Learner, learning
from .memory import check_memory, estimate_for
from .optimiser import Average, make_optimiser, moments, restore_moments
from .outcome import Outcome, Step
from .parallel import Ranks, joined, like, whole
from .schedule import learning_rate
from .settings import LoopSettings
from .state import load_state, save_state, state_folder

__all__ = ["train"]

Observe = Callable[[Step], None]

ADAPTERS = (".lora_a", ".lora_b")
NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory")


def train(
    decoder: Decoder,
    rows: Rows,
    settings: LoopSettings,
    folder: Path,
    *,
    observe: Observe = lambda _step: None,
    held_out: Rows | None = None,
) -> Outcome:
    """Train the parameters that require a gradient; go on from ``folder/state``.

    Runs on the GPU where there is one. Where nothing but adapters is learned, frozen
    weights are cast to ``settings.dtype``; else all weights become float32, and
    autocast does the rest. Ctrl-C or SIGTERM ends the run after the step under way,
    with a saved state; a second Ctrl-C ends it at once. With a moving average the
    decoder holds the averages in the end.

    Args:
        decoder: what is trained, in place.
        rows: what it learns from.
        settings: how.
        folder: where states are kept, in ``state``.
        observe: told of each step, in the leading process.
        held_out: rows whose loss is looked at now and then.

    Raises:
        ConfigError: settings that do not fit.
        CorpusError: there are no rows.
        MemoryShortError: it needs more memory than there is.
        TrainingError: the loss or the gradient is not finite, a state is damaged or of
            another run.
        DiskSpaceError: no room for a state.
    """
    if not len(rows):
        msg = "there are no rows to learn from; name sources that hold code"
        raise CorpusError(msg)
    with ExitStack() as stack:
        ranks = stack.enter_context(joined(settings))
        stack.enter_context(with_threads(settings.threads))
        autocast = _prepare(decoder, settings)
        _check_room(decoder, settings, len(rows[0].tokens), ranks.device)
        about = {
            "settings": settings.curve,
            "fingerprint": fingerprint(decoder, rows),
        }
        learner = stack.enter_context(learning(decoder, autocast))
        run = _Run(learner, rows, settings, state_folder(folder), ranks, about)
        run.resume()
        stop = stack.enter_context(asked_to_end(leads=ranks.leads))
        return run.go(observe, held_out, stop)


class _Run:
    """One training, from its first or saved step to its last."""

    def __init__(
        self,
        learner: Learner,
        rows: Rows,
        settings: LoopSettings,
        folder: Path,
        ranks: Ranks,
        about: dict[str, Any],
    ) -> None:
        self._rows, self._settings, self._ranks = rows, settings, ranks
        self._folder, self._about = folder, about
        self._module = ranks.wrap(learner)
        if settings.compile:
            for layer in learner.decoder.layers:
                layer.compile()
        self._learned: dict[str, nn.Parameter] = {
            name.removeprefix("decoder."): each
            for name, each in learner.named_parameters()
            if each.requires_grad
        }
        self._optimiser = make_optimiser(self._learned, settings)
        self._average: Average | None = None
        if settings.ema is not None:
            self._average = Average(self._learned, settings.ema)
        self._order = Order(
            len(rows), rows_per_step=settings.rows_per_step, seed=settings.seed
        )
        self._done, self._loss = 0, math.nan
        self._saved_at, self._saved_when, self._state = 0, time.monotonic(), folder

    def resume(self) -> None:
        """Take the newest state in, if there is one."""
        saved = load_state(self._folder)
        if saved is None:
            return
        check_unchanged(saved, self._about, self._settings)
        own = {
            name: like(tensor, self._learned[name.partition("/")[2]])
            for name, tensor in saved.tensors.items()
        }
        with torch.no_grad():
            for name, parameter in self._learned.items():
                parameter.copy_(own[f"weight/{name}"])
        restore_moments(self._optimiser, self._learned, own, saved.step)
        if self._average is not None:
            for name in self._learned:
                self._average.tensors[name] = own[f"average/{name}"]
        self._done, self._loss = saved.step, float(saved.about["loss"])
        self._saved_at, self._state = saved.step, saved.path

    def go(
        self, observe: Observe, held_out: Rows | None, stop: threading.Event
    ) -> Outcome:
        """Make all steps that are left."""
        stopped: Literal["done", "interrupted"] = "done"
        while self._done < self._settings.steps:
            if any(self._ranks.total(stop.is_set())):
                stopped = "interrupted"
                break
            made = self._step(held_out)
            if self._ranks.leads:
                observe(made)
            if any(self._ranks.total(self._is_due())):
                self._save()
        if self._saved_at < self._done:
            self._save()
        if self._average is not None:
            self._average.swap()
        return Outcome(self._done, self._loss, stopped, self._state)

    def _step(self, held_out: Rows | None) -> Step:
        began, settings, ranks = time.perf_counter(), self._settings, self._ranks
        # What chance there is (dropout) hangs on the step alone, as the rows do.
        torch.manual_seed(hash((settings.seed, self._done, ranks.rank)) % 2**63)
        lr = learning_rate(settings, self._done)
        for group in self._optimiser.param_groups:
            group["lr"] = lr
        indices = self._order(self._done)
        mine = indices[ranks.rank :: ranks.world]
        with self._guarded():
            self._module.train()
            rows = [self._rows[index] for index in mine]
            sums = gradient(self._module, rows, settings, ranks)
            norm = self._clip()
            if not (math.isfinite(sums.loss) and math.isfinite(norm)):
                self._refuse(sums.loss, norm, indices)
            self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        if self._average is not None:
            self._average.update()
        self._done, self._loss = self._done + 1, sums.loss
        return Step(
            step=self._done,
            loss=sums.loss,
            lr=lr,
            grad_norm=norm,
            tokens=sums.tokens,
            learned_tokens=sums.learned,
            seconds=time.perf_counter() - began,
            balance=sums.balance,
            shares=sums.shares,
            held_out=self._look(held_out),
        )

    def _clip(self) -> float:
        """Cut the gradient down; return its norm before."""
        learned = [*self._learned.values()]
        gradients = [each.grad for each in learned if each.grad is not None]
        norm = whole(get_total_norm(gradients))
        if self._settings.clip:
            clip_grads_with_norm_(learned, self._settings.clip, norm)
        return float(norm)

    def _look(self, held_out: Rows | None) -> float | None:
        settings = self._settings
        last = self._done == settings.steps
        if not held_out or (self._done % settings.held_out_every and not last):
            return None
        self._module.eval()
        with ExitStack() as stack:
            if self._average is not None:
                stack.enter_context(self._average.swapped())
            return held_out_loss(self._module, held_out, settings, self._ranks)

    def _is_due(self) -> bool:
        settings = self._settings
        passed = time.monotonic() - self._saved_when
        by_clock = 0 < settings.save_seconds <= passed
        return by_clock or (
            settings.save_every > 0 and self._done % settings.save_every == 0
        )

    def _save(self) -> None:
        parts: dict[str, Tensor] = {
            f"weight/{name}": each for name, each in self._learned.items()
        }
        parts |= moments(self._optimiser, self._learned)
        if self._average is not None:
            for name, each in self._average.tensors.items():
                parts[f"average/{name}"] = each
        tensors = {}
        for name, each in parts.items():  # a GPU holds one of them whole at a time
            full = whole(each)
            if not full.isfinite().all():
                self._refuse_to_save(name)
            if self._ranks.leads:
                tensors[name] = full.cpu()
        about, keep = {**self._about, "loss": self._loss}, self._settings.keep
        if self._ranks.leads:
            save_state(self._folder, self._done, tensors, about, keep=keep)
        self._ranks.wait()
        self._saved_at, self._saved_when = self._done, time.monotonic()
        self._state = self._folder / f"step-{self._done:08d}"

    def _refuse(self, loss: float, norm: float, indices: Sequence[int]) -> NoReturn:
        what = f"gradient ({norm})" if math.isfinite(loss) else f"loss ({loss})"
        rows = ", ".join(map(str, indices[:16]))
        msg = (
            f"the {what} is not finite at step {self._done + 1}, rows {rows}; "
            f"{self._whence()}: lower loop.lr or look at these rows"
        )
        raise TrainingError(msg)

    def _refuse_to_save(self, name: str) -> NoReturn:
        msg = (
            f"after step {self._done} {name} is not finite and is not saved; "
            f"{self._whence()}: lower loop.lr"
        )
        raise TrainingError(msg)

    def _whence(self) -> str:
        if not self._saved_at:
            return "nothing was saved yet"
        return f"the last good state is {self._state}"

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Say in one line that memory ran out."""
        try:
            yield
        except (MemoryError, RuntimeError) as error:
            text = str(error).lower()
            if not (
                isinstance(error, MemoryError | torch.OutOfMemoryError)
                or any(each in text for each in NO_MEMORY)
            ):
                raise
            msg = (
                f"memory ran out at step {self._done + 1}; {self._whence()}: lower "
                f"loop.rows_per_batch or set loop.recompute"
            )
            raise MemoryShortError(msg) from error


def _prepare(decoder: Decoder, settings: LoopSettings) -> torch.dtype | None:
    """Give weights their types; return that of autocast, if it is needed."""
    decoder.recompute = settings.recompute
    low: torch.dtype = getattr(torch, settings.dtype)
    learned = {n: p for n, p in decoder.named_parameters() if p.requires_grad}
    if not learned:
        msg = "no parameter of the decoder is to be learned; add adapters"
        raise ConfigError(msg)
    if _only_adapters(learned):
        for name, each in decoder.named_parameters():
            if name not in learned:
                each.data = each.data.to(low)
        return None
    for each in decoder.parameters():
        each.data = each.data.float()
    return None if low is torch.float32 else low


def _only_adapters(learned: Iterable[str]) -> bool:
    return all(name.endswith(ADAPTERS) for name in learned)


def _check_room(
    decoder: Decoder, settings: LoopSettings, length: int, device: torch.device
) -> None:
    """Refuse what does not fit; weights that are on the device already count as there."""
    learned = {n: p for n, p in decoder.named_parameters() if p.requires_grad}
    need = estimate_for(
        decoder.config,
        settings,
        length=length,
        learned=sum(each.numel() for each in learned.values()),
        adapters=_only_adapters(learned),
    )
    there = sum(p.nbytes for p in decoder.parameters() if p.device == device)
    check_memory(need.total - min(there, need.weights), need)
