"""The real server around an engine that answers at once, and says what it was asked.

It is driven by the text before the cursor: ``slow`` takes until it is cancelled (10 s
at the most), ``flight`` says ``abc`` and goes on with ``def`` when the file
``ECHO_FLIGHT`` is there or it is cancelled, ``crash`` raises, ``small`` finds the context too small, ``crlf`` answers
in two lines, ``whole`` with all that it was shown, ``known`` with the paths that its context shows, ``settings`` with its
``max_tokens`` and its adapter's text; anything else is answered with the last character before the cursor and the first one after it.

And by the environment: with ``ECHO_NO_MODEL`` there is none, with ``ECHO_GATE`` it
loads until that file is there, ``ECHO_NOTE`` is what it has to say of itself;
``ECHO_CONFIG`` is the user's configuration folder, ``ECHO_GIVEN`` the JSON of what the
command line says, ``ECHO_RECORDS`` the file of the records, ``ECHO_MODEL`` a file
without which there is no model, ``ECHO_PROGRAM`` the JSON of what is run for long work.
Settings with a ``max_tokens`` of 33 are wanted when the file ``ECHO_FOLDER`` is there.

Its adapters lie where the user's do; ``active.json`` is the name of the active one.
"""

import json
import logging
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from codeassist import config, settings_files
from codeassist.engine.adapters import active_file
from codeassist.engine.adapters.store import ADAPTER
from codeassist.engine.decode import Stop
from codeassist.engine.recall import Recall
from codeassist.engine.request import Answer, Completion, Silence
from codeassist.errors import (
    AdapterError,
    ContextTooSmallError,
    ModelFileError,
    ModelMissingError,
)
from codeassist.lsp import Wanted, make_server
from codeassist.lsp.jobs import PROGRAM


class Echo:
    """A completer without a model; it knows how many requests run at once."""

    def __init__(self, settings, adapter=""):
        self.settings = settings
        self.adapter = adapter
        self._running = 0
        self._recall = Recall()
        self._lock = threading.Lock()
        self.context = None

    def recall(self, request):
        found = self._recall.find(request)
        return Answer((found.completion,), recalled=True) if found else None

    def warm(self, _request, _cancel):
        return 0

    def foresee(self, _request, _cancel):
        return False

    def complete(self, request, cancel, *, tell):
        with self._lock:
            self._running += 1
            if self._running > 1:
                sys.stderr.write("TWO AT ONCE\n")
        try:
            return self._answer(request, cancel, tell)
        finally:
            with self._lock:
                self._running -= 1

    def _answer(self, request, cancel, tell):
        line = request.before.rpartition("\n")[2]
        if line.endswith("flight"):
            return self._flight(request, cancel, tell)
        if line.endswith("slow"):
            until = time.monotonic() + 10
            while time.monotonic() < until and not cancel.is_set():
                time.sleep(0.001)
            if cancel.is_set():
                sys.stderr.write("STOPPED\n")
                return Answer(silence=Silence.CANCELLED)
        if line.endswith("crash"):
            msg = "this completion crashes"
            raise RuntimeError(msg)
        if line.endswith("small"):
            msg = "the prompt has 600 tokens, the context 512; raise model.n_ctx"
            raise ContextTooSmallError(msg)
        texts = self._texts(line, request)
        if request.alternatives > 1:
            texts += [f"alternative {n}" for n in range(1, request.alternatives)]
        return Answer(tuple(Completion(text, Stop.RULE) for text in texts))

    def _texts(self, line, request):
        if line.endswith("crlf"):
            return ["one\r\ntwo"]
        if line.endswith("whole"):
            return [f"{request.before}|{request.after}"]
        if line.endswith("known"):
            return [" ".join(self._known(request)) or "nothing"]
        if line.endswith("settings"):
            return [f"{self.settings.max_tokens} {self.adapter or 'plain'}"]
        return [f"<{request.before[-1:]}|{request.after[:1]}>"]

    def _flight(self, request, cancel, tell):
        tell("abc")
        gate = Path(os.environ["ECHO_FLIGHT"])
        gate.with_suffix(".said").touch()
        while not gate.exists() and not cancel.is_set():
            time.sleep(0.001)
        if cancel.is_set():
            sys.stderr.write("STOPPED\n")
            return Answer(silence=Silence.CANCELLED)
        completion = Completion("abcdef", Stop.RULE)
        self._recall.keep(request, completion, block=False)
        return Answer((completion,))

    def _known(self, request):
        """What the context shows, once the index of a small repository is there."""
        from codeassist.engine.context.select import View  # a third of a start

        until = time.monotonic() + 50
        while self.settings.context_tokens and time.monotonic() < until:
            if self.context is None:
                time.sleep(0.01)
                continue
            before, after = request.before, request.after
            line = before.rpartition("\n")[2]
            view = View(request.path, before, after, line, after[:1])
            found = self.context.around(view, 1000, len)
            if found and found.snippets:
                return [each.path for each in found.snippets]
            time.sleep(0.01)
        return []


def load(settings, progress):
    """A runtime around the echo, or the error of a missing model."""
    file = os.environ.get("ECHO_MODEL")
    if os.environ.get("ECHO_NO_MODEL") or (file and not Path(file).exists()):
        msg = "the model x is not on this machine; run `codeassist models pull x`"
        raise ModelMissingError(msg)
    for n in range(11):
        progress(n / 10)
    gate = os.environ.get("ECHO_GATE")
    while gate and not Path(gate).exists():
        if progress(1.0) is False:
            sys.stderr.write("GIVEN UP\n")
            msg = "x is damaged: that is what llama.cpp says of an aborted load"
            raise ModelFileError(msg)
        time.sleep(0.001)
    adapter = settings.model.adapter and Path(settings.model.adapter).read_text()
    if adapter == "cut":
        msg = f"{settings.model.adapter} cannot be loaded over echo: it is cut short"
        raise AdapterError(msg)
    sys.stderr.write("LOADED\n")
    model = settings.model.id or "echo"
    note = os.environ.get("ECHO_NOTE", "")
    completer = Echo(settings.completion, adapter)
    return SimpleNamespace(completer=completer, model=model, family="echo", note=note)


class Switching:
    """What is wanted of the echo: any model, and the active adapter."""

    def wanted(self, settings):
        gate = Path(os.environ.get("ECHO_FOLDER", os.devnull))
        while settings.completion.max_tokens == 33 and not gate.exists():
            gate.with_suffix(".said").touch()
            time.sleep(0.001)
        file, model = active_file(), settings.model
        name = file.read_text() if file.exists() and not model.adapter else ""
        adapter = str(file.parent / name / ADAPTER) if name else model.adapter
        return Wanted(replace(settings, model=replace(model, adapter=adapter)))

    def adjusted(self, runtime, settings):
        new = Echo(settings.completion, runtime.completer.adapter)
        new.context = runtime.completer.context
        return SimpleNamespace(**{**vars(runtime), "completer": new})


if __name__ == "__main__":  # else it is the index's process that imports it
    logging.basicConfig(level=logging.INFO)
    folder = Path(os.environ.get("ECHO_CONFIG", os.devnull))
    config.config_dir = lambda: folder
    given = json.loads(os.environ.get("ECHO_GIVEN", "{}"))
    records = Path(os.environ["ECHO_RECORDS"]) if "ECHO_RECORDS" in os.environ else None
    server = make_server(
        config.Settings(),
        load,
        files=settings_files.load,
        given=given,
        records=records,
        switching=Switching(),
        program=json.loads(os.environ.get("ECHO_PROGRAM", json.dumps(PROGRAM))),
    )
    server.start_io()
    server.worker.stop()
