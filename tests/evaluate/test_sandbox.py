"""What generated code tries, and what becomes of it."""

import socket
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from codeassist.evaluate.executing import _readable
from codeassist.evaluate.sandbox import Ended, Limits, Sandbox, SandboxError, available
from tests.conftest import ROOT, absent

SMALL = Limits(wall_s=5, cpu_s=3, memory_mib=256, address_mib=512, processes=24)


@pytest.fixture(scope="module")
def attack():
    """Runs Python code in the sandbox with small limits."""
    if reason := available():
        absent(reason)

    def run(code, *arguments, **limits):
        sandbox = Sandbox(replace(SMALL, **limits), _readable(sys.executable))
        argv = [sys.executable, "-S", "attack.py", *map(str, arguments)]
        return sandbox.run(argv, files={"attack.py": code})

    return run


@pytest.fixture
def in_home():
    """Name of a file in the user's home that does not outlive the test."""
    path = Path.home() / f".codeassist-test-{uuid.uuid4().hex}"
    yield path
    path.unlink(missing_ok=True)


def with_argument(mark):
    """Processes of the whole machine that carry the mark in their command line."""
    return [p.pid for p in psutil.process_iter(["cmdline"]) if mark in str(p.info)]


# -- harmless programs -----------------------------------------------------------------


def test_a_program_gets_input_files_and_arguments_and_its_answer_comes_back():
    """What goes in arrives unchanged, what comes out is told apart."""
    if reason := available():
        absent(reason)
    script = 'cat; cat sub/a.txt; echo "$1" >&2; echo $HOME $PWD; exit 3'
    ran = Sandbox().run(
        ["/bin/sh", "-c", script, "sh", "é 🙂"],
        stdin="in\0put\n",
        files={"sub/a.txt": "text\n", "b.txt": ""},
    )
    assert (ran.status, ran.ended) == (3, Ended.EXITED)
    assert ran.stdout == "in\0put\ntext\n/tmp /tmp\n"
    assert ran.stderr == "é 🙂\n"


def test_threads_processes_locks_and_temporary_files_work(attack):
    """An ordinary program does not notice the sandbox."""
    ran = attack(
        "import multiprocessing, subprocess, tempfile, threading\n"
        "thread = threading.Thread(target=print, args=('thread',), kwargs={'flush': 1})\n"
        "thread.start(); thread.join(); multiprocessing.Lock()\n"
        "tempfile.TemporaryFile().write(b'x')\n"
        "print(subprocess.check_output(['echo', 'process'], text=True))"
    )
    assert ran.stdout.split() == ["thread", "process"], ran.stderr


def test_runs_at_the_same_time_do_not_meet(attack):
    """Several threads get each its own answer, and no descriptor stays open."""
    code = "import os, sys\nopen('same', 'x').write(sys.argv[1])\nprint(open('same').read())"
    attack(code, "first")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with ThreadPoolExecutor(4) as pool:
        outputs = pool.map(lambda n: attack(code, n).stdout, range(16))
        assert list(outputs) == [f"{n}\n" for n in range(16)]
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_file_name_that_leads_out_is_refused(attack):
    """Files are written into the working folder and nowhere else."""
    for name in ("../x", "/etc/x", "a/../../x", ""):
        with pytest.raises(SandboxError, match="is no name of a file"):
            Sandbox().run(["/bin/true"], files={name: ""})


# -- limits ----------------------------------------------------------------------------


def test_a_fork_bomb_is_bounded(attack):
    """Every process forks on: the kernel refuses or all are ended."""
    mark = uuid.uuid4().hex
    ran = attack("import os\nwhile True: os.fork()", mark)
    assert ran.ended is Ended.PROCESSES or "BlockingIOError" in ran.stderr
    assert with_argument(mark) == []


def test_a_fork_bomb_that_survives_refusal_is_ended(attack):
    """Processes that stay at the limit are found and ended."""
    code = "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    assert attack(code).ended is Ended.PROCESSES


def test_many_threads_count_as_processes(attack):
    """Threads are no way round the limit."""
    code = (
        "import threading, time\n"
        "for n in range(60): threading.Thread(target=time.sleep, args=(9,)).start()"
    )
    ran = attack(code, address_mib=1 << 16)
    assert ran.ended is Ended.PROCESSES or "can't start new thread" in ran.stderr


def test_a_memory_hog_gets_no_more(attack):
    """One process meets the limit of its address space."""
    ran = attack("hog = []\nwhile True: hog.append(bytearray(1 << 24))")
    assert ran.ended is Ended.MEMORY or "MemoryError" in ran.stderr


