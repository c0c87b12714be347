import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

PARENT = """\
import threading
from codeassist.training.corpus.engines import Local


def work(item):
    print("works", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    list(Local(2).each(work, [1, 2]))
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")
@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM"])
def test_workers_end_with_their_parent(tmp_path: Path, end: str) -> None:
    """A build that is killed leaves no process behind, whatever that is at."""
    program = tmp_path / "parent.py"
    program.write_text(PARENT, encoding="utf-8")
    command = [sys.executable, str(program)]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as parent:
        assert parent.stdout is not None
        said = [parent.stdout.readline() for _ in range(2)]
        children = psutil.Process(parent.pid).children()
        parent.send_signal(signal.Signals[end])
        _, alive = psutil.wait_procs(children, timeout=30)
        for each in alive:
            each.kill()
    assert said == ["works\n"] * 2
    assert len(children) > 2  # with the tracker of their semaphores
    assert not alive
