"""FIM on the real tokenizers of the families whose vocabularies are at hand."""

import random

import pytest

from codeassist.engine.decode import open_vocabulary
from codeassist.fim import Fim, LeftToRight, detect

VOCABULARIES = {
    "deepseek-coder": "deepseek-coder",
    "deepseek-v3": "deepseek-v3",
    "mistral-v3-codestral": "codestral",
    "qwen2.5": "qwen2.5-coder",
    "refact": "refact",
    "starcoder": "starcoder2",
}
OPENED = {}
EACH = pytest.mark.parametrize("name", VOCABULARIES)


@pytest.fixture
def contract(shared):
    """What `detect` says of a vocabulary of the shared folder."""

    def find(name):
        path = shared / "eval" / "vocabs" / f"ggml-vocab-{name}.gguf"
        if path not in OPENED:
            OPENED[path] = detect(open_vocabulary(path))
        return OPENED[path]

    return find


@EACH
def test_family(contract, name):
    """Each vocabulary is taken for its own family."""
    assert contract(name).family.name == VOCABULARIES[name]


@pytest.mark.parametrize("name", ["qwen2", "llama-spm"])
def test_vocabulary_without_sentinels(contract, name):
    """A vocabulary without FIM tokens is served left to right, and says so."""
    form = contract(name)
    assert isinstance(form, LeftToRight)
    assert form.reason == f"{name} has no fill-in-the-middle tokens"


def test_name_that_says_nothing_is_noted(contract):
    """The shared Qwen2.5 vocabulary does not call itself Coder: the user is told."""
    assert contract("qwen2.5").note.endswith("by its tokens, not by its name")
    assert contract("starcoder").note == ""


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("deepseek-coder", [32013, 32016, 64, 1412, 32015, 185, 65, 185, 32017]),
        ("deepseek-v3", [0, 128801, 67, 438, 223, 128800, 201, 68, 201, 128802]),
        ("mistral-v3-codestral", [1, 13, 781, 29494, 781, 11, 1032, 1095, 29473]),
        ("qwen2.5", [151659, 64, 284, 220, 151661, 198, 65, 198, 151660]),
        ("refact", [1, 83, 280, 225, 3, 203, 84, 203, 2]),
        ("starcoder", [1, 102, 299, 244, 3, 222, 103, 222, 2]),
        ("qwen2", [64, 284]),
        ("llama-spm", [1, 263, 353]),
    ],
)
def test_ids(contract, name, ids):
    """The ids of a small prompt are these and no others."""
    assert contract(name).render("a = ", "\nb\n").tokens == ids


@pytest.mark.parametrize(
    ("name", "prompt"),
    [
        (
            "deepseek-coder",
            (
                "<|begin▁of▁sentence|><|fim▁begin|>#u.py\nx\n\n#m.py\na = "
                "<|fim▁hole|>\nb\n<|fim▁end|>"
            ),
        ),
        (
            "deepseek-v3",
            (
                "<|begin▁of▁sentence|><|fim▁begin|>#u.py\nx\n\n#m.py\na = "
                "<|fim▁hole|>\nb\n<|fim▁end|>"
            ),
        ),
        (
            "mistral-v3-codestral",
            "<s>[SUFFIX]\nb\n[PREFIX] +++++ u.py\nx\n\n\n+++++ m.py\na = ",
        ),
        (
            "qwen2.5",
            (
                "<|repo_name|>r\n<|file_sep|>u.py\nx\n\n<|file_sep|>m.py\n"
                "<|fim_prefix|>a = <|fim_suffix|>\nb\n<|fim_middle|>"
            ),
        ),
        (
            "refact",
            "<fim_prefix># u.py\nx\n\n# m.py\na = <fim_suffix>\nb\n<fim_middle>",
        ),
        (
            "starcoder",
            (
                "<repo_name>r<file_sep>u.py\nx\n<file_sep><fim_prefix>m.py\na = "
                "<fim_suffix>\nb\n<fim_middle>"
            ),
        ),
    ],
)
def test_repository_form(contract, name, prompt):
    """Other files stand where the family was trained to find them."""
    form = contract(name)
    files = [("u.py", "x\n")]
    ids = form.render("a = ", "\nb\n", path="m.py", repo="r", files=files).tokens
    text = form.vocabulary.detokenize(ids, special=True)
    assert text.replace("\N{FULLWIDTH VERTICAL LINE}", "|") == prompt


@EACH
def test_sentinels_are_one_id_and_stop(contract, name):
    """Each special token of the form is one id of its own that ends an answer."""
    form = contract(name)
    spelled = {form.vocabulary.text(n): n for n in form.ids.values()}
    assert spelled == form.ids
    assert form.stops == set(form.ids.values())


@EACH
def test_sentinels_in_user_text_stay_text(contract, name):
    """Neither code nor paths can smuggle a sentinel in, and both survive verbatim."""
    form = contract(name)
    evil = "x".join([*form.ids, "".join(form.ids)])
    assert form.vocabulary.detokenize(form.encode(evil)) == evil
    harmless = form.render("a", "b", path="p", repo="r", files=[("q", "t")])
    rendered = form.render(evil, evil, path=evil, repo=evil, files=[(evil, evil)])
    known = set(form.ids.values())
    sentinels = [n for n in rendered.tokens if n in known]
    assert sentinels == [n for n in harmless.tokens if n in known]


def test_codestral_takes_the_suffix_first_and_bare(contract):
    """[SUFFIX] comes before [PREFIX], and only the prefix gets the implied space."""
    form = contract("mistral-v3-codestral")
    tokens = form.render("foo", "foo").tokens
    pieces = [form.vocabulary.text(n) for n in tokens]
    assert pieces == ["<s>", "[SUFFIX]", "foo", "[PREFIX]", "▁foo"]


@EACH
def test_random_text_is_recovered(contract, name):
    """Prefix and suffix are in the prompt unharmed, whatever they consist of."""
    form = contract(name)
    dice = random.Random(name)
    pieces = [
        *form.ids,
        *"ab <|>[]\t\r\n",
        "    ",
        "é",
        "e\u0301",
        "🙂",
        "中",
        "\u2028",
    ]
    for _ in range(40):
        prefix, suffix = (
            "".join(dice.choices(pieces, k=dice.randrange(20))) for _ in range(2)
        )
        frame = form.frame()
        ids, pending = frame.encode_prefix(prefix)
        implied = name == "mistral-v3-codestral" and prefix != ""
        text = form.vocabulary.detokenize(ids)
        assert text + pending == " " * implied + prefix
        text = form.vocabulary.detokenize(frame.encode_suffix(suffix))
        assert text == suffix


@pytest.mark.parametrize("name", ["qwen2", "llama-spm"])
@pytest.mark.parametrize("prefix", ["def f():\n    ", "x = ", "🙂\n\n"])
def test_left_to_right_keeps_trailing_whitespace_back(contract, name, prefix):
    """No token of the prompt ends in whitespace, and nothing of the text is lost."""
    form = contract(name)
    rendered = form.render(prefix, "")
    text = form.vocabulary.detokenize(rendered.tokens).removeprefix(" ")
    assert text == text.rstrip() != ""
    assert text + rendered.pending == prefix


def test_training_example(contract):
    """An example of Qwen2.5-Coder ends with the middle and <|endoftext|>."""
    form = contract("qwen2.5")
    assert isinstance(form, Fim)
    example = form.example("a = ", "1", "\nb\n")
    assert example.tokens[example.target :] == [16, 151643]
    assert example.tokens[: example.target] == form.render("a = ", "\nb\n").tokens
