"""What the server does for long, as the user of a real VS Code sees it."""

import json
import re
import sys

import pytest

from tests.lsp import finetune_program

from .serving import Served

pytestmark = [pytest.mark.editor]

ENV = {"ECHO_PROGRAM": json.dumps([sys.executable, finetune_program.__file__])}
FILES = 6000
FETCHING = 300.0
PAGE = "<html><head></head><body><p>learned a lot</p></body></html>"


def test_fine_tuning_shows_how_far_it_is_and_its_report(vscode: Served) -> None:
    """A message with a bar follows it, the next says what came of it and opens the
    report as a page of the editor."""
    vscode.be("echo", env=ENV)
    window = vscode.open()
    window.ready()
    project = vscode.file().parent
    (project / "report.html").write_text(PAGE)
    window.command("codeassist: Fine-tune on This Repository")
    window.wait(lambda: "20m" in window.written(), "question for the time")
    window.press("Enter")
    window.wait(lambda: "training 3/10" in "".join(window.messages()), "progress")
    (project / "fate").write_text("accept")
    window.wait(lambda: "3 % better" in "".join(window.messages()), "what came of it")
    window.answer("Open Report")
    window.wait(
        lambda: any("learned a lot" in each.content() for each in window.page.frames),
        "report",
    )


def test_fine_tuning_is_cancelled(vscode: Served) -> None:
    """The button of its message ends it, and the program saves its work first."""
    vscode.be("echo", env=ENV)
    window = vscode.open()
    window.ready()
    project = vscode.file().parent
    window.command("codeassist: Fine-tune on This Repository")
    window.wait(lambda: "20m" in window.written(), "question for the time")
    window.press("Enter")
    window.wait(lambda: "training 3/10" in "".join(window.messages()), "progress")
    window.answer("Cancel")
    window.wait((project / "saved").exists, "saved work")
    window.wait(lambda: not window.messages(), "end of the message")


def test_a_model_is_fetched_before_the_users_eyes(vscode: Served) -> None:
    """A message with a bar follows the fetching, then the new model is the one in use."""
    models = vscode.folder / "models"
    vscode.be("real", env={"CODEASSIST_MODELS": str(models)})
    window = vscode.open()
    window.wait(lambda: "is not on this machine" in window.status(), "status")
    window.command("codeassist: Model: Choose and Fetch")
    window.wait(lambda: "MB to fetch" in "".join(window.choices()), "catalog")
    window.choose("smollm2-135m")
    window.answer("Fetch")
    told = re.compile(r"smollm2-135m \d+ of \d+ MB")
    window.wait(lambda: told.search("".join(window.messages())), "progress")
    window.wait(lambda: "smollm2-135m" in window.status(), "model in use", FETCHING)
    window.ready()


def test_a_repository_is_indexed_before_the_users_eyes(vscode: Served) -> None:
    """The status bar shows how far the index is, and it is gone with the last file."""
    for number in range(FILES):
        file = vscode.file(f"part_{number % 60}/file_{number}.py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"def function_{number}(x):\n    return x\n" * 40)
    window = vscode.open()
    bar = window.page.locator(".statusbar-item", has_text="indexing the repository")
    told = re.compile(r"indexing the repository: \d+ %")
    window.wait(
        lambda: bar.count() and told.search(bar.first.text_content() or ""), "progress"
    )
    window.wait(lambda: not bar.count(), "end of the index")
