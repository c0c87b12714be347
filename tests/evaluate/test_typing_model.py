"""The user's keys, pace and judgement."""

import statistics
from pathlib import Path

import pytest

from codeassist.evaluate.replay.policy import NEOVIM, VSCODE
from codeassist.evaluate.replay.typing_model import (
    PACE,
    Keyboard,
    Typist,
    accept,
    right,
)
from codeassist.languages import of_path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("codeassist/*.py")) + sorted(ROOT.glob("tests/e2e/*.*"))
GO = "func f() {\n\tif a {\n\t\tg()\n\t}\n}\n\nvar x = 1\n"


def typed(keyboard, text):
    """What is on screen after each key is pressed, and the number of keys."""
    screen, at, surplus, keys = "", 0, 0, 0
    while at < len(text):
        key = keyboard.press(screen.rpartition("\n")[2], text[at:], surplus)
        screen = screen[: len(screen) - key.erase] + key.text
        at, surplus, keys = at + key.used, key.surplus, keys + 1
        assert screen[: len(screen) - surplus] == text[:at]
    return screen, keys


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_file_can_be_typed(path):
    """Keys pressed one by one bring about a real file, with no more keys than letters."""
    text = path.read_text()
    keyboard = Keyboard(of_path(str(path)), text)
    screen, keys = typed(keyboard, text)

    assert screen == text
    assert len(text) >= keys == len(keyboard.by_hand("", text))


@pytest.mark.parametrize(
    ("name", "text", "keys"),
    [
        # Enter indents behind the colon; Backspace leaves the block
        ("a.py", "def f():\n    return 1\nx = 2\n", 8 + 1 + 8 + 1 + 1 + 5 + 1),
        # blanks on an empty line go with Enter
        ("a.py", "if a:\n    b\n\n    c\n", 5 + 1 + 1 + 1 + 1 + 1 + 1),
        # Tab goes a step, where Enter does not
        ("a.py", "a = (b\n    + c)\n", 6 + 1 + 1 + 4 + 1),
        # a closing brace leaves the block by itself
        ("a.go", GO, 10 + 1 + 6 + 1 + 3 + 1 + 1 + 1 + 1 + 1 + 1 + 9 + 1),
    ],
)
def test_indentation_keys(name, text, keys):
    """The editor indents; only what it gets wrong takes a key, one for each step."""
    assert typed(Keyboard(of_path(name), text), text) == (text, keys)


@pytest.mark.parametrize(
    ("shown", "rest", "characters"),
    [
        ("name)", "name)\n", 5),
        ("name", "names = 1", 0),
        ("name.x", "name.y", 5),
        (" = 12", " = 1", 2),
        ("= 1", "== 1", 1),
        ("foo bar", "foo baz", 3),
        ("foo\n    bar", "foo\n  bar", 3),
        ("other", "name", 0),
        ("   ", "   x", 0),
        ("name", "", 0),
    ],
)
def test_right_tokens(shown, rest, characters):
    """A suggestion is right as far as whole tokens of it are typed next."""
    assert right(shown, rest) == characters


@pytest.mark.parametrize(
    ("shown", "rest", "vscode", "neovim"),
    [
        ("foo(bar)", "foo(bar)\nx", ("foo(bar)",), ("foo(bar)",)),
        ("foo(bar)", "foo(baz)", ("foo", "("), ()),
        ("a\nb\nc", "a\nb\nd", ("a\n", "b\n"), ()),
        (")x", ")y", (), ()),
        ("foo", "bar", (), ()),
        ("de", "def", (), ()),
    ],
)
def test_accept(shown, rest, vscode, neovim):
    """All of it where all is right, else parts where the client has a key for them."""
    assert accept(shown, rest, VSCODE) == vscode
    assert accept(shown, rest, NEOVIM) == neovim


@pytest.mark.parametrize(("kind", "line"), [("within", "na"), ("word", "x = ")])
def test_pace_is_that_of_the_table(kind, line):
    """Intervals have the mean and the spread of the published figures."""
    typist = Typist(seed=3)
    drawn = [typist.interval_ms((0, n, 0), line) for n in range(20_000)]
    mean, deviation = PACE[kind]

    assert statistics.mean(drawn) == pytest.approx(mean, rel=0.02)
    assert statistics.stdev(drawn) == pytest.approx(deviation, rel=0.05)
    assert min(drawn) > 0


def test_pace_is_of_the_place():
    """The same seed and place give the same times, another seed gives others."""
    one, same, other = Typist(seed=1), Typist(seed=1), Typist(seed=2)
    place = (0, 7, 0)

    assert one.interval_ms(place, "a") == same.interval_ms(place, "a")
    assert one.interval_ms(place, "a") != other.interval_ms(place, "a")
    assert one.look_ms(place) == same.look_ms(place)
    assert Typist(reading_ms=0).look_ms(place) == 0
