"""What the server does for long, as the user of a real VS Code sees it."""

import json
import sys

import pytest

from tests.lsp import finetune_program

from .serving import Served

pytestmark = [pytest.mark.editor]

ENV = {"ECHO_PROGRAM": json.dumps([sys.executable, finetune_program.__file__])}
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
