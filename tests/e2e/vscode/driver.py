"""A real VS Code as its user meets it: keys go in, what is painted comes out.

It is code-server in a headless Chromium. Nothing here sleeps for a fixed time: `wait`
asks until what must become true is true, and says what is on screen when it does not.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Error, Page, Playwright

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds that something may take which takes no time on an idle machine."""

QUIET: Mapping[str, Any] = {
    "security.workspace.trust.startupPrompt": "never",
    "workbench.startupEditor": "none",
    "telemetry.telemetryLevel": "off",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "update.mode": "none",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.enableExperiments": False,
    "chat.disableAIFeatures": True,
    "git.enabled": False,
    "npm.autoDetect": "off",
    "editor.wordBasedSuggestions": "off",
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.autoClosingBrackets": "never",
    "editor.autoIndent": "keep",
    "editor.minimap.enabled": False,
    "editor.accessibilitySupport": "off",
    "remote.autoForwardPorts": False,
    "files.autoSave": "off",
    "files.hotExit": "off",
    "window.confirmBeforeClose": "never",
}
"""Nothing but the extension under test draws attention to itself."""

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
)
EDITOR = ".editor-instance .view-lines"
PICKER = ".quick-input-widget:visible input.input"
ENTRY = ".quick-input-list .monaco-list-row"
TEXTS = "els => els.map(each => each.textContent.replace(/\\u00a0/g, ' '))"
SORTED = f"els => ({TEXTS})(els.sort((a, b) => a.offsetTop - b.offsetTop))"


