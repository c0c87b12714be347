"""Running programs nobody has read, so that none can do harm.

Bubblewrap gives a program its own small world: a read-only system, an empty `/tmp`
and home, no network, no other processes. Limits of the kernel bound each of its
processes, a watch over all of them what these leave open.
"""

from .limits import Ended, Limits, Ran, SandboxError
from .run import Sandbox, available

__all__ = ["Ended", "Limits", "Ran", "Sandbox", "SandboxError", "available"]
