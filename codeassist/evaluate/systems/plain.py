"""llama-cpp-python used plainly: `create_completion(prompt, suffix=…)`, nothing else."""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import Any

import psutil

from codeassist.config import Settings
from codeassist.engine.adapters import chosen
from codeassist.engine.models.store import resolve
from codeassist.evaluate.hole import Hole, Output

from . import plain_worker
from .endpoint import PeerError
from .window import MAX_TOKENS, around, asked_for, stops

__all__ = ["Plain"]


class Plain:
    """A process with llama-cpp-python's `Llama` over the same GGUF.

    Args:
        settings: The model, its adapter, the context and the threads.
        name: As it stands in reports.

    Raises:
        ModelError: missing weights.
        PeerError: the process does not start.
    """

    def __init__(self, settings: Settings, *, name: str = "llama-cpp-python") -> None:
        self.name = name
        # what it complains of; a file, as a pipe that nobody reads would fill up
        self._log = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed in `close`
        command = [sys.executable, plain_worker.__file__, _arguments(settings)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
        )
        self._answer()

    @property
    def pid(self) -> int:
        """Of the process, to count its CPU time."""
        return self._process.pid

    def complete(self, hole: Hole) -> Output:
        """The greedy answer."""
        return self._ask(hole, {"temperature": 0.0})

    def sample(self, hole: Hole, *, temperature: float, seed: int) -> Output:
        """A drawn answer."""
        return self._ask(hole, {"temperature": temperature, "seed": seed})

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._log.close()

    def _ask(self, hole: Hole, sampling: Mapping[str, Any]) -> Output:
        prefix, suffix = around(hole.prefix, hole.suffix)
        fields = {
            "prompt": prefix,
            "suffix": suffix,
            "max_tokens": MAX_TOKENS[hole.lines],
            "stop": stops(hole),
            **sampling,
        }
        started = time.monotonic()
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(fields) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._died() from error
        answer = self._answer()
        ms = (time.monotonic() - started) * 1000
        # note: the answer's text ends with the suffix where that was not understood
        text = asked_for(str(answer["choices"][0]["text"]), hole)
        usage = answer.get("usage", {})
        return Output(
            text=text,
            reason=None if text else "nothing-to-add",
            ms=ms,
            prompt_tokens=usage.get("prompt_tokens"),
            generated_tokens=usage.get("completion_tokens"),
            busy_ms=answer["busy_ms"],
        )

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._died()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _died(self) -> PeerError:
        self._process.wait()
        self._log.seek(0)
        said = self._log.read().decode("utf-8", "replace").strip().splitlines()
        why = said[-1] if said else f"status {self._process.returncode}"
        self.close()
        msg = f"{self.name} ended ({why}); check the model with `codeassist doctor`"
        return PeerError(msg)


def _arguments(settings: Settings) -> str:
    located = resolve(settings.model.id)
    lora = chosen(settings.model.adapter, located)
    n_threads = settings.model.threads or psutil.cpu_count(logical=False)
    return json.dumps(
        {
            "model_path": str(located.path),
            "lora_path": str(lora) if lora else None,
            "n_ctx": settings.model.n_ctx,
            "n_threads": n_threads,
            "n_threads_batch": n_threads,
            "n_gpu_layers": settings.model.gpu_layers,
            "verbose": False,
        }
    )
