"""Running a program in the sandbox; finding out whether there can be one."""

import fcntl
import functools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from .bubblewrap import Bubblewrap, Descriptors
from .limits import Ended, Limits, Ran, SandboxError
from .syscalls import seccomp_filter
from .watch import Watch

__all__ = ["Sandbox", "available"]

ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    # libraries that start a thread for each core meet the limit on big machines
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""All that a program sees of it."""

SIGNALS = {128 + signal.SIGXCPU: Ended.CPU, 128 + signal.SIGXFSZ: Ended.FILES}
"""By which the kernel ends who meets a limit."""

INSTALL = (
    "generated code runs only in a sandbox: install bubblewrap 0.8 or newer "
    "(apt-get install bubblewrap)"
)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Runs programs that nobody has read.

    Each run has an empty ``/tmp``, in memory, which is its working folder and home.
    Runs share nothing: several threads may use one sandbox.
    """

    limits: Limits = field(default_factory=Limits)
    readable: tuple[Path, ...] = ()
    """Folders outside the system's that programs see, for reading."""

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str = "",
        files: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run a program to its end, or to the first limit it meets.

        Args:
            argv: Program and arguments, as seen from inside.
            stdin: What it reads.
            files: Name and text of files in its working folder.

        Raises:
            SandboxError: There is no sandbox here, or a file's name leads outside.
        """
        means = _means(shutil.which("bwrap"))
        if isinstance(means, str):
            raise SandboxError(means)
        return _run(means, self, argv, stdin, files or {})


def available() -> str | None:
    """Why there is no sandbox on this machine, in one line; None where there is one.

    A first call tries it out, which takes about a tenth of a second.
    """
    means = _means(shutil.which("bwrap"))
    return means if isinstance(means, str) else None


@functools.cache
def _means(bwrap: str | None) -> Bubblewrap | str:
    """Bubblewrap in the way it works here, or why it does not."""
    if not sys.platform.startswith("linux") or seccomp_filter() is None:
        return "generated code runs only in a sandbox, which needs Linux on x86_64 or aarch64"
    if bwrap is None:
        return INSTALL
    why = ""
    for own_user in (True, False) if os.geteuid() == 0 else (False,):
        try:
            return _tried(Bubblewrap(bwrap, own_user))
        except SandboxError as error:
            why = str(error)
    return (
        f"bubblewrap is installed but cannot confine a program here ({why}): allow "
        "user namespaces (sysctl kernel.unprivileged_userns_clone=1, "
        "kernel.apparmor_restrict_unprivileged_userns=0), in a container too"
    )


def _tried(means: Bubblewrap) -> Bubblewrap:
    """Try it out: a program must start, and one that forks on must be stopped.

    Raises:
        SandboxError: It does not start, or is not stopped.
    """
    ran = _run(means, Sandbox(), ["/bin/sh", "-c", "/bin/true & wait"], "", {})
    if ran.status != 0:
        raise SandboxError(f"no process can be started: {ran.stderr.strip()!r}")
    few = Sandbox(Limits(processes=5))
    forks = "for n in 1 2 3 4 5 6 7 8; do /bin/sleep 1 & done"
    if _run(means, few, ["/bin/sh", "-c", forks], "", {}).status == 0:
        raise SandboxError("the number of processes is not bounded")
    costs = [_run(means, Sandbox(), ["/bin/true"], "", {}).cpu_s for _ in range(3)]
    return replace(means, cpu_s=min(costs))


def _run(
    means: Bubblewrap,
    sandbox: Sandbox,
    argv: Sequence[str],
    stdin: str,
    files: Mapping[str, str],
) -> Ran:
    begun = time.monotonic()
    with ExitStack() as stack:
        news, info = _pipe(stack)
        given = Descriptors(
            info=info,
            ready=_kept(stack, os.dup(info)),
            seccomp=_in_memory(stack, seccomp_filter() or b""),
            files={name: _text(stack, text) for name, text in files.items()},
        )
        process = stack.enter_context(
            subprocess.Popen(
                means.command(argv, sandbox.limits, sandbox.readable, given),
                stdin=_text(stack, stdin),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=given.all(),
                env=ENVIRONMENT,
                bufsize=0,
            )
        )
        assert process.stdout is not None
        assert process.stderr is not None
        out, err = process.stdout.fileno(), process.stderr.fileno()
        watch = Watch(news, out, err, sandbox.limits)
        try:
            met = watch.follow(process.pid)
        except BaseException:
            process.kill()
            raise
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if not watch.ready and met is None:
        lines = watch.stderr.strip().splitlines()
        raise SandboxError(lines[-1] if lines else f"{means.path} ended at once")
    return Ran(
        status=process.returncode,
        stdout=watch.stdout,
        stderr=watch.stderr,
        # the kernel forgets what those used that it ends along with the first process
        cpu_s=max(watch.cpu_s, used.ru_utime + used.ru_stime - means.cpu_s, 0.0),
        wall_s=time.monotonic() - begun,
        ended=met or _ended(process.returncode),
    )


def _ended(status: int) -> Ended:
    signals = {128 + number for number in signal.Signals}
    return SIGNALS.get(status, Ended.SIGNAL if status in signals else Ended.EXITED)


# -- descriptors ---------------------------------------------------------------------


def _kept(stack: ExitStack, fd: int) -> int:
    stack.callback(os.close, fd)
    return fd


def _pipe(stack: ExitStack) -> tuple[int, int]:
    reading, writing = os.pipe()
    return _kept(stack, reading), _kept(stack, writing)


def _text(stack: ExitStack, text: str) -> int:
    return _in_memory(stack, text.encode(errors="replace"))


def _in_memory(stack: ExitStack, content: bytes) -> int:
    """A file in memory, to be read from its start and never to be changed."""
    fd = _kept(stack, os.memfd_create("sandbox", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING))
    with os.fdopen(os.dup(fd), "wb") as file:
        file.write(content)
    os.lseek(fd, 0, os.SEEK_SET)
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals | fcntl.F_SEAL_SEAL)
    return fd
