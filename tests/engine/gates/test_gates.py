"""What is shown of an answer that nobody asked for."""

from dataclasses import replace
from functools import partial

import pytest

from codeassist.engine import Completion, Request, Silence, Stop
from codeassist.engine.gates import Calibration, Confidence, Gates, calibration_of
from codeassist.engine.recall import Recall
from codeassist.languages import of_path


def said(*tokens, stop=Stop.RULE):
    """A completion of (text, log-probability) tokens."""
    ends, text = [], ""
    for piece, _ in tokens:
        text += piece
        ends.append(len(text))
    return Completion(text, stop, tuple(p for _, p in tokens), tuple(ends))


def at(text, path="a.py"):
    """A request that typing made, with the cursor at the ┃."""
    before, _, after = text.partition("┃")
    return Request(before, after, path, of_path(path), automatic=True)


def by_word(bound):
    """Gates for which the chance of the next word is its probability, nearly."""
    return Gates(Confidence(Calibration(4.0, 4.0, 0.0), bound))


SURE, UNSURE = -0.01, -3.0


def test_unsure_is_withheld():
    """An answer whose next word is unlikely is not shown, and the reason is said."""
    shown, silence = by_word(0.5).judge(
        said((" foo", UNSURE), ("(", SURE)), at("x =┃\n")
    )

    assert silence is Silence.UNSURE
    assert shown.text == ""
    assert shown.more == " foo("


def test_sure_is_shown():
    """An answer whose next word is likely is shown."""
    shown, silence = by_word(0.5).judge(
        said((" foo", SURE), ("()", SURE)), at("x =┃\n")
    )

    assert silence is None
    assert shown.text == " foo()"


def test_a_hurried_answer_has_to_be_surer():
    """Without other files the surprise counts several times, and the chance that is told says so."""
    likely = said((" foo", -0.3), ("(", SURE), ("b", -2.0))
    hurried = replace(likely, alone=True)
    shown, why = by_word(0.8).judge(hurried, at("x =┃\n"))

    assert by_word(0.8).judge(likely, at("x =┃\n"))[0].text == " foo("
    assert why is Silence.UNSURE
    assert shown.chance == pytest.approx(0.07, abs=0.01)

    # and less of it is shown: 0.95 and 0.98 of exp(-1.79) beside a fifth of 0.8
    tail = said((" foo", -0.05), ("(", 0.0), ("b", -1.79))
    assert by_word(0.8).judge(tail, at("x =┃\n"))[0].text == " foo(b"
    hurried = replace(tail, alone=True)
    assert by_word(0.8).judge(hurried, at("x =┃\n"))[0].text == " foo("
    assert Gates().judge(hurried, at("x =┃\n"))[1] is None


@pytest.mark.parametrize(("bound", "shift"), [(0.88, 0.0), (0.8, -0.6), (0.8, 0.6)])
@pytest.mark.parametrize("adapter", ["", "codeassist-fim-0.5b.gguf"])
def test_what_is_surest_is_shown(adapter, bound, shift):
    """A higher bound, or what the user's records say, does not silence a hurried answer
    that the model has no doubt of."""
    shipped = replace(calibration_of("qwen2.5-coder-0.5b", adapter), shift=shift)
    gates, surest = Gates(Confidence(shipped, bound)), said((" foo", -0.001))
    hurried = replace(surest, alone=True)

    assert gates.judge(hurried, at("x =┃\n"))[0].text == " foo"


def test_a_word_that_is_forced_says_nothing():
    """Where what is typed leaves one token, the one behind it tells how sure it is."""
    unlikely = said(("ory", 0.0), (" =", UNSURE))
    likely = said(("ory", 0.0), (" =", SURE))

    assert by_word(0.5).judge(unlikely, at("self.hist┃\n"))[1] is Silence.UNSURE
    assert by_word(0.5).judge(likely, at("self.hist┃\n"))[0].text == "ory ="
    assert by_word(0.5).judge(said(("ory", 0.0)), at("self.hist┃\n"))[1] is None
    # that the model chose among all tokens does say something
    chosen = said((" y", 0.0), (" =", UNSURE))
    assert by_word(0.5).judge(chosen, at("x =┃\n"))[1] is None
    own = said(("ory", -0.05), (" =", UNSURE))
    assert by_word(0.5).judge(own, at("self.hist┃\n"))[1] is None