def test_processes_share_the_memory_limit(attack):
    """Hogs that stay small each are large together."""
    code = (
        "import os, time\n"
        "os.fork(), os.fork()\n"
        "hog = b'x' * (100 << 20)\n"
        "time.sleep(60)"
    )
    assert attack(code).ended is Ended.MEMORY


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.memfd_create('hog')",
        (
            "import ctypes, os; n = {'x86_64': 29, 'aarch64': 194}[os.uname().machine]\n"
            "c = ctypes.CDLL(None, use_errno=True)\n"
            "if c.syscall(n, 0, 1 << 20, 0o1600) < 0: raise OSError(ctypes.get_errno(), '')"
        ),
    ],
)
def test_memory_that_belongs_to_no_process_is_refused(attack, code):
    """What the watch could not see cannot be had."""
    assert "PermissionError" in attack(code).stderr


def test_an_endless_loop_meets_the_wall_clock_or_the_cpu_limit(attack):
    """Whichever limit comes first ends it, and its time is reported."""
    ran = attack("while True: pass", wall_s=1)
    assert ran.ended is Ended.TIMEOUT
    ran = attack("while True: pass", wall_s=60, cpu_s=1)
    assert ran.ended is Ended.CPU
    assert ran.cpu_s > 0.5  # the kernel counts towards the limit by ticks


def test_cpu_time_of_all_processes_counts_together(attack):
    """Work spread over children that are waited for is summed."""
    code = (
        "import os, time\n"
        "while True:\n"
        "    if os.fork() == 0:\n"
        "        while time.process_time() < 0.2: pass\n"
        "        os._exit(0)\n"
        "    os.wait()"
    )
    assert attack(code, wall_s=60, cpu_s=1).ended is Ended.CPU


def test_a_sleep_is_ended(attack):
    """Time passes for those, too, that do nothing."""
    assert attack("import time; time.sleep(600)", wall_s=0.5).ended is Ended.TIMEOUT


def test_a_program_that_ignores_signals_is_ended(attack):
    """Nothing that can be ignored is relied on."""
    mark = uuid.uuid4().hex
    code = (
        "import signal, time\n"
        "for s in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:\n"
        "    signal.signal(s, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\n"
        "while True: time.sleep(1)"
    )
    ran = attack(code, mark, wall_s=0.5)
    assert (ran.ended, ran.stdout) == (Ended.TIMEOUT, "deaf\n")
    assert with_argument(mark) == []


def test_a_daemon_ends_with_its_run(attack):
    """A grandchild in a session of its own, with nothing open, is gone as well."""
    mark = uuid.uuid4().hex
    code = (
        "import os, time\n"
        "reader, writer = os.pipe()\n"
        "if os.fork():\n"
        "    os.read(reader, 1)\n"
        "    print('started'); raise SystemExit\n"
        "os.setsid()\n"
        "if os.fork(): os._exit(0)\n"
        "os.write(writer, b'x')\n"
        "os.closerange(0, 64)\n"
        "time.sleep(600)"
    )
    ran = attack(code, mark)
    assert (ran.ended, ran.stdout) == (Ended.EXITED, "started\n")
    assert with_argument(mark) == []


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_output_without_end_is_cut(attack, stream):
    """What is kept is bounded, and the writer is ended."""
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 9999)"
    ran = attack(code, output_kib=64)
    assert ran.ended is Ended.OUTPUT
    assert getattr(ran, stream) == "x" * (64 << 10)


@pytest.mark.parametrize(
    "code",
    [
        "open('giant', 'wb').truncate(1 << 40)",
        "giant = open('giant', 'wb')\nwhile True: giant.write(bytes(1 << 20))",
        "import os; os.posix_fallocate(os.open('/dev/shm/g', os.O_CREAT | os.O_RDWR), 0, 1 << 34)",
        "n = 0\nwhile True: n += 1; open(str(n), 'wb').write(bytes(1 << 20))",
    ],
)
def test_files_cannot_fill_the_memory_they_lie_in(attack, code):
    """Neither one file nor all together grow beyond their limit."""
    ran = attack(code, file_mib=4, disk_mib=16)
    assert "File too large" in ran.stderr or "No space left" in ran.stderr


