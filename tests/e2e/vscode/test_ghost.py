"""VS Code's inline suggestions with our extension and a server that answers at once."""

import random
import re

import pytest

from .serving import Served
from .window import Window

pytestmark = [pytest.mark.editor]

TRIGGER = "Trigger Inline Suggestion"


def test_ghost_text_is_painted_and_accepted(echo: Served, window: Window) -> None:
    """Ghost text stands behind the cursor, is no part of the file, and Tab makes it so."""
    window.type("foo(")
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")
    assert window.saved(echo.file()) == "foo("
    window.press("Tab")
    window.wait(lambda: not window.ghost(), "accepted text")
    assert window.saved(echo.file()) == "foo(<(|>"


def test_undo_takes_back_what_was_accepted(echo: Served, window: Window) -> None:
    """One undo after an acceptance removes the accepted text and nothing else."""
    window.type("foo(")
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")
    window.press("Tab")
    window.wait(lambda: window.lines() == ["foo(<(|>"], "accepted text")
    window.press("Escape", "Control+z")
    assert window.saved(echo.file()) == "foo("


def test_escape_dismisses(window: Window) -> None:
    """Escape takes the ghost text off the screen."""
    window.type("foo(")
    window.wait_ghost()
    window.press("Escape")
    window.wait(lambda: window.lines() == ["foo("], "line without ghost text")


def test_alternatives_come_when_asked_for(window: Window) -> None:
    """Alt+] walks to another suggestion than the first."""
    window.type("foo(")
    window.wait_ghost()
    window.press("Alt+]")
    window.wait(lambda: window.ghost() == "alternative 1", "second suggestion")


def test_acceptance_is_told_to_the_server(window: Window) -> None:
    """An accepted suggestion is counted, and the status bar says so."""

    def accepted() -> int:
        found = re.search(r"(\d+) of \d+ suggestions", window.status())
        return int(found[1]) if found else 0

    before = accepted()
    window.type("foo(")
    window.wait_ghost()
    window.press("Tab")
    window.wait(lambda: accepted() == before + 1, "counted acceptance")


@pytest.mark.parametrize(
    "mark", ["🙂", "e\u0301", "\t"], ids=["emoji", "accent", "tab"]
)
def test_wide_characters_do_not_shift_the_text(
    echo: Served, window: Window, mark: str
) -> None:
    """Characters of several units before the cursor move nothing that is accepted."""
    window.page.keyboard.insert_text(f'x = "{mark}", (')
    window.type("[")
    window.wait(lambda: window.ghost() == "<[|>", "ghost text")
    window.press("Tab")
    window.wait(lambda: not window.ghost(), "accepted text")
    assert window.saved(echo.file()) == f'x = "{mark}", ([<[|>'


def test_what_is_inserted_was_never_meant_for_another_text(
    echo: Served, window: Window
) -> None:
    """Whenever Tab is pressed in fast typing, what it inserts belongs to that text."""
    dice = random.Random(7)
    for n in range(120):
        if n % 12 == 11:
            window.press("Enter")
        elif dice.random() < 0.25:
            window.page.wait_for_timeout(dice.choice([0, 30, 60, 120, 240]))
            window.press("Tab")
        else:
            window.type(dice.choice("abcdefgh(=+"), delay=dice.choice([0, 15, 50]))
    window.press("Escape")
    written = window.saved(echo.file())
    inserted = [each for each in re.finditer(r"<(.?)\|.?>", written) if each.start()]
    assert inserted
    assert all(written[each.start() - 1] == each[1] for each in inserted), written


def test_typing_is_not_held_up_by_an_answer(echo: Served, window: Window) -> None:
    """Keys are taken while the server works, and the older request is cancelled."""
    window.type("slow")
    window.wait(lambda: "thinking" in window.status().lower(), "thinking server")
    window.type("er than you(")
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")
    assert window.saved(echo.file()) == "slower than you("
    assert echo.messages(method="$/cancelRequest")


def test_an_error_of_the_server_is_a_reason_and_no_message(window: Window) -> None:
    """A completion that fails shows no ghost text, says why, and bothers nobody."""
    window.type("crash")
    window.wait(lambda: "an error in the server" in window.status(), "reason")
    assert not window.ghost()
    assert not window.messages()


def test_the_status_bar_says_why_there_is_nothing(window: Window) -> None:
    """A cursor inside a word is told as the reason of silence; the item itself stays as
    wide as it is."""
    window.type("ab")
    window.press("Escape", "ArrowLeft")
    window.type("c")
    window.wait(lambda: "inside a word" in window.status(), "reason")
    assert window.item() == "codeassist"


def test_ghost_text_can_be_switched_off_and_on(window: Window) -> None:
    """Toggles work everywhere and for a language, and the status bar says which."""
    everywhere = "codeassist: Toggle Everywhere"
    language = "codeassist: Toggle for This Language"
    window.command(everywhere)
    window.wait(lambda: "Switched off (" in window.status(), "switched off")
    window.focus()
    window.type("foo(")
    window.command(language)
    window.wait(lambda: "Switched off" not in window.status(), "Python switched on")
    window.focus()
    window.press("Control+End")
    window.type("(")
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")
    window.command(language)
    window.wait(lambda: "Switched off (" in window.status(), "all switched off")
    window.command(everywhere)
    window.wait(lambda: "Switched off" not in window.status(), "all switched on")
    window.command(language)
    window.wait(lambda: "off for python" in window.status(), "only Python switched off")
    window.wait(lambda: not window.ghost(), "no ghost text")
    window.command(language)
    window.wait(lambda: "Switched off" not in window.status(), "all as it was")


def test_what_is_switched_off_is_asked_by_hand(echo: Served, window: Window) -> None:
    """Where ghost text is off, VS Code's own command for it has an answer."""
    echo.settings(**{"codeassist.enable": {"*": True, "python": False}})
    window.wait(lambda: "off for python" in window.status(), "Python switched off")
    window.focus()
    window.type("foo(")
    window.command(TRIGGER)
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")


def test_settings_are_told_to_the_running_server(echo: Served, window: Window) -> None:
    """Only what the user has set goes to the server, at once, and takes effect."""
    echo.settings(**{"codeassist.model.id": "other"})
    window.wait(lambda: "Ready · other" in window.status(), "other model")
    asked = echo.messages("server", "workspace/configuration")[-1]["id"]
    answers = [each for each in echo.messages() if each.get("id") == asked]
    assert answers[0]["result"] == [{"model": {"id": "other"}}]
    echo.settings()
    window.wait(lambda: "Ready · echo" in window.status(), "usual model")


def test_a_bad_setting_warns_in_one_line(echo: Served, window: Window) -> None:
    """A bad value is named, and the server goes on without it."""
    echo.settings(**{"codeassist.completion.lines": "many"})
    window.wait(
        lambda: [m for m in window.messages() if "completion.lines" in m], "warning"
    )
    window.focus()
    window.type("foo(")
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")
