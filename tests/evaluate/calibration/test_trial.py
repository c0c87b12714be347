"""What a typist makes of answers that were observed."""

from codeassist.evaluate.calibration.observing import Observation, Passage
from codeassist.evaluate.calibration.trial import try_out
from codeassist.evaluate.replay.policy import NEOVIM, VSCODE

TEXT = "return total + 1"


def typed(answers):
    """A passage that is typed key by key; answers by the characters before them."""
    observations = tuple(
        Observation(n, TEXT[:n], answers.get(n, ""), (-0.1,), (1,))
        for n in range(len(TEXT))
    )
    return [Passage("a", "python", TEXT, observations)]


def everything(each):
    return each.text


def test_a_right_answer_is_accepted_whole():
    """What is accepted is not typed, and nothing is asked within it."""
    answers = {0: TEXT, 3: "wrong"}
    found = try_out(typed(answers), everything)

    assert (found.shown, found.wrong, found.whole) == (1, 0, 1)
    assert found.saved == found.characters == len(TEXT)


def test_a_wrong_answer_is_typed_over():
    """One suggestion counts once, and is there for as long as the typing fits it."""
    found = try_out(typed({0: "raise", 1: "eturn None", 2: "turn None"}), everything)

    assert (found.shown, found.wrong) == (2, 1)
    assert found.saved == len("turn ")


def test_parts_only_where_the_client_offers_them():
    """Of an answer that begins right Neovim's user takes nothing, VS Code's a part."""
    answers = {0: "return total - 1"}

    assert try_out(typed(answers), everything, VSCODE).saved == len("return total ")
    assert try_out(typed(answers), everything, NEOVIM).saved == 0


def test_what_is_withheld_is_not_shown():
    """The gate decides; an answer that it withholds costs and brings nothing."""
    found = try_out(typed({0: TEXT}), lambda _each: "")

    assert (found.asked, found.shown, found.saved) == (1, 0, 0)
    assert found.precision == 1.0
