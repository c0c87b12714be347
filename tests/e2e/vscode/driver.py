"""A real VS Code: code-server, whose windows are pages of a headless Chromium."""

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
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, Playwright

from .window import ASK_KEY, EDITOR, PATIENCE, Window, until

ASK = "editor.action.inlineSuggest.trigger"
"""Asks for ghost text; by itself it has no key."""

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

FOLDER = ".explorer-folders-view .monaco-list-row"

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
                *("--reconnection-grace-time", str(int(PATIENCE))),
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
        keys = self.folder / "user" / "User" / "keybindings.json"
        keys.write_text(json.dumps([{"key": ASK_KEY, "command": ASK}]))

    def window(
        self, opened: Path, files: Sequence[Path] = (), *, diff: bool = False
    ) -> Window:
        """A new window on a folder or a `.code-workspace`, with files open.

        Args:
            opened: The folder or workspace.
            files: Those that are open.
            diff: Whether the two of them are side by side, the second to be edited.
        """
        context = self._browser.new_context(viewport={"width": 1100, "height": 700})
        context.set_default_timeout(PATIENCE * 1000)
        context.route(
            lambda url: urllib.parse.urlsplit(url).hostname != "127.0.0.1",
            lambda route: route.abort(),
        )
        kind = "folder" if opened.is_dir() else "workspace"
        remote = f"vscode-remote://127.0.0.1:{self.port}"
        keys = ("diffFileSecondary", "diffFilePrimary") if diff else ("openFile",)
        payload = json.dumps(
            [[key, f"{remote}{file}"] for key, file in zip(cycle(keys), files)]
        )
        query = urllib.parse.urlencode({kind: opened, "payload": payload})
        page = context.new_page()
        page.goto(f"{self.url}/?{query}", wait_until="domcontentloaded")
        page.wait_for_selector(".monaco-workbench .statusbar-item")
        if kind == "workspace":
            _wait_for_folders(page)
        if files:
            page.wait_for_selector(f"{EDITOR} .view-line")
        return Window(page)

    def open(self, *files: Path) -> None:
        """Open files in the window that is there, as a command line does."""
        self._run("--reuse-window", *files)

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


def _wait_for_folders(page: Page) -> None:
    """Wait for a workspace's folders.

    A busy code-server may read the workspace before it has its file system. The window
    then stays without folders, until it is loaded anew.
    """
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            page.wait_for_selector(FOLDER, timeout=20_000)
        except Error:
            if time.monotonic() > ends:
                raise
            page.reload(wait_until="domcontentloaded")
        else:
            return


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
