from dataclasses import replace

import pytest

from codeassist.engine import Completion, Request
from codeassist.engine.decode import Stop
from codeassist.engine.recall import NEAR_AFTER, NEAR_BEFORE, Recall
from codeassist.languages import by_id

ABOVE, BELOW = "import os\n\nx = ", "\nprint(x)\n"


def request(before: str, after: str = BELOW, path: str = "a.py") -> Request:
    return Request(before, after, path, by_id("python", path))


def remembering(before: str, text: str, after: str = BELOW) -> Recall:
    recall = Recall()
    recall.keep(
        request(before, after), Completion(text, Stop.RULE, (-0.1,)), block=False
    )
    return recall


def found(recall: Recall, asked: Request) -> str | None:
    answer = recall.find(asked)
    return answer.completion.text if answer else None


def test_typing_through_an_answer_leaves_its_rest():
    """While the user types what was suggested, the rest of it is there at once."""
    recall = remembering(ABOVE, "os.getcwd()")
    assert found(recall, request(ABOVE)) == "os.getcwd()"
    assert found(recall, request(ABOVE + "os.")) == "getcwd()"
    assert found(recall, request(ABOVE + "os.getcwd(")) == ")"


def test_an_alternative_is_found_where_the_best_answer_disagrees():
    """Who types on the second suggestion gets its rest, not another answer."""
    recall = Recall()
    best, other = (Completion(text, Stop.RULE) for text in ("os.sep", "os.getcwd()"))
    recall.keep(request(ABOVE), best, other, block=False)

    assert found(recall, request(ABOVE)) == "os.sep"
    assert found(recall, request(ABOVE + "os.")) == "sep"
    assert found(recall, request(ABOVE + "os.g")) == "etcwd()"
    assert found(recall, request(ABOVE + "os.n")) is None


def test_what_was_not_suggested_finds_nothing():
    """Another letter, or all of the answer, brings no old answer."""
    recall = remembering(ABOVE, "os.getcwd()")
    assert found(recall, request(ABOVE + "o.")) is None
    assert found(recall, request(ABOVE + "os.getcwd()")) is None
    assert found(recall, request(ABOVE[:-1])) is None


def test_going_back_finds_the_answer_again():
    """After a wrong letter is deleted the answer from before is back."""
    recall = remembering(ABOVE, "os.getcwd()")
    assert found(recall, request(ABOVE + "oz")) is None
    assert found(recall, request(ABOVE + "o")) == "s.getcwd()"


def test_the_newest_answer_counts():
    """Two answers that both agree: the later one is offered."""
    recall = remembering(ABOVE, "os.getcwd()")
    later = request(ABOVE + "os.")
    recall.keep(later, Completion("environ", Stop.RULE), block=False)
    assert found(recall, later) == "environ"


def test_file_and_suffix_are_part_of_the_key():
    """The same prefix in another file, or before other text, is another place."""
    recall = remembering(ABOVE, "os.getcwd()")
    assert found(recall, request(ABOVE, path="b.py")) is None
    assert found(recall, request(ABOVE, after="\n")) is None


def test_far_away_edits_do_not_matter():
    """A change farther than the text that is compared leaves the answer valid."""
    near_before, near_after = "y" * NEAR_BEFORE, "z" * NEAR_AFTER
    recall = remembering("a\n" + near_before, "tail", near_after + "b")
    assert found(recall, request("other\n" + near_before + "ta", near_after)) == "il"


def test_an_empty_document_is_not_every_document():
    """An answer to an empty file fits only where all before the cursor was typed."""
    recall = remembering("", "import os", "")
    assert found(recall, request("im", "")) == "port os"
    assert found(recall, request("x\nim", "")) is None


def test_rest_of_white_space_is_none():
    """A remainder that shows nothing is not offered."""
    assert found(remembering(ABOVE, "1\n  "), request(ABOVE + "1")) is None


WHOLE = Completion(
    "a = 1", Stop.RULE, (-0.1,) * 6, (1, 3, 5, 10, 13, 15), "\n    b = 2"
)
"""The first line of a block, with the rest of it held back."""


def all_of_it(hidden):
    """Shows whatever was hidden."""
    return Completion(hidden.more, hidden.stop, hidden.logprobs, hidden.ends)


def test_what_was_held_back_follows_what_was_accepted():
    """After the first line of a block is accepted, the next comes without the model."""
    recall = Recall()
    recall.keep(request(ABOVE), WHOLE, block=True)

    assert found(recall, request(ABOVE)) == "a = 1"
    assert found(recall, request(ABOVE + "a =")) == " 1"
    assert found(recall, request(ABOVE + "a = 1")) is None
    rest = recall.find(request(ABOVE + "a = 1"), all_of_it)
    assert rest.completion.text == "\n    b = 2"
    assert rest.completion.ends == (5, 8, 10)
    assert rest.block