class CodeServer:
    """A running code-server with its own home, and a browser for its windows.

    Args:
        program: `code-server`.
        folder: Everything it writes.
        playwright: Runs the browser.
        browser: Chromium's program.
        env: Variables set over those of the test.
    """

    def __init__(
        self,
        program: Path,
        folder: Path,
        playwright: Playwright,
        browser: Path,
        env: Mapping[str, str],
    ) -> None:
        self.folder = folder
        self._program = program
        home = folder / "home"
        for each in (home, folder / "user" / "User", folder / "user" / "Machine"):
            each.mkdir(parents=True)
        (folder / "config.yaml").write_text("auth: none\n")
        self._env = {
            **os.environ,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_DATA_HOME": str(home / ".local" / "share"),
            "XDG_STATE_HOME": str(home / ".local" / "state"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_RUNTIME_DIR": str(folder),
            **env,
        }
        self._flags = [
            *("--config", folder / "config.yaml"),
            *("--user-data-dir", folder / "user"),
            *("--extensions-dir", folder / "extensions"),
        ]
        self._log = (folder / "code-server.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self._browser: Browser = playwright.chromium.launch(
            executable_path=browser, args=[*CHROMIUM]
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def install(self, vsix: Path) -> None:
        """Install an extension, before the start."""
        self._run("--install-extension", vsix)

    def start(self) -> None:
        """Serve, until it answers."""
        self._process = subprocess.Popen(
            [
                self._program,
                *self._flags,
                *("--bind-addr", f"127.0.0.1:{self.port}", "--auth", "none"),
                *("--reconnection-grace-time", "0"),
                "--disable-telemetry",
                "--disable-update-check",
                "--disable-getting-started-override",
                "--disable-proxy",
            ],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        until(self._answers, lambda: "code-server does not answer")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz") as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError):
            return False

    def _run(self, *arguments: object) -> None:
        command = [self._program, *self._flags, *arguments]
        subprocess.run(
            command, env=self._env, check=True, stdout=self._log, stderr=self._log
        )

    def settings(self, settings: Mapping[str, Any], *, trust: bool = False) -> None:
        """Write the user's settings for this machine; an open window takes them.

        Args:
            settings: By their names.
            trust: Whether windows that are opened now ask for the user's trust.
        """
        quiet = {**QUIET, "security.workspace.trust.enabled": trust}
        # the file of the machine, unlike the other, is watched
        for name, table in (("User", quiet), ("Machine", settings)):
            file = self.folder / "user" / name / "settings.json"
            file.write_text(json.dumps(table, indent=1))

    def window(self, opened: Path, files: Sequence[Path] = ()) -> "Window":
        """A new window on a folder or a `.code-workspace`, with files open."""
        context = self._browser.new_context(viewport={"width": 1100, "height": 700})
        context.set_default_timeout(PATIENCE * 1000)
        context.route(
            lambda url: urllib.parse.urlsplit(url).hostname != "127.0.0.1",
            lambda route: route.abort(),
        )
        kind = "folder" if opened.is_dir() else "workspace"
        remote = f"vscode-remote://127.0.0.1:{self.port}"
        payload = json.dumps([["openFile", f"{remote}{file}"] for file in files])
        query = urllib.parse.urlencode({kind: opened, "payload": payload})
        page = context.new_page()
        page.goto(f"{self.url}/?{query}", wait_until="domcontentloaded")
        page.wait_for_selector(".monaco-workbench .statusbar-item")
        if files:
            page.wait_for_selector(f"{EDITOR} .view-line")
        return Window(page)

    def stop(self) -> None:
        """End both."""
        with contextlib.suppress(Error):
            self._browser.close()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._log.close()


class Window:
    """One window of VS Code."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # -- hands -------------------------------------------------------------------------

    def focus(self) -> None:
        """Put the keyboard into the editor, and let it ask for ghost text."""
        self.page.locator(EDITOR).first.click(position={"x": 5, "y": 5})
        self.awake()

    def awake(self) -> None:
        """Let the editor with the keyboard ask from the next key on.

        VS Code makes that part of a new editor when the machine is idle, after five
        seconds at the latest; who asks by hand gets it at once.
        """
        self.press("Alt+\\")

    def type(self, text: str, delay: float = 20) -> None:
        """Type, key by key, with so many milliseconds between them."""
        self.page.keyboard.type(text, delay=delay)

    def press(self, *keys: str) -> None:
        """Press keys, as `Control+ArrowRight`."""
        for key in keys:
            self.page.keyboard.press(key)

    def command(self, title: str) -> None:
        """Run a command by its title."""
        self.pick("F1", f">{title}", title)

    def pick(self, key: str, words: str, text: str) -> None:
        """Open a picker by a key, write into it, and take the entry that has the text."""
        box = self.page.locator(PICKER)
        self.press(key)
        box.wait_for(state="visible")
        box.fill(words)
        self._take(text)
        # a command may open the next picker
        written = "els => els.map(each => each.value)"
        self.wait(
            lambda: words not in self.page.eval_on_selector_all(PICKER, written),
            f"end of the picker that has {words!r}",
        )

    def choose(self, text: str) -> None:
        """Take the entry of the open list that has the text."""
        self.page.locator(PICKER).fill(text)
        self._take(text)

    def _take(self, text: str) -> None:
        """Press Enter once the list has come to the entry.

        A click could meet another one: entries that come later move those below them.
        """
        row = self.page.locator(f"{ENTRY}.focused", has_text=text)
        row.wait_for(state="visible")
        self.press("Enter")

    def answer(self, button: str) -> None:
        """Press a button of a message or a dialog."""
        name = f".monaco-button:text-is({json.dumps(button, ensure_ascii=False)})"
        self.page.locator(name).first.click()

    def open_file(self, path: str, line: int) -> None:
        """Open a file of the folder, the cursor at the start of a line, from 1."""
        self.pick("Control+p", f"{path}:{line}", Path(path).name)
        here = self.page.locator('[id="status.editor.selection"]')
        at = f"Ln {line}, Col 1"
        self.wait(lambda: at in (here.first.text_content() or ""), f"{path} at {at}")

    def clear(self) -> None:
        """Delete all text; no ghost text stays."""
        self.focus()
        self.press("Escape", "Control+a", "Delete")

        def empty() -> bool:
            if self.ghost():  # an empty file has its suggestion, too
                self.press("Escape")
            return self.lines() == [""]

        self.wait(empty, "empty editor")

    # -- eyes --------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """The lines as painted, with ghost text."""
        found = self.page.eval_on_selector_all(f"{EDITOR} .view-line", SORTED)
        return list(found)

    def ghost(self) -> str:
        """The ghost text of one line; several lines are not in order."""
        found = self.page.eval_on_selector_all(
            '.editor-instance [class*="ghost-text"]', TEXTS
        )
        return "".join(found)

    def status(self) -> str:
        """What the item in the status bar says to a screen reader."""
        item = self.page.locator('[id="codeassist.codeassist.status"]')
        if not item.count():
            return ""
        return item.first.get_attribute("aria-label") or ""

    def messages(self) -> list[str]:
        """The messages on screen."""
        selector = ".notifications-toasts .notification-list-item-message"
        return list(self.page.eval_on_selector_all(selector, TEXTS))

    def choices(self) -> list[str]:
        """The entries of the list that asks something."""
        return list(self.page.eval_on_selector_all(ENTRY, TEXTS))

    def wait(self, ask: Callable[[], T], what: str, timeout: float = PATIENCE) -> T:
        """The first true answer."""

        def seen() -> str:
            screen = {
                "status": self.status(),
                "lines": self.lines(),
                "messages": self.messages(),
                "choices": self.choices()[:10],
            }
            return f"no {what}\n{json.dumps(screen, indent=1, ensure_ascii=False)}"

        return until(ask, seen, timeout)

    def ready(self) -> None:
        """Wait until the server has its model."""
        self.wait(lambda: self.status().startswith("codeassist: Ready"), "ready server")

    def wait_ghost(self, timeout: float = PATIENCE) -> str:
        """The ghost text, once there is one."""
        return self.wait(self.ghost, "ghost text", timeout)

    def saved(self, file: Path) -> str:
        """The file, after `Ctrl+S`."""
        self.press("Control+s")
        dirty = self.page.locator(".tab.active.dirty")
        self.wait(lambda: not dirty.count(), "saved file")
        return file.read_bytes().decode()

    def close(self) -> None:
        """Close it as a user does."""
        with contextlib.suppress(Error):
            self.page.goto("about:blank")
            self.page.context.close()


def until(
    ask: Callable[[], T], seen: Callable[[], str], timeout: float = PATIENCE
) -> T:
    """The first true answer; what is seen is told when there is none in time."""
    end = time.monotonic() + timeout
    while True:
        with contextlib.suppress(Error):  # the page is drawn anew meanwhile
            if found := ask():
                return found
        if time.monotonic() > end:
            raise AssertionError(seen())
        time.sleep(0.03)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
