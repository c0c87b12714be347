"""A window of VS Code as its user meets it: keys go in, what is painted comes out.

Nothing here sleeps for a fixed time: `wait` asks until what must become true is true,
and says what is on screen when it does not.
"""

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Error, Page

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds that something may take which takes no time on an idle machine."""

STALE = 10.0
"""Seconds after which a list that lacks an entry is opened anew."""

ASK_KEY = "Alt+\\"
"""Asks for ghost text by hand."""

EDITOR = ".editor-instance .view-lines"
ITEM = '[id="codeassist.codeassist.status"]'
DIALOG = ".monaco-dialog-box"
GHOST = '[class*="ghost-text"]'
PICKER = ".quick-input-widget:visible input.input"
ENTRY = ".quick-input-list .monaco-list-row"
WRITTEN = "els => els.map(each => each.value)"
LABELS = "els => els.map(each => each.getAttribute('aria-label') || '')"
TEXTS = "els => els.map(each => each.textContent.replace(/\\u00a0/g, ' '))"
SORTED = f"els => ({TEXTS})(els.sort((a, b) => a.offsetTop - b.offsetTop))"


class Window:
    """One window of VS Code."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # -- hands -------------------------------------------------------------------------

    def focus(self) -> None:
        """Put the keyboard into the editor, and let it ask for ghost text."""

        def clicked() -> bool:
            text = self.page.locator(EDITOR).first
            text.click(position={"x": 5, "y": 5}, timeout=STALE * 1000)
            return True

        self.wait(clicked, "editor that takes a click")
        self.awake()

    def awake(self) -> None:
        """Let the editor with the keyboard ask from the next key on.

        VS Code makes that part of a new editor when the machine is idle, after five
        seconds at the latest; who asks by hand gets it at once.
        """
        self.press(ASK_KEY)

    def asks(self) -> None:
        """Let it ask from the next key on, and see that it does.

        A key that comes before the editor takes it is lost, so it is pressed again.
        """
        pressed = 0.0
        painted = self.page.locator(GHOST)  # of a notebook's cells, too

        def has_ghost() -> bool:
            nonlocal pressed
            if painted.count():
                return True
            if time.monotonic() - pressed > STALE:
                self.awake()
                pressed = time.monotonic()
            return False

        self.wait(has_ghost, "ghost text that was asked for by hand")

    def type(self, text: str, delay: float = 20) -> None:
        """Type, key by key, with so many milliseconds between them."""
        self.page.keyboard.type(text, delay=delay)

    def press(self, *keys: str) -> None:
        """Press keys, as `Control+ArrowRight`."""
        for key in keys:
            self.page.keyboard.press(key)

    def command(self, title: str) -> None:
        """Run a command by its title, category and all."""
        self.pick("F1", f">{title}", lambda label: label.split(", ")[0] == title)

    def pick(self, key: str, words: str, fits: Callable[[str], bool]) -> None:
        """Open a picker by a key, write into it, and take the entry whose label fits.

        A page that comes meanwhile takes the keyboard, and the picker goes: it is opened
        again.
        """

        def filled() -> bool:
            self.press(key)
            self.page.locator(PICKER).fill(words, timeout=STALE * 1000)
            return True

        def open_() -> None:
            self.wait(filled, f"picker for {words!r}")

        def again() -> None:
            self.press("Escape")
            open_()

        open_()
        self._take(fits, again)
        self.wait(  # a command may open the next picker
            lambda: words not in self.written(),
            f"end of the picker that has {words!r}",
        )

    def choose(self, text: str) -> None:
        """Take the entry of the open list that has the text."""
        self.page.locator(PICKER).fill(text)
        self._take(lambda label: text in label)

    def _take(
        self, fits: Callable[[str], bool], again: Callable[[], None] | None = None
    ) -> None:
        """Go down the list to the entry, and press Enter.

        A click could meet another one: entries that come later move those below them.
        A list knows the commands that there were when it was opened: where the entry
        does not come, it is opened `again`.
        """
        opened = time.monotonic()

        def is_there() -> bool:
            nonlocal opened
            focused = self.page.eval_on_selector_all(f"{ENTRY}.focused", LABELS)
            if any(map(fits, focused)):
                return True
            if any(map(fits, self.page.eval_on_selector_all(ENTRY, LABELS))):
                self.press("ArrowDown")
            elif again and time.monotonic() - opened > STALE:
                again()
                opened = time.monotonic()
            return False

        self.wait(is_there, "such entry")
        self.press("Enter")

    def answer(self, button: str) -> None:
        """Press a button of a message or a dialog."""
        name = f".monaco-button:text-is({json.dumps(button, ensure_ascii=False)})"
        self.page.locator(name).first.click()

    def open_file(self, path: str, line: int) -> None:
        """Open a file of the folder, the cursor at the start of a line, from 1.

        The editor has the keyboard then, and no longer the picker.
        """
        name = Path(path).name
        self.pick("Control+p", f"{path}:{line}", lambda label: name in label)
        here = self.page.locator('[id="status.editor.selection"]')
        at = f"Ln {line}, Col 1"
        self.wait(lambda: at in (here.first.text_content() or ""), f"{path} at {at}")
        keyboard = self.page.locator(".editor-instance .monaco-editor.focused")
        self.wait(keyboard.count, f"keyboard in {path}")

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
        found = self.page.eval_on_selector_all(f".editor-instance {GHOST}", TEXTS)
        return "".join(found)

    def status(self) -> str:
        """What the item in the status bar says to a screen reader."""
        item = self.page.locator(ITEM)
        if not item.count():
            return ""
        return item.first.get_attribute("aria-label") or ""

    def item(self) -> str:
        """The words of that item as painted."""
        return (self.page.locator(ITEM).first.text_content() or "").strip()

    def messages(self) -> list[str]:
        """The messages on screen."""
        selector = ".notifications-toasts .notification-list-item-message"
        return list(self.page.eval_on_selector_all(selector, TEXTS))

    def dialogs(self) -> list[str]:
        """What stands before everything else and wants an answer."""
        return list(self.page.eval_on_selector_all(DIALOG, TEXTS))

    def choices(self) -> list[str]:
        """The entries of the list that asks something."""
        return list(self.page.eval_on_selector_all(ENTRY, TEXTS))

    def written(self) -> list[str]:
        """What stands in the box of the open picker."""
        return list(self.page.eval_on_selector_all(PICKER, WRITTEN))

    def wait(self, ask: Callable[[], T], what: str, timeout: float = PATIENCE) -> T:
        """The first true answer."""

        def seen() -> str:
            screen = {
                "status": self.status(),
                "lines": self.lines(),
                "messages": self.messages(),
                "dialogs": self.dialogs(),
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
