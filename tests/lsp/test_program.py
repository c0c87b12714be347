"""A program beside the server."""

import asyncio
import sys
from pathlib import Path

import pytest

from codeassist.lsp.program import NICE, Program

OWN = Path("/proc/self/autogroup")

WAITS = f"""
import time
end = time.monotonic() + 30
while "nice {NICE}" not in (said := open("{OWN}").read()) and time.monotonic() < end:
    pass
print(said)
"""


@pytest.mark.skipif(not OWN.exists(), reason="the kernel does not group by sessions")
def test_it_lets_the_editors_session_go_first():
    """Its whole session steps back, as a niceness alone counts within a session."""
    ours = OWN.read_text()
    program = Program([sys.executable, "-c", WAITS])
    ended = asyncio.run(program.run(lambda _line: False))
    assert ended.output.strip().endswith(f"nice {NICE}")
    assert OWN.read_text() == ours
