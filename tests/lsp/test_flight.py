"""Which decode that is under way answers a newer request."""

from dataclasses import replace

import pytest

from codeassist.engine import Cancel, Request
from codeassist.languages import of_path
from codeassist.lsp.flight import Job

OLD = Request("x = f", "\n", "a.py", of_path("a.py"), automatic=True)


def job(request, said="oo(1)"):
    """A decode that has said something."""
    return Job(request, Cancel(), said=said)


@pytest.mark.parametrize(
    ("before", "agrees"), [("x = foo", True), ("x = fa", False), ("y = foo", False)]
)
def test_what_was_typed_since(before, agrees):
    """The one whose answer goes on with what was typed, in the same place."""
    assert job(OLD).agrees(replace(OLD, before=before)) == agrees


def test_another_rest():
    """One for another text behind the cursor does not."""
    assert not job(OLD).agrees(replace(OLD, before="x = foo", after=")\n"))


@pytest.mark.parametrize(
    ("closed", "agrees"), [(")", True), ("]", False), ("))", False)]
)
def test_a_bracket_that_the_editor_closed(closed, agrees):
    """What is typed opens a bracket, and the editor has put its partner behind it."""
    new = replace(OLD, before="x = foo(", after=closed + "\n")
    assert job(OLD).agrees(new) == agrees


def test_one_of_several_drafts():
    """Neither one that makes several drafts nor a request that wants them."""
    new = replace(OLD, before="x = foo")
    assert not job(replace(OLD, alternatives=3)).agrees(new)
    assert not job(OLD).agrees(replace(new, alternatives=3))
