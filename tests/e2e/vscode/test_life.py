"""The server's life in VS Code: missing, old, crashed, not trusted, gone with its window."""

import json

import psutil
import pytest

from codeassist.engine.models.store import find, models_dir

from .serving import Served
from .window import until

pytestmark = [pytest.mark.editor]

NOWHERE = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY"), "http://127.0.0.1:9")
"""So that nothing can be fetched."""


def pids(served: Served) -> list[int]:
    """Of all servers that were started, the newest last."""
    lines = served.log.read_text().splitlines() if served.log.exists() else []
    return [entry["pid"] for entry in map(json.loads, lines) if "pid" in entry]


def test_a_missing_server_is_told_once_and_can_be_installed(vscode: Served) -> None:
    """Without the program one message offers to install it; it asks before it does,
    and offers nothing but what the user has: no index has this codeassist."""
    vscode.settings(**{"codeassist.path": ""})
    window = vscode.open()
    window.wait(lambda: "not installed" in window.status(), "status")
    window.wait(lambda: len(window.messages()) == 1, "one message")
    window.answer("Install…")
    dialog = window.page.locator(".monaco-dialog-box")
    dialog.wait_for()
    assert "environment of its own" in (dialog.text_content() or "")
    buttons = dialog.locator(".monaco-button").all_text_contents()
    assert sorted(buttons) == ["Cancel", "Install from a File or Folder…"]
    window.answer("Cancel")
    window.type("foo(")
    assert window.messages() == []


def test_a_wrong_path_is_told_in_one_line(vscode: Served) -> None:
    """A program that is not there is named, with what to do; corrected, it starts."""
    vscode.settings(**{"codeassist.path": "/nowhere/codeassist"})
    window = vscode.open()
    found = window.wait(window.messages, "message")
    assert len(found) == 1
    assert "/nowhere/codeassist, which is no program there" in found[0]
    vscode.settings()
    window.ready()


def test_an_old_server_is_not_used(vscode: Served) -> None:
    """A server that is too old is ended, and the message says which would do."""
    vscode.be("echo", version="0.0.9")
    window = vscode.open()
    window.wait(lambda: "is codeassist 0.0.9" in window.status(), "status")
    (message,) = window.wait(window.messages, "message")
    assert "needs 0.1.0 or newer" in message
    until(lambda: not psutil.pid_exists(pids(vscode)[0]), lambda: "it still runs")


def test_a_crashed_server_comes_back(vscode: Served) -> None:
    """After a crash ghost text comes again by itself, without a word."""
    window = vscode.open()
    window.ready()
    psutil.Process(pids(vscode)[-1]).kill()
    until(lambda: len(pids(vscode)) > 1, lambda: "it was not started again")
    window.ready()
    window.type("foo(")
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")
    assert len(pids(vscode)) == 2
    assert window.messages() == []


def test_a_server_that_always_crashes_is_left_alone(vscode: Served) -> None:
    """After a few crashes there is one message, and its button starts the server."""
    vscode.be("crash")
    window = vscode.open()
    window.wait(lambda: "crashed 4 times" in window.status(), "given up")
    window.wait(lambda: len(window.messages()) == 1, "one message")
    vscode.be("echo")
    window.answer("Restart")
    window.ready()


def test_a_missing_model_is_offered_to_be_fetched(vscode: Served) -> None:
    """Without its model the server is asked to fetch it, and a failure is one line."""
    models = vscode.folder / "models"
    vscode.be("real", env={"CODEASSIST_MODELS": str(models), **NOWHERE})
    window = vscode.open()
    window.wait(lambda: "is not on this machine" in window.status(), "status")
    window.wait(lambda: len(window.messages()) == 1, "one message")
    window.answer("Fetch")
    method = "workspace/executeCommand"
    asked = window.wait(lambda: vscode.messages(method=method), "request to fetch")
    assert asked[0]["params"]["command"] == "codeassist.server.pull"
    assert asked[0]["params"]["arguments"] == [{"id": "qwen2.5-coder-0.5b"}]
    window.wait(
        lambda: [m for m in window.messages() if m.startswith("codeassist: ")],
        "failure in one line",
    )


def test_a_model_is_chosen(vscode: Served) -> None:
    """The list shows what is here and what not, and nothing is fetched unasked."""
    models = vscode.folder / "models"
    vscode.be("echo", env={"CODEASSIST_MODELS": str(models), **NOWHERE})
    window = vscode.open()
    window.ready()
    window.command("codeassist: Model: Choose and Fetch")
    window.wait(lambda: "MB to fetch" in "".join(window.choices()), "catalog")
    window.choose("qwen2.5-coder-1.5b")
    window.answer("Cancel")
    window.wait(lambda: "Ready" in window.status(), "status as before")
    assert not vscode.messages(method="workspace/executeCommand")


