"""What a program in the sandbox may use, and what became of it."""

from dataclasses import dataclass
from enum import Enum

from codeassist.errors import CodeassistError

__all__ = ["Ended", "Limits", "Ran", "SandboxError"]


class SandboxError(CodeassistError):
    """There is no sandbox on this machine, or it could not be set up."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use; what it starts counts with it."""

    wall_s: float = 10.0
    cpu_s: int = 10
    """Of each process, and of all together."""

    memory_mib: int = 1024
    """Resident memory of all processes; pages that several share count for each."""

    address_mib: int | None = None
    """Address space of one process, beyond which allocating fails; by default
    `memory_mib`. Runtimes that reserve far more than they use need more."""

    processes: int = 64
    """Processes and threads at once, of which the sandbox itself needs two."""

    open_files: int = 64
    """At once in one process."""

    file_mib: int = 16
    """The largest file."""

    disk_mib: int = 64
    """All files under `/tmp`, which is the memory of the machine."""

    files: int = 10_000
    """Number of files under `/tmp`."""

    output_kib: int = 1024
    """Of standard output, and as much again of standard error."""


class Ended(Enum):
    """How a run came to its end."""

    EXITED = "exited"
    """By itself, with whatever status."""

    SIGNAL = "signal"
    """By a signal, such as a segmentation fault; the status is 128 + signal."""

    TIMEOUT = "timeout"
    CPU = "cpu"
    MEMORY = "memory"
    PROCESSES = "processes"
    OUTPUT = "output"
    FILES = "files"
    """A file grew too large, or there were too many."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program did."""

    status: int
    """Exit status, 128 + signal where a signal ended it."""

    stdout: str
    stderr: str
    cpu_s: float
    """Of the program and all it started; the sandbox's own, measured once, is
    taken off."""

    wall_s: float
    """From the call to the end of the last process."""

    ended: Ended