def test_held_back_within_a_token_nobody_knows():
    """Where what was typed ends within a token, what was hidden stays hidden."""
    recall = Recall()
    recall.keep(request(ABOVE), WHOLE, block=True)

    assert recall.find(request(ABOVE + "a = 1\n"), all_of_it) is None


def test_held_back_within_a_word_nobody_knows():
    """Other words begin alike: tokens that end within a word say nothing of its end."""
    recall = Recall()
    hidden = Completion("", Stop.RULE, (-2.0, -0.1, -0.1), (2, 4, 5), "self.")
    recall.keep(request(ABOVE), hidden, block=False)

    assert recall.find(request(ABOVE + "se"), all_of_it) is None
    assert recall.find(request(ABOVE + "self"), all_of_it).completion.text == "."


def test_an_answer_that_time_has_cut_is_not_offered_again():
    """The model is asked again, and gets further: the prompt is in its cache."""
    recall = Recall()
    cut = Completion("os.get", Stop.TIME_LIMIT, (-0.1,))
    recall.keep(request(ABOVE), cut, block=False)

    assert found(recall, request(ABOVE)) is None
    assert found(recall, request(ABOVE + "os.")) is None


def closing(before: str, closed: str, text: str, more: str = "") -> str | None:
    """What is found when an answer to the place was there before a bracket closed."""
    recall = Recall()
    said = Completion(text, Stop.RULE, (), (), more)
    recall.keep(request(ABOVE), said, block=False)
    return found(recall, request(ABOVE + before, closed + BELOW))


@pytest.mark.parametrize(
    ("typed", "closed", "text", "rest"),
    [
        ("f(", ")", "f(a, g(b)) + 1", "a, g(b)"),
        ("f(a, g(", "))", "f(a, g(b)) + 1", "b"),
        ("f(a, g(b)", ")", "f(a, g(b)) + 1", None),
        ("f(", ")", "f(a, g(b", "a, g(b"),
        ("rows[", "]", "rows[0]", "0"),
        ("if (a) {\n  ", "\n}", "if (a) {\n  b();\n}\nc();", "b();"),
        ("if (a) {", "}", "if (a) {\n  b();\n}\nc();", "\n  b();\n"),
        ("f(", "]", "f(a)", None),
        ("f(", "))", "f(a)", None),
        ("f(')", ")", "f(')(')", None),
    ],
)
def test_a_bracket_that_the_editor_closed(typed, closed, text, rest):
    """What an answer says within a bracket is found when the editor has closed it."""
    assert closing(typed, closed, text) == rest


def test_behind_the_closed_bracket_the_answer_goes_on():
    """When the closer is typed over, the rest of the old answer is there again."""
    recall = remembering(ABOVE, "f(a) + 1")
    assert found(recall, request(ABOVE + "f(a", ")" + BELOW)) is None
    assert found(recall, request(ABOVE + "f(a)")) == " + 1"


def test_within_a_closed_bracket_the_tokens_are_those_of_the_rest():
    """The gate reads no token that is said behind the bracket."""
    recall = Recall()
    said = Completion("f(a", Stop.RULE, (-1.0, -2.0, -3.0, -4.0), (2, 3, 4, 8), ") + b")
    recall.keep(request(ABOVE), said, block=False)
    kept = recall.find(request(ABOVE + "f(", ")" + BELOW))
    assert kept is not None
    left = kept.completion
    assert (left.text, left.more, left.ends, left.logprobs) == ("a", "", (1,), (-2.0,))


def test_a_token_that_says_the_closer_too_tells_of_what_is_before_it():
    """Nothing that is found within a closed bracket is without its tokens."""
    recall = Recall()
    said = Completion("f(", Stop.RULE, (-0.1, -0.2, -9.0), (1, 2, 5), "{})")
    recall.keep(request(ABOVE), said, block=False)
    told = []
    recall.find(request(ABOVE + "f(", ")" + BELOW), told.append)

    assert [(each.more, each.ends, each.logprobs) for each in told] == [
        ("{}", (2,), (-9.0,))
    ]


def test_what_was_brought_up_stays():
    """A hidden rest that was shown behind an accepted text is typed through as well."""
    recall = Recall()
    said = Completion("items)", Stop.RULE, (-0.1, -0.1), (6, 15), "\n  return")
    recall.keep(request(ABOVE), said, block=True)
    behind = request(ABOVE + "items)")

    def all_of_it(hidden: Completion) -> Completion:
        return replace(hidden, text=hidden.text + hidden.more, more="")

    kept = recall.find(behind, all_of_it)
    assert kept is not None
    assert kept.completion.text == "\n  return"
    assert found(recall, request(ABOVE + "items)\n  re")) == "turn"
