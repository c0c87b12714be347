"""Typing through the real server, around engines whose worth is known."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

from codeassist.errors import CodeassistError
from codeassist.evaluate.replay.language_server import LanguageServer
from codeassist.evaluate.replay.play import replay
from codeassist.evaluate.replay.policy import NEOVIM, VSCODE
from codeassist.evaluate.replay.source import file_script
from codeassist.evaluate.replay.typing_model import Typist
from tests.engine.conftest import located

SERVER = (sys.executable, str(Path(__file__).with_name("replay_server.py")))
WORDS = "aaaa bbbb cccc dddd\n"
FAST = 100
PATIENT = Typist(patient=True)


@pytest.fixture
def words(tmp_path):
    """A file to be typed."""
    path = tmp_path / "words.py"
    path.write_text(WORDS)
    return path


def server(path, mode):
    """The server that knows a file."""
    env = {**os.environ, "REPLAY_TEXT": str(path), "REPLAY_MODE": mode}
    return LanguageServer(SERVER, env=env)


@pytest.mark.parametrize("policy", [VSCODE, NEOVIM], ids=lambda p: p.name)
async def test_right_suggestions(words, policy):
    """The savings of a server that is always right are known to the character."""
    result = await replay(
        file_script(words, WORDS), server(words, "right"), policy, PATIENT, speed=FAST
    )

    # a by hand, then "aaa b", "bbb c", "ccc d", "ddd\n"
    assert (result.characters, result.characters_saved) == (20, 19)
    assert (result.keystrokes, result.keystrokes_saved) == (5, 15)
    assert (result.accepts, result.shown, result.shown_wrong) == (4, 4, 0)
    assert (result.requests, result.answered, result.superseded) == (5, 5, 0)
    assert result.reasons == {"nothing-to-add": 1}


async def test_costs_are_counted(words):
    """What each answer has cost comes through the server's status to the result."""
    result = await replay(
        file_script(words, WORDS), server(words, "right"), VSCODE, PATIENT, speed=FAST
    )

    tokens = (result.prompt_tokens, result.evaluated_tokens, result.generated_tokens)
    assert tokens == (50, 15, 10)
    assert result.without_model == 0
    assert (result.answer_ms.n, result.text_ms.n) == (5, 4)
    assert 0 < result.answer_ms.p50 <= result.answer_ms.p95 <= result.answer_ms.p99
    assert result.cpu_seconds_per_1000 == pytest.approx(result.cpu_seconds * 200, abs=1)
    assert json.loads(result.to_json())["answer_ms"]["p50"] == result.answer_ms.p50


async def test_served_without_the_model(words):
    """An answer for which nothing was evaluated and generated is counted apart."""
    result = await replay(
        file_script(words, WORDS), server(words, "free"), VSCODE, PATIENT, speed=FAST
    )

    assert result.without_model == 4


async def test_wrong_suggestions(words):
    """A server that is always wrong saves nothing, and all it shows is wrong."""
    result = await replay(
        file_script(words, WORDS), server(words, "wrong"), VSCODE, PATIENT, speed=FAST
    )

    assert (result.characters, result.keystrokes) == (20, 20)
    assert result.characters_saved == result.keystrokes_saved == result.accepts == 0
    assert result.shown == result.shown_wrong == 20


@pytest.mark.parametrize("policy", [VSCODE, NEOVIM], ids=lambda p: p.name)
async def test_slow_server(words, policy):
    """Typing goes on when no answer comes; each request is superseded."""
    result = await replay(
        file_script(words, WORDS), server(words, "slow"), policy, Typist(), speed=10
    )

    assert (result.characters, result.keystrokes, result.shown) == (20, 20, 0)
    assert result.requests == result.superseded > 0
    assert result.answer_ms.p50 is None


async def test_server_that_dies(words):
    """When the server's process ends, the replay ends with its last words, in a line."""
    with pytest.raises(CodeassistError) as died:
        await replay(
            file_script(words, WORDS),
            server(words, "dies"),
            VSCODE,
            PATIENT,
            speed=FAST,
        )
    assert str(died.value) == (
        "the language server has ended with status 3: the engine is on fire; "
        "its log ends: light | smoke | fire"
    )


async def test_the_users_log_is_left_alone(words, tmp_path, monkeypatch):
    """The product's own server logs into a folder that goes away with it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    options = {"model": {"id": str(tmp_path / "no.gguf")}}
    assistant = LanguageServer(options=options)
    with pytest.raises(CodeassistError, match=r"no\.gguf.*its log ends: ") as failed:
        await replay(file_script(words, WORDS), assistant, VSCODE, PATIENT)
    assert "\n" not in str(failed.value)
    left = await asyncio.to_thread(lambda: [*tmp_path.rglob("*.log")])
    assert left == []


async def test_server_without_a_model(words):
    """A server that cannot load its model is no assistant; its reason is told."""
    with pytest.raises(CodeassistError, match="codeassist models pull"):
        await replay(
            file_script(words, WORDS), server(words, "broken"), VSCODE, PATIENT
        )


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["/no/such/program"], "cannot be started"),
        ([sys.executable, "-c", "raise SystemExit('not me')"], "status 1: not me"),
    ],
)
async def test_no_server(words, command, reason):
    """A program that is absent or no server ends the replay with one line."""
    with pytest.raises(CodeassistError, match=reason):
        await replay(
            file_script(words, WORDS), LanguageServer(command), VSCODE, PATIENT
        )


@pytest.mark.model
async def test_default_model():
    """The real model helps a user of the real server, and says what it has cost."""
    located("qwen2.5-coder-0.5b")
    source = Path(__file__).parents[2] / "codeassist" / "languages.py"
    script = file_script(source, source.read_text(), from_line=8, keystrokes=60)
    assistant = LanguageServer(root=script.root)
    result = await replay(script, assistant, VSCODE, PATIENT, speed=FAST)

    assert result.characters == script.characters
    assert result.keystrokes == script.keystrokes - result.keystrokes_saved
    assert result.requests == result.answered + result.superseded
    assert result.answered == result.text_ms.n + sum(result.reasons.values())
    assert result.shown >= result.accepts + result.partial_accepts
    assert 0 < result.evaluated_tokens < result.prompt_tokens
    assert result.characters_saved > 0
    assert result.cpu_seconds > 0