def test_the_chance_is_told():
    """A judged answer says how likely it was, whatever the records add to the gate."""
    calibration = Calibration(4.0, 4.0, 0.0, shift=-9.0)
    answer = said((" foo", SURE), ("()", SURE))
    shown, silence = Gates(Confidence(calibration, 0.5)).judge(answer, at("x =┃\n"))

    assert silence is Silence.UNSURE
    assert shown.chance == pytest.approx(0.98, abs=0.01)
    assert Gates().judge(answer, at("x =┃\n"))[0].chance is None


def test_without_a_bound_all_is_shown():
    """A bound of 0 shows everything that parses."""
    shown, silence = by_word(0.0).judge(said((" foo", UNSURE)), at("x =┃\n"))

    assert (shown.text, silence) == (" foo", None)


@pytest.mark.parametrize("text", [")", "  ]", "})", '"', " "])
def test_nothing_trivial(text):
    """Closers alone are what the editor puts there; they are not shown."""
    shown, silence = Gates().judge(said((text, SURE)), at("f(x┃\n"))

    assert (shown.text, silence) == ("", Silence.NOTHING_TO_ADD)


def test_a_beginning_that_nobody_wants_is_unsure():
    """A quote alone that is left of an answer says not that there is nothing to add."""
    shown, silence = Gates().judge(said(('"', SURE)), at("f(┃)\n"), whole=False)

    assert (shown.text, silence) == ("", Silence.UNSURE)


def test_nothing_trivial_from_memory():
    """What was too little to show stays so when it is all that is left."""
    assert Gates().sure(said((")", SURE)), at("f(┃\n")) is None
    assert by_word(0.5).sure(said(("\n", SURE), (")", SURE)), at("f(┃\n")) is None
    assert Gates().sure(said((" + 1", SURE)), at("x┃\n")).text == " + 1"


def test_broken_syntax_is_said():
    """What parses in no part is withheld, and the reason is said."""
    shown, silence = Gates().judge(said(("y", SURE)), at("x = y ┃\n"))

    assert (shown.text, shown.more) == ("", "")
    assert silence is Silence.BREAKS_SYNTAX


def test_what_is_unfinished_is_not_broken():
    """A statement that was cut where it became unlikely is not held to parse."""
    document, condition = at("y ┃\n"), said(("if", SURE), (" not x else", SURE))
    shown, silence = by_word(0.5).judge(condition, document, whole=False)

    assert (shown.text, silence) == ("if not x else", None)


def test_a_hidden_rest_is_judged_by_its_own_tokens():
    """What was held back comes when it is likely, given that all before it was right."""
    gates = by_word(0.5)
    likely, unlikely = said((".bar", SURE)), said((".bar", UNSURE))

    assert gates.sure(likely, at("x = foo┃\n")).text == ".bar"
    assert gates.sure(unlikely, at("x = foo┃\n")) is None


def test_a_line_is_cut_where_it_becomes_unlikely():
    """The likely beginning of a line is shown, its end in whole words only is not."""
    line = said((" foo", SURE), ("(", SURE), ("b", UNSURE), ("ar", SURE), (")", SURE))
    shown, _ = by_word(0.5).judge(line, at("x =┃\n"))

    assert shown.text == " foo("
    assert shown.more == "bar)"


def test_blanks_at_the_end_of_what_is_shown_whole_stay():
    """They stand before the rest of the line, which the answer joins."""
    span = said(("a:", SURE), ("\n    ", SURE))
    shown, _ = by_word(0.5).judge(span, at("for x in ┃return x\n"))

    assert shown.text == "a:\n    "


def test_a_block_is_cut_behind_a_whole_line():
    """Behind the first line of a block only whole lines are shown, or left out."""
    block = said(
        ("a", SURE), ("\n    b", SURE), (" = ", SURE), ("\n    c", SURE), ("d", UNSURE)
    )
    shown, _ = by_word(0.5).judge(block, at("def f():\n    ┃\n"))

    assert shown.text == "a\n    b ="


