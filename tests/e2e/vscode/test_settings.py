"""The settings of the extension, and its switches, in a real VS Code."""

import json

import pytest

from .serving import Served
from .window import Window

pytestmark = [pytest.mark.editor]


@pytest.mark.parametrize("language", ["", "python"], ids=["everywhere", "python"])
def test_what_a_workspace_has_switched_is_switched_there(
    vscode: Served, language: str
) -> None:
    """Where the workspace's settings say that ghost text is off, the toggle turns them."""
    file = vscode.file(".vscode/settings.json")
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"codeassist.enable": {language or "*": False}}))
    window = vscode.open()
    window.wait(lambda: "Switched off" in window.status(), "switched off")
    title = "Toggle for This Language" if language else "Toggle Everywhere"
    window.focus()
    window.command(f"codeassist: {title}")
    window.ready()
    enable = {} if language else {"*": True}
    assert json.loads(file.read_text()) == {"codeassist.enable": enable}


def test_everywhere_is_off_after_a_language_was_switched(vscode: Served) -> None:
    """What was said of a language, and taken back, does not outlive a word for all."""
    window = vscode.open()
    window.ready()
    window.focus()
    window.command("codeassist: Toggle for This Language")
    window.wait(lambda: "off for python" in window.status(), "switched off")
    window.command("codeassist: Toggle for This Language")
    window.ready()
    window.command("codeassist: Toggle Everywhere")
    window.wait(lambda: "Switched off (" in window.status(), "switched off")


def test_a_language_follows_the_word_for_all(vscode: Served) -> None:
    """A language that was switched by itself is off with all others, and on with them."""
    vscode.settings(**{"codeassist.enable": {"*": True, "python": False}})
    window = vscode.open()
    window.wait(lambda: "off for python" in window.status(), "Python switched off")
    window.focus()
    window.command("codeassist: Toggle Everywhere")
    window.wait(lambda: "Switched off (" in window.status(), "all switched off")
    window.command("codeassist: Toggle Everywhere")
    window.ready()


def all_off(vscode: Served) -> Window:
    """A window in which ghost text is off, and nobody has asked by hand."""
    vscode.settings(**{"codeassist.enable": {"*": False}})
    file = vscode.file()
    file.parent.mkdir()
    file.touch()
    window = vscode.window(file.parent, file)
    window.wait(lambda: "Switched off (" in window.status(), "switched off")
    return window


def test_nothing_runs_where_all_is_off(vscode: Served) -> None:
    """No server is started, and no model loaded, before somebody asks by hand."""
    window = all_off(vscode)
    window.command("codeassist: Status")
    window.wait(lambda: window.messages() == ["codeassist: Stopped"], "stopped server")
    window.focus()
    window.type("foo(")
    window.asks()
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")


def test_what_is_switched_on_has_a_server(vscode: Served) -> None:
    """Who opens a window while all is off, and switches it on, is served."""
    window = all_off(vscode)
    window.command("codeassist: Toggle Everywhere")
    window.ready()


def test_prose_is_off_until_it_is_switched_on(vscode: Served) -> None:
    """Markdown is asked by hand alone, also after a word for all; its own word counts."""
    notes = vscode.file("notes.md")
    notes.parent.mkdir(parents=True)
    notes.write_text("")
    window = vscode.open()
    window.ready()
    window.open_file("notes.md", 1)
    window.wait(lambda: "off for markdown" in window.status(), "Markdown off")
    window.command("codeassist: Toggle Everywhere")
    window.wait(lambda: "Switched off (" in window.status(), "all switched off")
    window.command("codeassist: Toggle Everywhere")
    window.wait(lambda: "off for markdown" in window.status(), "Markdown off")
    window.focus()
    window.type("foo(")
    window.command("Trigger Inline Suggestion")
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")
    window.command("codeassist: Toggle for This Language")
    window.ready()


def test_explain_is_told_what_the_server_is_told(vscode: Served) -> None:
    """The prompt that is explained is made with what the user has set, and no default; a
    model without a name is one that config.toml names."""
    vscode.be("echo", env={"CODEASSIST_MODELS": str(vscode.folder)})
    completion = {"latency_ms": 0, "context_tokens": 0, "lines": "one"}
    settings = {f"codeassist.completion.{k}": v for k, v in completion.items()}
    vscode.settings(**settings, **{"codeassist.model.id": ""})
    window = vscode.open("foo(\n")
    window.ready()
    window.command("codeassist: Explain: What the Model Sees at the Cursor")

    def ran() -> list[list[str]]:
        return [each for each in vscode.messages("ran") if each[0] == "explain"]

    (arguments,) = window.wait(ran, "command")
    assert "--context" not in arguments
    assert "--model" not in arguments
    told = arguments[arguments.index("--settings") + 1]
    assert json.loads(told) == {"completion": completion}
    assert arguments[arguments.index("--language") + 1] == "python"


def test_a_model_file_below_home_is_found(vscode: Served) -> None:
    """A path that begins with a tilde is to the health check what it is to the server."""
    vscode.be("echo", env={"ECHO_NO_MODEL": "1"})
    file = vscode.code.folder / "home" / "own.gguf"
    file.touch()
    vscode.settings(**{"codeassist.model.id": "~/own.gguf"})
    window = vscode.open()
    window.wait(lambda: "is not on this machine" in window.status(), "status")
    window.command("codeassist: Health Check")
    window.wait(lambda: f"+ model {file}" in "\n".join(window.lines()), "health")
