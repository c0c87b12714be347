"""Tokens become text, with what belongs to each of them."""

from dataclasses import dataclass, field

import pytest

from codeassist.engine import Silence
from codeassist.engine.answering import answer_text
from codeassist.engine.decode import Stop, Token
from codeassist.engine.finish import BlockEnd, LineEnd, look
from codeassist.engine.offering import silence_of
from codeassist.languages import of_path


@dataclass
class Written:
    """A generation whose tokens are known."""

    pieces: list[str | bytes]
    stop: Stop = Stop.END_TOKEN
    taken: list[str | bytes] = field(default_factory=list)

    def __iter__(self):
        for n, piece in enumerate(self.pieces):
            self.taken.append(piece)
            raw = piece if isinstance(piece, bytes) else piece.encode()
            yield Token(n, -0.1 * n, raw)


def test_each_token_has_its_end():
    """What was kept from the prompt is no part of the answer, and its tokens end at 0."""
    draft = answer_text(Written([" r", "eturn", " x", "\n"]), LineEnd(), " retu")

    assert draft.text == "rn x"
    assert draft.ends == (0, 2, 4, 5)
    assert len(draft.logprobs) == len(draft.ends)
    assert draft.whole


def test_half_a_character_is_left_out():
    """An answer that ends within a character ends before it."""
    smile = "🙂".encode()
    for stop in (Stop.MAX_TOKENS, Stop.TIME_LIMIT, Stop.END_TOKEN):
        draft = answer_text(Written(["'done ", smile[:2]], stop), LineEnd())
        assert draft.text.rstrip() == "'done"
    assert answer_text(Written([smile[:2], smile[2:]]), LineEnd()).text == "🙂"


def test_line_ends_are_line_feeds():
    """A line end that the model writes as CRLF ends the line as any other."""
    assert answer_text(Written(["x = 1\r", "\n", "y"]), LineEnd()).text == "x = 1"


def test_nothing_is_written_that_nobody_wants():
    """Decoding ends as soon as the rest is not wanted, and says so."""
    written = Written(["a", " b", " c", " d"])
    draft = answer_text(
        written, LineEnd(), enough=lambda text, *_: 1 if len(text) > 2 else None
    )

    assert (draft.text, draft.whole) == ("a", False)
    assert written.taken == ["a", " b"]


def test_a_rule_comes_first():
    """An answer that is complete is whole, whether or not more of it was wanted."""
    draft = answer_text(Written(["a\n"]), LineEnd(), enough=lambda *_: 0)

    assert (draft.text, draft.whole, draft.stop) == ("a", True, Stop.RULE)


def test_a_begun_block_is_not_finished():
    """The generation can ask, at its end, whether the text is to go on."""
    end = BlockEnd(look("# adds\n", "", of_path("a.py")), of_path("a.py"))
    begun, whole = Written(["def f(a)", ":"]), Written(["def f(a):\n", "    return a"])
    answer_text(begun, end)
    answer_text(whole, end)

    assert begun.unfinished()
    assert not whole.unfinished()


def test_a_header_alone_is_not_finished():
    """Behind an opener that stands before the cursor, nothing is no body either."""
    python = of_path("a.py")
    nothing = Written([])
    answer_text(nothing, BlockEnd(look("if x:", "", python), python))
    blank = Written([])
    answer_text(blank, BlockEnd(look("if x:\n    ", "", python), python))

    assert nothing.unfinished()
    assert not blank.unfinished()


@pytest.mark.parametrize(
    ("pieces", "text"),
    [(["12, 3", "45"], "12,"), (["abc"], "abc"), (["f(", "x"], "f(")],
)
def test_one_line_that_is_broken_off_ends_with_a_word(pieces, text):
    """Where the model could say no more, nobody knows how its last word goes on."""
    assert answer_text(Written(pieces, Stop.MAX_TOKENS), LineEnd()).text == text


def test_a_whole_line_that_another_follows_keeps_its_words():
    """Where the second line is broken off, the first one is whole."""
    written = Written(["return a", " + b\n", "    oth"], Stop.MAX_TOKENS)
    python = of_path("a.py")
    end = BlockEnd(look("def f():\n    ", "", python), python)

    assert answer_text(written, end).text == "return a + b"


def test_an_answer_that_nobody_wants_at_all_is_unsure():
    """Where decoding ends before the first word is whole, that is the reason told."""
    draft = answer_text(Written(["a", "b"]), LineEnd(), enough=lambda *_: 0)

    assert silence_of(draft) is Silence.UNSURE
