"""A prompt shows other files in the family's own form, and keeps them in place."""

import pytest

from codeassist.config import CompletionSettings
from codeassist.engine.context.select import Context, Snippet
from codeassist.engine.prompt import Prompter
from codeassist.fim import detect
from codeassist.languages import of_path

SPECIALS = [
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|endoftext|>",
    "<|im_end|>",
    "<|repo_name|>",
    "<|file_sep|>",
]

TEXT = "".join(f"line_{n} = {n}\n" for n in range(30))


class Bytes:
    """A vocabulary of bytes and of Qwen's special tokens."""

    bos = None

    def special(self, text):
        return 256 + SPECIALS.index(text) if text in SPECIALS else None

    def scan(self):
        """All of them are marked as special."""

    def piece(self, token):
        return bytes([token]) if token < 256 else b""

    def tokenize(self, text, *, lead_space=True):
        return list(text.encode("utf-8", "replace"))  # as `Vocab` does

    def meta(self, key):
        return "qwen2.5-coder" if key == "general.name" else None

    def spelled(self, tokens):
        return "".join(SPECIALS[t - 256] if t > 255 else chr(t) for t in tokens)


class Told:
    """Knows what it is told to know, and notes what it is asked."""

    def __init__(self, *names):
        self.names = names
        self.budgets = []
        self.row = 0

    def around(self, view, budget, count):
        self.budgets.append(budget)
        snippets = tuple(
            Snippet(f"{name}.py", (self.row,), f"{name} = 1", ("told",), 1.0, 10)
            for name in self.names
        )
        return Context("shop", "src/a.py", snippets)


@pytest.fixture
def ask():
    """Renders prompts of one document, as text."""

    def made(context, n_ctx=8192, **settings):
        settings = CompletionSettings(
            context_tokens=512, prefix_tokens=1024, suffix_tokens=256, **settings
        )
        prompter = Prompter(Bytes(), detect(Bytes()), settings, n_ctx)

        def ask(before, after="\n", path="/project/src/a.py", context=context):
            rendered, shown = prompter.render(
                before,
                after,
                path=path,
                language=of_path(path),
                max_tokens=64,
                context=context,
            )
            return Bytes().spelled(rendered.tokens), shown

        return ask

    return made


def test_the_familys_own_form(ask):
    """Other files stand before the file, the most important next to it."""
    text, shown = ask(Told("best", "second"))("x = ")

    assert text.startswith(
        "<|repo_name|>shop\n<|file_sep|>second.py\nsecond = 1\n"
        "<|file_sep|>best.py\nbest = 1\n<|file_sep|>src/a.py\n<|fim_prefix|>"
    )
    assert [each.path for each in shown] == ["second.py", "best.py"]


def test_half_of_a_surrogate_pair(ask):
    """One that an editor sent is shown as `?`, wherever the tokens are cut."""
    for before in ('x = "\ud83d', 'x = "\ud83d" + va', "\ud83d\nva"):
        (text, _), (plain, _) = (
            ask(None)(each) for each in (before, before.replace("\ud83d", "?"))
        )
        assert text == plain


def test_without_an_index_nothing_changes(ask):
    """No context, and a context that knows nothing, bring the prompt of before."""
    alone, shown = ask(None, placement="cursor")("x = ")

    assert alone == "<|fim_prefix|>x = <|fim_suffix|>\n<|fim_middle|>"
    assert shown == ()
    assert ask(Told(), placement="cursor")("x = ") == (alone, ())


@pytest.mark.parametrize("placement", ["cursor", "line"])
def test_other_files_stay_while_somebody_types(ask, placement):
    """What stands before the file is the same at each keystroke, byte for byte."""
    context = Told("one")
    prompt = ask(context, placement=placement)
    first, _ = prompt(TEXT + "x")
    context.names = ("two",)
    second, _ = prompt(TEXT + "xy = 1\nz")
    stable = first.index("<|fim_prefix|>")

    assert second[:stable] == first[:stable]
    assert len(context.budgets) == 1


def test_other_files_stay_within_a_region(ask):
    """Going up and down a few lines, and typing many, changes nothing before the file."""
    context = Told("one")
    prompt = ask(context, placement="line")
    first, _ = prompt(TEXT + "x")
    context.names = ("two",)
    stable = first.index("<|fim_prefix|>")
    for text in (TEXT[:-40], TEXT + "y = 1\n" * 12, TEXT + "z"):
        assert prompt(text)[0][:stable] == first[:stable]
    assert len(context.budgets) == 1


def test_what_the_window_has_is_not_kept(ask):
    """Rows of the file itself that come into sight are not shown twice."""
    context = Told("src/a")
    prompt = ask(context, placement="line")
    context.row = 40
    prompt(TEXT + "x")
    prompt(TEXT + "x\n" * 12)

    assert len(context.budgets) == 2


def test_chosen_anew_elsewhere(ask):
    """Far from there the choice is made again; what stays wanted stays in front."""
    context = Told("one", "two", "three")
    prompt = ask(context)
    prompt(TEXT + "x")
    context.names = ("new", "one", "three")
    _, shown = prompt(TEXT + TEXT)

    assert [each.path for each in shown] == ["three.py", "one.py", "new.py"]


def test_each_document_has_its_own(ask):
    """Going to another file and back finds the first one's context unchanged."""
    context = Told("one")
    prompt = ask(context)
    first, _ = prompt("x")
    context.names = ("two",)
    other, _ = prompt("x", path="/project/src/b.py")

    assert "two = 1" in other
    assert prompt("x") == (first, prompt("x")[1])


def test_asked_again_while_nothing_is_known(ask):
    """An index that is still being built is asked again at the next keystroke."""
    context = Told()
    prompt = ask(context)
    prompt("x")
    context.names = ("late",)

    assert "late = 1" in prompt("xy")[0]


def test_a_small_context_shows_the_file_alone(ask):
    """Where the file itself needs all of n_ctx, nothing of others is asked for."""
    context = Told("one")
    text, shown = ask(context, n_ctx=1500)(TEXT + "x = ")

    assert context.budgets == []
    assert shown == ()
    assert text.startswith("<|fim_prefix|>")


def test_what_is_asked_for_fits(ask):
    """The budget is what the setting says, or less where n_ctx is short."""
    for n_ctx, least, most in ((8192, 512, 512), (1700, 1, 300)):
        context = Told("one")
        ask(context, n_ctx=n_ctx)(TEXT)

        assert least <= context.budgets[0] <= most
