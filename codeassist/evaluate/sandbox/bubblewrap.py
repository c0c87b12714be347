"""The command line that puts a program into a world of its own."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .limits import Limits, SandboxError

__all__ = ["Bubblewrap", "Descriptors"]

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache")
NAMESPACES = (
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-cgroup-try",
)
FIRST_USER = 1 << 30
"""Numbers from here on are nobody's."""


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Open file descriptors that bubblewrap inherits."""

    info: int
    """Written to by bubblewrap: the process id of the sandbox's first process."""

    ready: int
    """Written to when the limits stand and the program is about to start."""

    seccomp: int
    files: Mapping[str, int]
    """Content of the files in the working folder, by name."""

    def all(self) -> tuple[int, ...]:
        """Every one of them."""
        return (self.info, self.ready, self.seccomp, *self.files.values())


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """An installed bubblewrap, and how it is used here."""

    path: str
    own_user: bool
    """Root has no limit on processes: it gives each program a user number of its
    own. An ordinary user needs a user namespace, in which the limit counts afresh."""

    cpu_s: float = 0.0
    """What setting up costs."""

    def command(
        self,
        argv: Sequence[str],
        limits: Limits,
        readable: Sequence[Path],
        given: Descriptors,
    ) -> list[str]:
        """The command that runs ``argv`` confined."""
        return [
            self.path,
            *NAMESPACES,
            *(() if self.own_user else ("--unshare-user",)),
            # the shell below is the first process: bubblewrap ends after it, and it
            # after everything else, so that nothing can outlive the run
            "--as-pid-1",
            "--die-with-parent",
            "--new-session",
            *("--info-fd", str(given.info)),
            *("--seccomp", str(given.seccomp)),
            *_tree(limits, readable),
            *_files(given.files),
            *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"),
            *(_another_user() if self.own_user else ("--",)),
            *("/bin/bash", "-c", _limiting(limits, given.ready), "sandbox"),
            *argv,
        ]


def _tree(limits: Limits, readable: Sequence[Path]) -> Iterator[str]:
    """What the program sees: the system, devices, empty folders, ``readable``."""
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    yield from ("--dir", "/etc")
    for setting in SETTINGS:
        yield from ("--ro-bind-try", setting, setting)
    yield from ("--proc", "/proc", "--dev", "/dev")
    for folder, mib in (("/dev/shm", limits.file_mib), ("/tmp", limits.disk_mib)):
        yield from ("--perms", "1777", "--size", str(mib << 20), "--tmpfs", folder)
    for path in readable:
        if Path.home().is_relative_to(path):
            raise SandboxError(
                f"{path} holds the home folder and cannot be shown to generated "
                "code; use a Python from a folder of its own"
            )
        # parents that are mounts' own making would be closed to other users
        for parent in reversed(path.parents[:-1]):
            yield from ("--dir", str(parent))
        yield from ("--ro-bind", str(path), str(path))


def _files(files: Mapping[str, int]) -> Iterator[str]:
    for name, descriptor in files.items():
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or not pure.name:
            raise SandboxError(f"{name!r} is no name of a file in the sandbox")
        for parent in reversed(pure.parents[:-1]):
            yield from ("--perms", "1777", "--dir", f"/tmp/{parent}")
        yield from ("--perms", "0666", "--file", str(descriptor), f"/tmp/{pure}")


def _another_user() -> tuple[str, ...]:
    """Become a user that owns nothing and runs nothing else."""
    number = FIRST_USER + secrets.randbelow(1 << 29)
    return (
        *("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"),
        *("--cap-add", "CAP_SETPCAP", "--"),
        *("/usr/bin/setpriv", f"--reuid={number}", f"--regid={number}"),
        *("--clear-groups", "--bounding-set=-all", "--inh-caps=-all"),
    )


def _limiting(limits: Limits, ready: int) -> str:
    """A script for bash that bounds itself, says so, and runs its arguments."""
    address = limits.address_mib or limits.memory_mib
    return (
        f"ulimit -c 0 -f {limits.file_mib << 10} -n {limits.open_files}"
        f" -u {limits.processes} -v {address << 10}"
        f" && ulimit -S -t {limits.cpu_s} && ulimit -H -t {limits.cpu_s + 1}"
        f" && echo ready >&{ready} && exec {ready}>&- || exit 125\n"
        # something must follow the program, or bash would become it
        '"$@"; exit $?'
    )
