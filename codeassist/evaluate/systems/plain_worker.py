"""llama-cpp-python as its README shows it: one request a line on stdin, one answer.

It runs in a process of its own (``python plain_worker.py SETTINGS``), as a user's
script would; nothing of ours is in that process.
"""

import json
import os
import sys
import time
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Answer until stdin ends."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what native code prints must not come between the answers
    from llama_cpp import Llama

    llama = Llama(**json.loads(sys.argv[1]))
    _tell(told, {"ready": True})
    for line in sys.stdin:
        fields = json.loads(line)
        started = time.monotonic()
        answer: dict[str, Any] = llama.create_completion(**fields)
        busy_ms = (time.monotonic() - started) * 1000
        _tell(told, {**answer, "busy_ms": busy_ms})


def _tell(told: Any, answer: dict[str, Any]) -> None:
    told.write(json.dumps(answer) + "\n")
    told.flush()


if __name__ == "__main__":
    main()
