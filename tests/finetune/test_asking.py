"""An example is what the engine asks, in its own tokens, with the answer behind it."""

import random

import pytest

from codeassist.config import CompletionSettings
from codeassist.engine.context.select import Context, Snippet
from codeassist.engine.prompt import Prompter
from codeassist.fim import detect
from codeassist.finetune.cuts import KINDS, PLAIN, Cut, draw_cut
from codeassist.languages import of_path
from codeassist.training.fim_data import Document
from codeassist.training.fim_data.spans import Spans
from tests.finetune.bytes_model import Bytes, asker, read_and_learned, spelled

WIDE = (2000, 1000)
TEXT = """\
def area(width, height):
    if width < 0:
        raise ValueError(width)
    return width * height


def show(shape):
    print(shape.name(), area(*shape.sides))
    log(shape)
    return True
"""


def file(text=TEXT):
    return Document("src/shapes.py", text, "python", "shapes")


def cut_of(piece, kind="line", text=TEXT, begun=None):
    start = text.index(piece)
    return Cut(kind, start, start + len(piece), begun)


def asked(before, after, *, moments=(), context=None, shown=0):
    """What the engine evaluates where it is asked at the end of each text in turn."""
    vocab = Bytes()
    settings = CompletionSettings(
        prefix_tokens=WIDE[0], suffix_tokens=WIDE[1], context_tokens=shown
    )
    prompter = Prompter(vocab, detect(vocab), settings, 8192)
    for head in (*moments, before):
        rendered, _ = prompter.render(
            head,
            after,
            path="src/shapes.py",
            language=of_path("a.py"),
            max_tokens=64,
            context=context,
        )
    return rendered


@pytest.mark.parametrize("seed", range(60))
def test_the_engines_tokens_are_its_first(seed):
    """Whatever is cut, the example begins with the tokens of the engine's prompt."""
    dice = random.Random(seed)
    kinds = {kind: 1.0 for kind in KINDS if kind != PLAIN}
    cut = draw_cut(TEXT, Spans(TEXT, "python", longest=200), kinds, dice)
    before, after = TEXT[: cut.start], TEXT[cut.end :]
    moments = () if cut.begun is None else (before[: cut.begun],)
    prompt = asked(before, after, moments=moments)
    example = asker().example(file(), cut, WIDE)
    text = spelled(example.tokens)
    ids = list(map(int, example.tokens))
    assert text.startswith(spelled(prompt.tokens) + prompt.pending)
    if example.mask[len(prompt.tokens) - 1] or not prompt.pending:
        assert ids[: len(prompt.tokens)] == prompt.tokens
    assert text.endswith(TEXT[cut.start : cut.end] + "<|endoftext|>")


def test_the_line_is_learned_from_its_start():
    """A hole inside a line teaches the whole line: somebody may ask earlier in it."""
    example = asker().example(file(), cut_of("width * height"), WIDE)
    read, learned = read_and_learned(example)
    assert learned == "    return width * height<|endoftext|>"
    assert read.endswith("<|fim_middle|>")


def test_an_open_bracket_at_the_cursor_is_learned_with_its_closer():
    """The engine keeps it out of the prompt, so that it may be joined."""
    text = TEXT.replace("log(shape)", "log()")
    start = text.index("log()") + len("log(")
    example = asker().example(file(text), Cut("random", start, start + 1), WIDE)
    read, learned = read_and_learned(example)
    assert learned == "    log()<|endoftext|>"
    assert read.endswith("<|fim_middle|>")


def test_a_line_that_goes_on_begins_at_the_word():
    """With something behind the cursor the prefix ends in the line, as in the engine."""
    example = asker().example(file(), cut_of("area(*shape", "arguments"), WIDE)
    read, learned = read_and_learned(example)
    assert "    print(shape.name(),<|fim_suffix|>.sides))\n" in read
    assert learned == " area(*shape<|endoftext|>"


def test_lines_typed_since_stand_behind_the_middle():
    """What was typed since the middle began is part of it, and learned with it."""
    begun = TEXT.index("    if width")
    example = asker().example(file(), cut_of("width * height", begun=begun), WIDE)
    read, learned = read_and_learned(example)
    assert learned.startswith("    if width < 0:\n        raise")
    assert learned.endswith("    return width * height<|endoftext|>")
    assert read.startswith("<|fim_prefix|>def area(width, height):\n<|fim_suffix|>")


def test_an_empty_middle_teaches_to_stop():
    """Where nothing is missing, the line is there and the end token follows."""
    end = TEXT.index("log(shape)") + len("log(shape)")
    _, learned = read_and_learned(asker().example(file(), Cut("empty", end, end), WIDE))
    assert learned == "    log(shape)<|endoftext|>"


def test_an_unfinished_file_has_no_suffix():
    """A file that ends behind the hole shows nothing after the cursor."""
    example = asker().example(file(), cut_of("width * height"), WIDE, unfinished=True)
    assert "<|fim_suffix|><|fim_middle|>" in spelled(example.tokens)


class Told:
    """Always shows the same other file."""

    def around(self, view, budget, count):
        snippet = Snippet("src/other.py", (0,), "SIDES = 4", ("told",), 1.0, 10)
        return Context("shapes", "src/shapes.py", (snippet,))


def test_other_files_stand_as_the_engine_shows_them():
    """With a provider the prompt is the engine's repository form."""
    cut = cut_of("width * height")
    shown = asked(TEXT[: cut.start], TEXT[cut.end :], context=Told(), shown=512)
    example = asker().example(file(), cut, WIDE, context=Told())
    text = spelled(example.tokens)
    assert text.startswith("<|repo_name|>shapes\n<|file_sep|>src/other.py\nSIDES = 4")
    assert text.startswith(spelled(shown.tokens))


def test_the_window_cuts_a_long_file():
    """A small window shows a part of the file, as the engine's settings would."""
    long = "".join(f"line_{n} = {n}\n" for n in range(400)) + TEXT
    example = asker().example(
        file(long), cut_of("width * height", text=long), (200, 50)
    )
    assert len(example.tokens) < 600
    assert "line_1 " not in spelled(example.tokens)


def test_a_hole_that_is_too_long_is_no_example():
    """What is above the mixture's limit is left out, not cut."""
    cut = cut_of("raise ValueError(width)")
    assert asker(middle=10).example(file(), cut, WIDE) is None


def test_left_to_right_learns_all_and_ends_with_the_file():
    """A plain stretch has no sentinels; its end token stands where the file ends."""
    start = TEXT.index("def show")
    example = asker().example(file(), Cut(PLAIN, start, len(TEXT)), WIDE)
    assert spelled(example.tokens) == TEXT[start:] + "<|endoftext|>"
    assert example.mask.tolist() == [False] + [True] * (len(example.tokens) - 1)
    short = asker(plain=20).example(file(), Cut(PLAIN, start, len(TEXT)), WIDE)
    assert spelled(short.tokens) == TEXT[start : start + 20]
