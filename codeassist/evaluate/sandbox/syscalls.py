"""A seccomp filter against calls by which a program leaves its limits.

Bubblewrap's namespaces and the resource limits do the work; this closes what they
leave open: memory that belongs to no process, namespaces (and with them mounts) of the
program's own, kernel interfaces with a long record of escapes, and sockets, such as
those to a virtual machine's host, that no network namespace holds.
"""

import errno
import platform
import struct

__all__ = ["seccomp_filter"]

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""Machine: its number in `linux/audit.h`, and the column of `REFUSED`."""

REFUSED = {
    # memory that no process is charged for
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # namespaces of its own
    "unshare": (272, 97),
    "setns": (308, 268),
    # large and often broken parts of the kernel
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
}
"""Name and numbers of calls that fail with EPERM."""

CLONE, CLONE3, SOCKET = (56, 220), (435, 435), (41, 198)
CLONE_NEWUSER = 0x10000000
FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: those that the network namespace confines."""

X32 = 0x40000000
"""Bit of x86_64's second numbering, which would go round the table."""

# instructions of classic BPF and offsets in `struct seccomp_data`
LOAD, EQUAL, AT_LEAST, BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, ARGUMENT_0 = 0, 4, 16
KILL, ALLOW, FAIL = 0x80000000, 0x7FFF0000, 0x00050000


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One `struct sock_filter`; ``yes`` and ``no`` say how many to skip."""
    return struct.pack("=HBBI", code, yes, no, value)


def _fail(error: int) -> bytes:
    return _op(RETURN, FAIL | error)


def seccomp_filter() -> bytes | None:
    """The program for bubblewrap's ``--seccomp``.

    Returns:
        Instructions of classic BPF; None on a machine whose numbers are not known.
    """
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        return None
    audit, column = ARCHITECTURES[machine]
    refused = [
        _op(EQUAL, numbers[column], no=1) + _fail(errno.EPERM)
        for numbers in REFUSED.values()
    ]
    families = [
        _op(EQUAL, family, yes=len(FAMILIES) - n) for n, family in enumerate(FAMILIES)
    ]
    return b"".join(
        (
            _op(LOAD, ARCHITECTURE),
            _op(EQUAL, audit, yes=1),
            _op(RETURN, KILL),
            _op(LOAD, NUMBER),
            _op(AT_LEAST, X32, no=1),
            _fail(errno.ENOSYS),
            *refused,
            # its flags lie where no filter sees them; libraries fall back to clone
            _op(EQUAL, CLONE3[column], no=1),
            _fail(errno.ENOSYS),
            _op(EQUAL, CLONE[column], no=4),
            _op(LOAD, ARGUMENT_0),
            _op(BITS, CLONE_NEWUSER, no=1),
            _fail(errno.EPERM),
            _op(RETURN, ALLOW),
            _op(EQUAL, SOCKET[column], no=len(FAMILIES) + 2),
            _op(LOAD, ARGUMENT_0),
            *families,
            _fail(errno.EAFNOSUPPORT),
            _op(RETURN, ALLOW),
        )
    )
