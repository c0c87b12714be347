"""The real server around an engine that has read what is going to be typed.

Its last argument is the log. ``REPLAY_TEXT`` is the file; ``REPLAY_MODE`` what is made of it: ``right`` answers with
the next five characters, ``free`` the same without the model, ``wrong`` with something
that never comes, ``slow`` not before it is cancelled, ``dies`` ends the process at the
third request, ``broken`` has no model.
"""

import os
import sys
import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace

from codeassist.config import Settings
from codeassist.engine import Answer, Completion, Silence, Stop, Timings
from codeassist.errors import ModelMissingError
from codeassist.lsp import make_server

MODE = os.environ["REPLAY_MODE"]
TEXT = Path(os.environ["REPLAY_TEXT"]).read_text()
COST = Timings(reused=7, evaluated=3, generated=2)
NUMBERS = count(1)


def complete(request, cancel, **_):
    """Answer by the mode."""
    assert TEXT.startswith(request.before), "the server's text is not the editor's"
    if MODE == "dies" and next(NUMBERS) == 3:
        Path(sys.argv[-1]).write_text("warming up\nlight\n\nsmoke\nfire\n")
        sys.stderr.write("the engine is on fire\n")
        sys.stderr.flush()
        os._exit(3)
    if MODE == "slow":
        while not cancel.is_set():
            time.sleep(0.001)
        return Answer(silence=Silence.CANCELLED)
    at = len(request.before)
    text = "@@@ @@@" if MODE == "wrong" else TEXT[at : at + 5]
    if not text:
        return Answer(silence=Silence.NOTHING_TO_ADD, timings=COST)
    timings = Timings(reused=7) if MODE == "free" else COST
    return Answer((Completion(text, Stop.RULE),), timings=timings)


def load(settings, _progress):
    """A runtime around the oracle."""
    if MODE == "broken":
        msg = "the model x is not on this machine; run `codeassist models pull x`"
        raise ModelMissingError(msg)
    completer = SimpleNamespace(
        complete=complete,
        recall=lambda _request: None,
        settings=settings.completion,
    )
    return SimpleNamespace(completer=completer, model="oracle", family="f", note="")


server = make_server(Settings(), load)
server.start_io()
server.worker.stop()
