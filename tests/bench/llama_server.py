"""llama.cpp's own server on the loopback interface, for as long as a bench needs it."""

import http.client
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import reference

__all__ = ["Server", "running"]

PATIENT = {"OMP_WAIT_POLICY": "passive"}
"""Its threads sleep at barriers: with other programs beside it spinning ones take ten
times as long. For what it answers only: how fast it is must be asked without."""

START_SECONDS = 120
ANSWER_SECONDS = 300
INFILL_TOKENS = 1024
"""`/infill` sends three quarters of a batch of the prefix, one of the suffix: so as
many tokens of the file as our default settings show."""


class Server:
    """Greedy requests to a running server."""

    def __init__(self, port: int) -> None:
        self._port = port

    def completion(
        self, prompt: Sequence[int] | str, n_predict: int, *, begins: str = ""
    ) -> str:
        """What follows the prompt, up to its first line break.

        Args:
            prompt: Ids or text.
            n_predict: Tokens at the most.
            begins: What the answer must begin with, by a grammar; it is left out.
        """
        fields: dict[str, Any] = {"prompt": prompt}
        if begins:
            fields["grammar"] = f"root ::= {json.dumps(begins)} .*"
        return self._line("/completion", n_predict, fields).removeprefix(begins)

    def infill(self, prefix: str, suffix: str, n_predict: int) -> str:
        """What the server's own FIM prompt brings, up to the first line break."""
        fields = {"input_prefix": prefix, "input_suffix": suffix, "prompt": ""}
        return self._line("/infill", n_predict, fields)

    def _line(self, route: str, n_predict: int, fields: dict[str, Any]) -> str:
        # note: `stop` only spares the tokens after the cut
        greedy = {"temperature": 0, "n_predict": n_predict, "stop": ["\n"]}
        answer: str = self._post(route, {**fields, **greedy, "cache_prompt": False})[
            "content"
        ]
        return answer.partition("\n")[0]

    def healthy(self) -> bool:
        """Whether the model is loaded."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _post(self, route: str, fields: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=ANSWER_SECONDS
        )
        headers = {"Content-Type": "application/json"}
        try:
            connection.request("POST", route, json.dumps(fields), headers)
            response = connection.getresponse()
            body = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            msg = f"llama-server answered {response.status} on {route}: {body}"
            raise RuntimeError(msg)
        answer: dict[str, Any] = json.loads(body)
        return answer


@contextmanager
def running(
    model: Path,
    *,
    n_ctx: int,
    threads: int,
    step: int,
    adapter: Path | None = None,
    cache_reuse: int = 0,
    patient: bool = False,
) -> Iterator[Server]:
    """Start the server with one slot; end it at the end of the block.

    Args:
        model: The GGUF.
        n_ctx: Tokens of context; 0: as many as the model was trained with.
        threads: For the prompt and for the answer.
        step: Tokens of the prompt that are computed at once.
        adapter: A LoRA over the model.
        cache_reuse: Tokens from which on a chunk is shifted in the KV cache instead of
            being computed again; 0: never.
        patient: Bear with a busy machine; never where its speed is measured.
    """
    tool = reference.tool("llama-server")
    port = _free_port()
    options = {"-m": model, "-c": n_ctx, "-t": threads, "-np": 1, "--port": port}
    options |= {"-b": INFILL_TOKENS, "-ub": step, "--cache-reuse": cache_reuse}
    if adapter is not None:
        options["--lora"] = adapter
    command = [str(tool), "--host", "127.0.0.1", "--offline", "--no-ui"]
    for name, value in options.items():
        command += [name, str(value)]
    env = {**os.environ, **(PATIENT if patient else {})}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env=env
        )
        try:
            server = Server(port)
            _wait(server, process, log)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: Server, process: subprocess.Popen[bytes], log: Any) -> None:
    end = time.monotonic() + START_SECONDS
    while not server.healthy():
        if process.poll() is not None or time.monotonic() > end:
            log.seek(0)
            msg = f"llama-server did not start:\n{log.read()[-4000:]}"
            raise SystemExit(msg)
        time.sleep(0.1)