def test_a_file_too_large_ends_a_program_that_does_not_expect_it():
    """The kernel's signal is reported as what it means."""
    if reason := available():
        absent(reason)
    ran = Sandbox(SMALL).run(["dd", "if=/dev/zero", "of=giant", "bs=1M", "count=99"])
    assert ran.ended is Ended.FILES


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_very_many_files_are_stopped(attack, folder):
    """Empty files cost the kernel's memory, wherever they lie."""
    code = f"n = 0\nwhile True: n += 1; open(f'{folder}/{{n}}', 'x').close()"
    assert attack(code, files=500).ended is Ended.FILES


def test_a_crash_is_told_from_an_exit(attack):
    """A signal that the program brought on itself is reported."""
    ran = attack("import os; os.abort()")
    assert (ran.ended, ran.status) == (Ended.SIGNAL, 134)


# -- the rest of the machine -----------------------------------------------------------


def test_nothing_is_written_outside(attack, in_home):
    """Home, repository, interpreter and system are out of reach or read-only."""
    name = in_home.name
    folders = [
        in_home.parent,
        ROOT,
        Path(sys.prefix),
        Path("/usr"),
        Path("/"),
        Path("/dev"),
    ]
    code = (
        "import sys\n"
        "for path in sys.argv[1:]:\n"
        "    try: open(path, 'w'); print('written', path)\n"
        "    except OSError as error: print(type(error).__name__)"
    )
    ran = attack(code, *(folder / name for folder in folders))
    assert len(ran.stdout.split()) == len(folders)
    assert "written" not in ran.stdout
    assert not any((folder / name).exists() for folder in folders)


def test_nothing_is_read_from_the_home_and_the_environment(
    attack, in_home, monkeypatch
):
    """Files and variables of the user are not there."""
    in_home.write_text("private")
    monkeypatch.setenv("PRIVATE_TOKEN", "private")
    code = (
        "import os, sys\n"
        "print(os.environ.get('PRIVATE_TOKEN'), os.path.exists('/etc/passwd'))\n"
        "open(sys.argv[1])"
    )
    ran = attack(code, in_home)
    assert ran.stdout == "None False\n"
    assert "FileNotFoundError" in ran.stderr or "PermissionError" in ran.stderr


def test_other_processes_are_not_seen(attack):
    """The program's world holds itself and what started it."""
    ran = attack("import os; print(*sorted(filter(str.isdigit, os.listdir('/proc'))))")
    assert ran.stdout == "1 2\n"


def test_no_listener_of_the_machine_is_reached(attack):
    """TCP on loopback, Unix sockets, by path and abstract, and names all fail."""
    mark = uuid.uuid4().hex
    path = f"/tmp/{mark[:8]}.socket"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        unix.bind(path)
        abstract.bind(f"\0{mark}")
        listeners = (tcp, unix, abstract)
        code = (
            "import socket, sys\n"
            "port, path, mark = sys.argv[1:]\n"
            "tries = [(socket.AF_INET, ('127.0.0.1', int(port))), (socket.AF_UNIX, path),\n"
            "         (socket.AF_UNIX, '\\0' + mark), (socket.AF_INET, ('192.0.2.1', 80))]\n"
            "for family, address in tries:\n"
            "    try: socket.socket(family).connect(address); print('connected', address)\n"
            "    except OSError as error: print(type(error).__name__)\n"
            "try: print(socket.getaddrinfo('example.org', 80))\n"
            "except socket.gaierror: print('gaierror')\n"
            "try: socket.socket(40, socket.SOCK_STREAM)  # to a virtual machine's host\n"
            "except OSError as error: print(error.errno)"
        )
        try:
            for listener in listeners:
                listener.listen()
                listener.setblocking(False)
            ran = attack(code, tcp.getsockname()[1], path, mark)
            for listener in listeners:
                with pytest.raises(BlockingIOError):
                    listener.accept()
        finally:
            Path(path).unlink()
    assert ran.stdout.split("\n") == [
        "ConnectionRefusedError",
        "FileNotFoundError",
        "ConnectionRefusedError",
        "OSError",
        "gaierror",
        "97",
        "",
    ], ran.stderr


@pytest.mark.parametrize("flags", ["0x10000000", "0x00020000", "0x10020000"])
def test_no_namespaces_of_its_own(attack, flags):
    """A program cannot give itself mounts, and with them memory without bounds."""
    code = (
        "import ctypes, os\n"
        "c = ctypes.CDLL(None, use_errno=True)\n"
        "clone = {'x86_64': 56, 'aarch64': 220}[os.uname().machine]\n"
        f"print(c.unshare({flags}), c.syscall(clone, {flags} | 17, 0, 0, 0, 0))"
    )
    assert attack(code).stdout == "-1 -1\n"
