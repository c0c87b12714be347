"""A real Neovim as its user meets it: keys go in, the drawn screen comes out.

`nvim --embed` with an attached UI is what a graphical front end runs; only the eyes
and the hands are ours. Nothing here sleeps for a fixed time: `wait` asks until what
must become true is true, and shows the screen when it does not.
"""

import itertools
import os
import queue
import re
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgpack
import psutil

from .nvim_screen import Screen

T = TypeVar("T")

REQUEST, ANSWER, NOTIFICATION = 0, 1, 2  # the kinds of a msgpack-RPC message
COLUMNS, ROWS = 100, 24
PATIENCE = 60.0
"""Seconds an answer of Neovim, or its end, may take."""

FAULT = re.compile(
    r"stack traceback|Error (executing|detected|in)|^E\d+:|\.lua:\d+:|Traceback"
)

GHOST = """
local namespace = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
local lines = {}
local function add(chunks)
  local parts = vim.tbl_map(function(chunk) return chunk[1] end, chunks)
  lines[#lines + 1] = table.concat(parts)
end
local marks = vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })
for _, mark in ipairs(marks) do
  add(mark[4].virt_text or {})
  for _, chunks in ipairs(mark[4].virt_lines or {}) do add(chunks) end
end
return table.concat(lines, '\\n')
"""

SCREEN = """
local lines = {}
for row = 1, vim.o.lines do
  local cells = {}
  for column = 1, vim.o.columns do cells[column] = vim.fn.screenstring(row, column) end
  lines[row] = (table.concat(cells):gsub(' +$', ''))
end
return lines
"""

# A client is initialized before Neovim's hooks for inline completion are in place;
# a key typed in between would ask for nothing.
ATTACHED = """
local client = vim.lsp.get_clients({ bufnr = 0, name = ... })[1]
local group = 'nvim.lsp.inline_completion:' .. vim.api.nvim_get_current_buf()
local ok, hooks = pcall(vim.api.nvim_get_autocmds, { group = group })
return client ~= nil and client.initialized and ok and #hooks > 0
"""


class Neovim:
    """One running Neovim.

    Args:
        program: The `nvim` to run.
        init: Its init file; the user's own is not read.
        file: What to edit.
        env: Variables set over those of the test.
        cores: Cores that it and the servers it starts share; None: all.
        columns: Of the screen.
    """

    def __init__(
        self,
        program: Path,
        init: Path,
        file: Path,
        env: Mapping[str, str],
        cores: int | None = None,
        columns: int = COLUMNS,
    ) -> None:
        flags = ["--clean", "-n", "-i", "NONE", "-u", str(init)]
        self._process = subprocess.Popen(
            [program, "--embed", *flags, file],
            cwd=file.parent,
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if cores and hasattr(os, "sched_setaffinity"):
            chosen = sorted(os.sched_getaffinity(0))[:cores]
            os.sched_setaffinity(self._process.pid, chosen)
        self.drawn = Screen()
        """What a front end has been told to draw so far."""

        self._ids = itertools.count()
        self._answers: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        # Until a UI is there, `--embed` waits and reads no init file.
        self._call("nvim_ui_attach", columns, ROWS, {"ext_linegrid": True, "rgb": True})

    def _read(self) -> None:
        unpacker = msgpack.Unpacker(strict_map_key=False)
        while chunk := self._process.stdout.read1():
            unpacker.feed(chunk)
            for message in unpacker:
                if message[0] == ANSWER:
                    self._answers.put(message)
                elif message[1] == "redraw":
                    self.drawn.take(message[2])

    def _send(self, message: Sequence[object]) -> None:
        self._process.stdin.write(msgpack.packb(message))
        self._process.stdin.flush()

    def _call(self, method: str, *args: object) -> Any:
        self._send([REQUEST, next(self._ids), method, args])
        try:
            _, _, error, result = self._answers.get(timeout=PATIENCE)
        except queue.Empty:
            msg = f"{method} is not answered; is there a prompt, a crash?"
            raise TimeoutError(msg) from None
        if error:
            raise RuntimeError(error)
        return result

    def lua(self, code: str, *args: object) -> Any:
        """What the Lua chunk returns."""
        return self._call("nvim_exec_lua", code, args)

    def keys(self, keys: str) -> None:
        """Type, in Neovim's notation: `ihello<CR><Esc>`."""
        taken = self._call("nvim_input", keys)
        assert taken == len(keys.encode()), "Neovim's input queue is full"

    def lines(self) -> list[str]:
        """The buffer."""
        return list(self.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, true)"))

    def cursor(self) -> tuple[int, int]:
        """Row from 0, column in bytes from 0."""
        row, column = self.lua("return vim.api.nvim_win_get_cursor(0)")
        return row - 1, column

    def mode(self) -> str:
        """`n`, `i`, ..."""
        return str(self.lua("return vim.api.nvim_get_mode().mode"))

    def ghost(self) -> str:
        """The ghost text, as Neovim's extmarks hold it; empty: there is none."""
        return str(self.lua(GHOST))

    def screen(self) -> list[str]:
        """The cells as drawn, ghost text and all."""
        return list(self.lua(SCREEN))

    def command(self, command: str) -> None:
        """Run an Ex command."""
        self._call("nvim_command", command)

    def messages(self) -> list[str]:
        """What was shown below the buffers, oldest first."""
        return str(self.lua("return vim.fn.execute('messages')")).strip().splitlines()

    def faults(self) -> list[str]:
        """Those of the messages that no user should ever see."""
        return [line for line in self.messages() if FAULT.search(line)]

    def blocked(self) -> bool:
        """Whether it waits for a key at a prompt, such as "Press ENTER"."""
        return bool(self._call("nvim_get_mode")["blocking"])

    def attached(self, name: str) -> bool:
        """Whether the server is there and the buffer asks it for completions."""
        return bool(self.lua(ATTACHED, name))

    def wait(
        self, condition: Callable[[], T], what: str, timeout: float = PATIENCE
    ) -> T:
        """The first true value of `condition`; the screen in the error if none comes.

        Raises:
            TimeoutError: it did not become true in `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while not (value := condition()):
            if time.monotonic() > deadline:
                screen = "\n".join(self.screen())
                msg = f"no {what} within {timeout:g} s; on the screen:\n{screen}"
                raise TimeoutError(msg)
            time.sleep(0.01)
        return value

    def children(self) -> list[psutil.Process]:
        """The processes Neovim has started: language servers."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def quit(self) -> list[psutil.Process]:
        """Leave as `:qa!` does; what outlives the editor is killed and returned."""
        children = self.children()
        self._send([NOTIFICATION, "nvim_command", ["qa!"]])
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            self._process.stdin.close()
            self._process.stdout.close()
            survivors = _outliving(children, PATIENCE)
            for process in survivors:
                process.kill()
        return survivors


def _outliving(
    processes: Sequence[psutil.Process], patience: float
) -> list[psutil.Process]:
    deadline = time.monotonic() + patience
    while alive := [process for process in processes if _runs(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return alive


def _runs(process: psutil.Process) -> bool:
    """A zombie has ended; it waits for the container's init to take note of it."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