def test_a_block_goes_on_lazily():
    """When the first line of a block is accepted, the next lines come from memory."""
    gates, recall = by_word(0.5), Recall()
    block = said(("a = 1", SURE), ("\n    b", -2.5), (" = 2", SURE), ("\n    c", SURE))
    asked = at("def f():\n    ┃\n")
    shown, _ = gates.judge(block, asked)
    recall.keep(asked, shown, block=True)
    accepted = replace(asked, before=asked.before + "a = 1")
    typed = replace(asked, before=asked.before + "a = 1\n    b")

    assert shown.text == "a = 1"
    assert (
        recall.find(asked, partial(gates.sure, request=asked)).completion.text
        == "a = 1"
    )
    assert recall.find(accepted, partial(gates.sure, request=asked)) is None
    assert (
        recall.find(typed, partial(gates.sure, request=asked)).completion.text
        == " = 2\n    c"
    )


LONGER = "history_store = 1\nprint(self.hist┃)\n"


@pytest.mark.parametrize(
    ("document", "text", "shown"),
    [
        (LONGER, "ory", ""),
        (LONGER, "ory.last()", ""),
        (LONGER, "ory_store", "ory_store"),
        ("print(self.hist┃)\nself.history_store = 1\n", "ory", ""),
        ("prehistory_store = 1\nprint(self.hist┃)\n", "ory", "ory"),
        ("history = 1\nprint(self.hist┃)\n", "ory", "ory"),
        ("Ωmega_two = Ωmega = 1\nprint(Ωme┃)\n", "ga", ""),
        ("history_store = 1\nprint(history┃)\n", ".add()", ".add()"),
        ("history_store = 1\n" + "#\n" * 30_000 + "self.hist┃\n", "ory", "ory"),
        ("history_store = 1\r\nself.hist┃\r\n", "ory", ""),
        ("history_store = 1\nself.┃\n", "history", "history"),
    ],
)
def test_a_word_that_begins_others_has_to_be_surer(document, text, shown):
    """What is typed of a word may be meant as a longer one that the document has."""
    likely = said((text, -0.3))

    assert by_word(0.8).judge(likely, at(document))[0].text == shown
    hurried = replace(said((text, SURE)), alone=True)
    assert by_word(0.8).judge(hurried, at(document))[0].text == text


class TestEnough:
    """Decoding ends where the rest would be hidden."""

    @staticmethod
    def end(gates, completion, *, block=False, automatic=True):
        request = replace(at("x =┃\n"), automatic=automatic)
        text, told = completion.text, (completion.logprobs, completion.ends)
        return gates.enough(text, *told, request=request, block=block)

    def test_first_word(self):
        """At its first unlikely token, whatever comes behind; a likely one goes on."""
        assert self.end(by_word(0.5), said((" fo", UNSURE))) == 0
        assert self.end(by_word(0.5), said((" fo", SURE), ("o", UNSURE))) == 0
        assert self.end(by_word(0.5), said((" fo", SURE), ("o", SURE))) is None
        unlikely = said((" fo", UNSURE), ("o", SURE), (" ba", SURE))
        assert self.end(by_word(0.5), unlikely) == len(" foo")
        assert (
            self.end(by_word(0.5), said((" fo", SURE), ("o", SURE), ("(", SURE)))
            is None
        )

    def test_in_a_hurry(self):
        """What would be hidden of a hurried answer is not written either."""
        gates, answer = by_word(0.8), said((" foo", -0.55))
        told = answer.text, answer.logprobs, answer.ends
        request = at("x =┃\n")
        assert gates.enough(*told, request=request, block=False) is None
        assert gates.enough(*told, request=request, block=False, alone=True) == 0

    def test_a_word_that_begins_others(self):
        """A word is written to its end before it is said to be one of several."""
        gates, request = by_word(0.8), at(LONGER)

        def end(answer):
            told = answer.text, answer.logprobs, answer.ends
            return gates.enough(*told, request=request, block=False)

        assert end(said(("o", -0.3))) is None
        assert end(said(("o", -0.3), ("ry", SURE))) is None
        assert end(said(("o", -0.3), ("ry", SURE), ("(", SURE))) == len("ory")

    def test_the_rest(self):
        """A line ends where its rest would be cut; the lines of a block are kept."""
        tail = said((" foo", SURE), ("(", SURE), ("b", UNSURE))
        assert self.end(by_word(0.5), tail) == len(" foo(")
        assert self.end(by_word(0.5), tail, block=True) is None

    def test_who_asks_gets_all(self):
        """Without a bound, or for somebody who asked, nothing ends early."""
        tail = said((" foo", UNSURE), ("(", SURE), ("b", UNSURE))
        assert self.end(by_word(0.0), tail) is None
        assert self.end(by_word(0.5), tail, automatic=False) is None
        assert self.end(Gates(), tail) is None