def test_the_model_in_use_is_the_one_that_answers(vscode: Served) -> None:
    """A model that config.toml names is the one in use, and is well; who then chooses
    the default model gets it."""
    models, config = vscode.folder / "models", vscode.folder / "config"
    default = find()
    for folder in (models, config):
        folder.mkdir()
    with (models / default.file).open("wb") as file:
        file.truncate(default.size)
    (config / "config.toml").write_text('model.id = "smollm2-135m"\n')
    env = {"CODEASSIST_MODELS": str(models), "ECHO_CONFIG": str(config)}
    vscode.be("echo", env=env)
    window = vscode.open()
    window.wait(lambda: "Ready · smollm2-135m" in window.status(), "model of the file")
    window.command("codeassist: Health Check")
    window.wait(lambda: "+ model smollm2-135m" in text(window), "health")

    def in_use() -> list[str]:
        return [each for each in window.choices() if "in use" in each]

    window.command("codeassist: Model: Choose and Fetch")
    (used,) = window.wait(in_use, "model in use")
    assert "smollm2-135m" in used
    window.choose(default.id)
    window.wait(lambda: f"Ready · {default.id}" in window.status(), "chosen model")
    window.command("codeassist: Model: Choose and Fetch")
    (used,) = window.wait(in_use, "model in use")
    assert default.id in used


def test_a_document_that_is_not_completed_is_not_made_ready(vscode: Served) -> None:
    """The server is told which document is looked at, but where ghost text is off."""
    vscode.settings(**{"codeassist.enable": {"markdown": False}})
    notes = vscode.file("notes.md")
    notes.parent.mkdir(parents=True)
    notes.write_text("")
    window = vscode.open()
    window.ready()
    window.open_file("notes.md", 1)
    window.wait(lambda: "off for markdown" in window.status(), "notes")
    window.open_file("a.py", 1)

    def looked_at() -> list[str]:
        told = vscode.messages(method="textDocument/didFocus")
        return [each["params"]["textDocument"]["uri"] for each in told]

    window.wait(lambda: vscode.file().as_uri() in looked_at(), "word of the file")
    assert notes.as_uri() not in looked_at()


def test_the_server_is_told_where_the_cursor_rests(vscode: Served) -> None:
    """A place that the user moves to is made ready; what he types tells by itself."""
    window = vscode.open("one\ntwo\nthree\n")
    window.ready()
    window.focus()

    def places() -> list[dict[str, int]]:
        told = vscode.messages(method="textDocument/didFocus")
        return [each["params"].get("position") for each in told]

    window.press("Control+Home", "ArrowDown", "ArrowDown", "End")
    window.wait(lambda: {"line": 2, "character": 5} in places(), "word of the place")
    vscode.forget()
    window.type("(((")
    window.wait(window.ghost, "ghost text")
    window.press("Escape", "ArrowUp", "Home")
    window.wait(lambda: {"line": 1, "character": 0} in places(), "word of the next")
    assert {"line": 2, "character": 8} not in places()


def test_a_server_that_came_late_is_told_where_the_cursor_is(vscode: Served) -> None:
    """After a crash the next server knows the place that the user had moved to."""
    window = vscode.open("one\ntwo\n")
    window.ready()

    def is_told() -> bool:
        told = vscode.messages(method="textDocument/didFocus")
        places = [each["params"].get("position") for each in told]
        return {"line": 2, "character": 0} in places

    window.press("Control+End")
    window.wait(is_told, "word of the place")
    vscode.forget()
    psutil.Process(pids(vscode)[-1]).kill()
    window.wait(is_told, "word of the place to the next server")
    assert len(pids(vscode)) == 2


def test_nothing_is_run_or_read_before_trust(vscode: Served) -> None:
    """In restricted mode the workspace's program is not run and no server gets its
    files; trusted, that program is the one that serves."""
    project = vscode.file().parent
    program = project / ".venv" / "bin" / "codeassist"
    program.parent.mkdir(parents=True)
    ran = vscode.folder / "ran"
    program.write_text(f'#!/bin/sh\ntouch "{ran}"\nexec "{vscode.program}" "$@"\n')
    program.chmod(0o755)
    vscode.settings(trust=True, **{"codeassist.path": ""})
    window = vscode.open()
    window.wait(lambda: "Restricted mode" in window.status(), "restricted mode")
    window.type("foo(")
    window.command("codeassist: Health Check")
    window.wait(lambda: "x the workspace is not trusted" in text(window), "health")
    assert not ran.exists()
    assert not vscode.log.exists()
    window.command("Workspaces: Manage Workspace Trust")
    window.page.locator(".workspace-trust-buttons a", has_text="Trust").first.click()
    window.ready()
    assert ran.exists()


def test_no_command_starts_a_process_before_trust(vscode: Served) -> None:
    """In restricted mode the user's own program is not run either, and one line says so."""
    vscode.settings(trust=True)
    window = vscode.open()
    window.wait(lambda: "Restricted mode" in window.status(), "restricted mode")
    window.command("codeassist: Health Check")
    window.wait(lambda: "x the workspace is not trusted" in text(window), "health")
    window.command("codeassist: Why: What Came of the Last Requests")
    said = window.wait(window.messages, "message")
    assert said == ["codeassist: trust this workspace first"]
    assert not vscode.log.exists()


def test_the_server_ends_with_its_window(vscode: Served) -> None:
    """A window closed in the middle of a request leaves no process behind."""
    window = vscode.open()
    window.ready()
    window.type("slow")
    window.wait(lambda: "Thinking" in window.status(), "request")
    window.close()
    server = pids(vscode)[-1]
    until(lambda: not psutil.pid_exists(server), lambda: "the server still runs")


def known_roots(served: Served) -> list[str]:
    """What the newest server was told of its folders, at the start and later."""
    known: list[str] = []
    for each in served.messages():
        if each.get("method") == "initialize":
            known = [
                folder["uri"] for folder in each["params"]["workspaceFolders"] or ()
            ]
        if each.get("method") == "workspace/didChangeWorkspaceFolders":
            event = each["params"]["event"]
            gone = [folder["uri"] for folder in event["removed"]]
            known = [uri for uri in known if uri not in gone]
            known += [folder["uri"] for folder in event["added"]]
    return sorted(known)


def text(window) -> str:  # type: ignore[no-untyped-def]
    """All lines on screen."""
    return "\n".join(window.lines())


def test_folders_of_a_workspace_are_served_by_one_server(vscode: Served) -> None:
    """With several roots one server knows them all, and completes in each."""
    roots = [vscode.folder / name for name in ("one", "two")]
    for root in roots:
        root.mkdir()
        (root / f"{root.name}.py").write_text("")
    workspace = vscode.folder / "both.code-workspace"
    folders = [{"path": str(root)} for root in roots]
    workspace.write_text(json.dumps({"folders": folders}))
    window = vscode.window(workspace)
    window.ready()
    expected = [each.as_uri() for each in roots]
    until(
        lambda: known_roots(vscode) == expected,
        lambda: f"not the roots {expected}: {vscode.messages()[:9]}",
    )
    for root in roots:
        window.open_file(f"{root.name}.py", 1)
        window.asks()
        window.type("foo(")
        window.wait(lambda: window.ghost() == "<(|>", "ghost text")
    assert len([*filter(psutil.pid_exists, pids(vscode))]) == 1


def test_an_untitled_file_is_completed(vscode: Served) -> None:
    """What was never saved has ghost text, too, where its language is on."""
    vscode.settings(**{"codeassist.enable": {"plaintext": True}})
    window = vscode.open()
    window.ready()
    window.command("File: New Untitled Text File")
    keyboard = window.page.locator('.monaco-editor.focused[data-uri^="untitled:"]')
    window.wait(keyboard.count, "keyboard in the new file")
    window.asks()
    window.type("foo(")
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")


def test_a_notebook_is_completed(vscode: Served) -> None:
    """The cells of a notebook have ghost text."""
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    notebook = {
        "cells": [{**cell, "source": ["x = 1\n", "foo"]}],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    file = vscode.file("a.ipynb")
    file.parent.mkdir()
    file.write_text(json.dumps(notebook))
    window = vscode.open()
    window.ready()
    window.pick("Control+p", "a.ipynb", lambda label: "a.ipynb" in label)
    window.page.locator(".cell .view-lines").first.click()
    window.press("Control+End")
    window.asks()
    window.type("(")
    painted = window.page.locator('.cell [class*="ghost-text"]')
    window.wait(lambda: painted.count() and painted.first.text_content(), "ghost text")


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_lines_keep_their_ends(vscode: Served, ends: str) -> None:
    """A suggestion of two lines is inserted with the line ends of the file."""
    window = vscode.open(f"# one{ends}# two{ends}")
    window.ready()
    window.press("Control+End")
    window.type("crlf")
    window.wait(lambda: "one" in window.ghost(), "ghost text")
    window.press("Tab")
    window.wait(lambda: not window.ghost(), "accepted text")
    assert window.saved(vscode.file()) == f"# one{ends}# two{ends}crlfone{ends}two"


@pytest.mark.usefixtures("default_model")
def test_a_large_file_is_refused_with_its_reason(vscode: Served) -> None:
    """In a file above 2 MB the status bar says why there is nothing."""
    vscode.be("real", env={"CODEASSIST_MODELS": str(models_dir())})
    window = vscode.open("x = 1\n" * 400_000)
    window.ready()
    window.type("foo(")
    window.wait(lambda: "the file is too large" in window.status(), "reason")
    assert not [m for m in window.messages() if "codeassist" in m]


def test_what_was_typed_before_the_server_was_ready_is_asked_for(
    vscode: Served,
) -> None:
    """Typing waits for no server, and the last key has its ghost text when one is there."""
    gate = vscode.folder / "gate"
    vscode.be("echo", env={"ECHO_GATE": str(gate)})
    window = vscode.open()
    window.wait(lambda: "loading" in window.status(), "server that loads its model")
    window.type("foo(")
    window.wait(lambda: window.lines() == ["foo("], "typed text")
    gate.touch()
    window.wait(lambda: window.ghost() == "<(|>", "ghost text")
