"""FIM families without a real vocabulary at hand, with the most careless tokenizer."""

import random

import pytest

from codeassist.errors import FamilyError
from codeassist.fim import FAMILIES, Fim, LeftToRight, detect

BAR = "\N{FULLWIDTH VERTICAL LINE}"
STAR = "<fim_prefix> <fim_suffix> <fim_middle> <|endoftext|> <fim_pad>"
STAR1 = f"{STAR} <reponame> <filename> <gh_stars>"
STAR2 = f"{STAR} <repo_name> <file_sep>"
QWEN = "<|fim_prefix|> <|fim_suffix|> <|fim_middle|> <|fim_pad|>"
QWEN25 = f"{QWEN} <|endoftext|> <|im_end|> <|repo_name|> <|file_sep|>"
DEEPSEEK = " ".join(
    f"<{BAR}{name}{BAR}>"
    for name in (
        "fim▁begin",
        "fim▁hole",
        "fim▁end",
        "begin▁of▁sentence",
        "end▁of▁sentence",
    )
)
SEED = "<[fim-suffix]> <[fim-prefix]> <[fim-middle]> <[end▁of▁sentence]>"
LLAMA = "<s> </s> ▁<PRE> ▁<SUF> ▁<MID> ▁<EOT>"
AIX = "<s> </s> ▁<AIX-SPAN-PRE> ▁<AIX-SPAN-POST> ▁<AIX-SPAN-MIDDLE>"
MISTRAL = "<s> </s> [PREFIX] [SUFFIX] [MIDDLE]"
GLM = (
    "[gMASK] <sop> <|user|> <|assistant|> <|endoftext|> "
    "<|code_prefix|> <|code_suffix|> <|code_middle|>"
)


class ToyVocabulary:
    """Bytes and special tokens; it sees the latter wherever they are spelled out.

    That is how several real tokenizers treat added tokens, and the worst case for
    user text.
    """

    def __init__(self, specials, name="", spm=False, bos=None, **metadata):
        self.specials = {text: 256 + n for n, text in enumerate(specials.split())}
        self.spm = spm
        self.bos = self.specials[bos] if bos else None
        self._meta = {"general.name": name, **metadata}

    def meta(self, key):
        return self._meta.get(key)

    def special(self, text):
        return self.specials.get(text)

    def scan(self):
        """All of them are marked as special."""

    def tokenize(self, text, *, lead_space=True):
        if self.spm and text:
            text = (" " * lead_space + text).replace(" ", "▁")
        ids = []
        while text:
            found = [s for s in self.specials if text.startswith(s)]
            token = max(found, key=len, default=text[0])
            ids += [self.specials[token]] if found else token.encode()
            text = text[len(token) :]
        return ids

    def piece(self, token):
        return bytes([token]) if token < 256 else b""

    def spelled(self, ids):
        """The ids as text, with special tokens spelled out."""
        by_id = {n: s.encode() for s, n in self.specials.items()}
        raw = b"".join(by_id.get(n) or bytes([n]) for n in ids)
        text = raw.decode()
        return text if not self.spm else text.replace("▁", " ")


def vocabulary(specials, name, **more):
    if specials in (LLAMA, AIX, MISTRAL):
        more = {"spm": True, "bos": "<s>", **more}
    if specials == DEEPSEEK:
        more = {"bos": f"<{BAR}begin▁of▁sentence{BAR}>", **more}
    if "<bos>" in specials:
        more = {"bos": "<bos>", **more}
    return ToyVocabulary(specials, name, **more)


# family: (a model's name, its special tokens, a file alone, a file among others)
PROMPTS = {
    "qwen2.5-coder": (
        "Qwen2.5 Coder 0.5B",
        QWEN25,
        "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>",
        (
            "<|repo_name|>r\n<|file_sep|>u.py\nx\n\n<|file_sep|>m.py\n"
            "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>"
        ),
    ),
    "qwen3-coder": (
        "Qwen3-Coder-30B-A3B",
        QWEN25,
        "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>",
        (
            "<|repo_name|>r\n<|file_sep|>u.py\nx\n\n<|file_sep|>m.py\n"
            "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>"
        ),
    ),
    "starcoder2": (
        "StarCoder2 3B",
        STAR2,
        "<fim_prefix>a = <fim_suffix>\nb<fim_middle>",
        (
            "<repo_name>r<file_sep>u.py\nx\n<file_sep><fim_prefix>m.py\na = "
            "<fim_suffix>\nb<fim_middle>"
        ),
    ),
    "starcoder": (
        "starcoderbase-1b",
        STAR1,
        "<fim_prefix>a = <fim_suffix>\nb<fim_middle>",
        (
            "<reponame>r<filename>u.py\nx\n<filename>m.py\n"
            "<fim_prefix>a = <fim_suffix>\nb<fim_middle>"
        ),
    ),
    "refact": (
        "Refact-1_6B-fim",
        STAR1,
        "<fim_prefix>a = <fim_suffix>\nb<fim_middle>",
        "<fim_prefix># u.py\nx\n\n# m.py\na = <fim_suffix>\nb<fim_middle>",
    ),
    "granite-code": (
        "Granite 3b Code Base",
        STAR1,
        "<fim_prefix>a = <fim_suffix>\nb<fim_middle>",
        "<fim_prefix># u.py\nx\n\n# m.py\na = <fim_suffix>\nb<fim_middle>",
    ),
    "granite-4": (
        "Granite 4.0 H Micro Base",
        f"{QWEN} <|end_of_text|>",
        "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>",
        "<|fim_prefix|># u.py\nx\n\n# m.py\na = <|fim_suffix|>\nb<|fim_middle|>",
    ),
    "mellum": (
        "Mellum-4b-base",
        STAR1,
        "<filename>m.py\n<fim_suffix>\nb<fim_prefix>a = <fim_middle>",
        (
            "<filename>u.py\nx\n"
            "<filename>m.py\n<fim_suffix>\nb<fim_prefix>a = <fim_middle>"
        ),
    ),
    "santacoder": (
        "SantaCoder",
        "<fim-prefix> <fim-suffix> <fim-middle> <|endoftext|>",
        "<fim-prefix>a = <fim-suffix>\nb<fim-middle>",
        "<fim-prefix># u.py\nx\n\n# m.py\na = <fim-suffix>\nb<fim-middle>",
    ),
    "codellama": (
        "CodeLlama-7b-hf",
        LLAMA,
        "<s> <PRE> a =  <SUF>\nb <MID>",
        "<s> <PRE> # u.py\nx\n\n# m.py\na =  <SUF>\nb <MID>",
    ),
    "deepseek-coder": (
        "deepseek-coder-6.7b-base",
        DEEPSEEK,
        "<|begin▁of▁sentence|><|fim▁begin|>a = <|fim▁hole|>\nb<|fim▁end|>",
        (
            "<|begin▁of▁sentence|><|fim▁begin|>#u.py\nx\n\n#m.py\na = "
            "<|fim▁hole|>\nb<|fim▁end|>"
        ),
    ),
    "deepseek-coder-v2": (
        "DeepSeek-Coder-V2-Lite-Base",
        DEEPSEEK,
        "<|begin▁of▁sentence|><|fim▁begin|>a = <|fim▁hole|>\nb<|fim▁end|>",
        (
            "<|begin▁of▁sentence|><|fim▁begin|>#u.py\nx\n\n#m.py\na = "
            "<|fim▁hole|>\nb<|fim▁end|>"
        ),
    ),
    "deepseek-v3": (
        "DeepSeek-V3-Base",
        DEEPSEEK,
        "<|begin▁of▁sentence|><|fim▁begin|>a = <|fim▁hole|>\nb<|fim▁end|>",
        (
            "<|begin▁of▁sentence|><|fim▁begin|>#u.py\nx\n\n#m.py\na = "
            "<|fim▁hole|>\nb<|fim▁end|>"
        ),
    ),
    "codegemma": (
        "codegemma-2b",
        f"{QWEN} <bos> <eos> <|file_separator|>",
        "<bos><|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>",
        (
            "<bos>u.py\nx\n<|file_separator|>m.py\n"
            "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>"
        ),
    ),
    "codestral": (
        "Codestral-22B-v0.1",
        MISTRAL,
        "<s>[SUFFIX]\nb[PREFIX] a = ",
        "<s>[SUFFIX]\nb[PREFIX] +++++ u.py\nx\n\n\n+++++ m.py\na = ",
    ),
    "seed-coder": (
        "Seed-Coder-8B-Base",
        f"{SEED} <filename>",
        "<[fim-suffix]>\nb<[fim-prefix]>a = <[fim-middle]>",
        (
            "<[fim-suffix]>\nb<[fim-prefix]><filename>u.py\nx\n"
            "<filename>m.py\na = <[fim-middle]>"
        ),
    ),
    "aixcoder": (
        "aixcoder-7b-base",
        AIX,
        (
            "<s> <AIX-SPAN-PRE> <AIX-SPAN-POST>\nb <AIX-SPAN-MIDDLE>"
            "# the file path is: m.py\n# the code file is written by Python\na = "
        ),
        (
            "<s> <AIX-SPAN-PRE> <AIX-SPAN-POST>\nb <AIX-SPAN-MIDDLE>"
            "# the file path is: u.py\nx\n\n"
            "# the file path is: m.py\n# the code file is written by Python\na = "
        ),
    ),
    "codegeex4": (
        "codegeex4-all-9b",
        GLM,
        (
            "[gMASK]<sop><|user|>\n###PATH:m.py\n###LANGUAGE:Python\n###MODE:BLOCK\n"
            "<|code_suffix|>\nb<|code_prefix|>a = <|code_middle|><|assistant|>\n"
        ),
        (
            "[gMASK]<sop><|user|>\n###REFERENCE:\n###PATH:u.py\nx\n\n"
            "###PATH:m.py\n###LANGUAGE:Python\n###MODE:BLOCK\n"
            "<|code_suffix|>\nb<|code_prefix|>a = <|code_middle|><|assistant|>\n"
        ),
    ),
    "glm": (
        "GLM-4.5-Air-Base",
        GLM,
        "<|code_prefix|>a = <|code_suffix|>\nb<|code_middle|>",
        "<|code_prefix|># u.py\nx\n\n# m.py\na = <|code_suffix|>\nb<|code_middle|>",
    ),
    "falcon-h1-tiny-coder": (
        "Falcon-H1-Tiny-Coder-90M",
        "<|prefix|> <|suffix|> <|middle|> <|end_of_text|>",
        "<|prefix|>a = <|suffix|>\nb<|middle|>",
        "<|prefix|># u.py\nx\n\n# m.py\na = <|suffix|>\nb<|middle|>",
    ),
}
SENTENCEPIECE = {"tokenizer.ggml.model": "llama"}
EACH = pytest.mark.parametrize("family", PROMPTS)
WHERE = {"path": "m.py", "repo": "r", "language": "Python"}


def contract(family):
    name, specials, *_ = PROMPTS[family]
    return detect(vocabulary(specials, name))


def spelled(form, ids):
    return form.vocabulary.spelled(ids).replace(BAR, "|")


def test_every_family_has_its_prompt_here():
    """No family of the table goes untested."""
    assert [f.name for f in FAMILIES] == list(dict.fromkeys(f.name for f in FAMILIES))
    assert {f.name for f in FAMILIES} == set(PROMPTS)


@EACH
def test_family_is_recognised_by_tokens_and_name(family):
    """A model as its maker names it is recognised, and there is nothing to note."""
    form = contract(family)
    assert (form.family.name, form.note) == (family, "")


@EACH
def test_file_alone(family):
    """The prompt of a single file is the family's, sentinel by sentinel."""
    form = contract(family)
    rendered = form.render("a = ", "\nb", **WHERE)
    assert spelled(form, rendered.tokens) == PROMPTS[family][2]


@EACH
def test_file_among_others(family):
    """Other files stand where the family was trained to find them."""
    form = contract(family)
    rendered = form.render("a = ", "\nb", files=[("u.py", "x\n")], **WHERE)
    assert spelled(form, rendered.tokens) == PROMPTS[family][3]


@EACH
def test_sentinels_in_user_text_stay_text(family):
    """Neither code nor paths can smuggle a sentinel in, and both survive verbatim."""
    form = contract(family)
    evil = "".join(form.ids) + "".join(f"<{s}x{s}" for s in form.ids)
    harmless = form.render("a", "b", path="p", repo="r", files=[("q", "t")])
    rendered = form.render(evil, evil, path=evil, repo=evil, files=[(evil, evil)])
    known = set(form.ids.values())
    sentinels = [n for n in rendered.tokens if n in known]
    assert sentinels == [n for n in harmless.tokens if n in known]
    text = form.vocabulary.spelled([n for n in rendered.tokens if n < 256])
    assert text.count(form.vocabulary.spelled(evil.encode())) >= 4


@EACH
def test_stops_are_the_familys_own_tokens(family):
    """Each sentinel ends an answer, and the trained end token comes with them."""
    form = contract(family)
    declared = next(f for f in FAMILIES if f.name == family)
    assert form.stops == set(form.ids.values())
    assert form.end == form.vocabulary.special(declared.ends[0])
    assert form.end in form.stops


@EACH
@pytest.mark.parametrize("files", [(), (("u.py", "x = 1\n"),)])
def test_assembling_equals_rendering(family, files):
    """A prompt put together from ids is the rendered one, and its size is known."""
    form = contract(family)
    frame = form.frame(files=files, **WHERE)
    prefix, pending = frame.encode_prefix("def f():\n    ")
    suffix = frame.encode_suffix("\n\nx")
    rendered = frame.assemble(prefix, suffix, pending)
    assert rendered == form.render("def f():\n    ", "\n\nx", files=files, **WHERE)
    assert len(rendered.tokens) == frame.overhead + len(prefix) + len(suffix)
    trimmed = frame.assemble(prefix[3:], suffix[:1])
    assert len(trimmed.tokens) == frame.overhead + len(prefix) - 3 + 1


@EACH
def test_stable_part_outlives_typing(family):
    """What stands before the prefix is the same after a keystroke, and not less."""
    form = contract(family)
    before = form.render("a = ", "\nb", files=[("u.py", "x")], **WHERE)
    after = form.render("zz", "\nb", files=[("u.py", "x")], **WHERE)
    n = before.stable_length
    assert after.stable_length == n
    assert before.tokens[:n] == after.tokens[:n]
    assert before.tokens[n] != after.tokens[n] or form.vocabulary.spm
    assert form.vocabulary.spelled(before.tokens[n:]).lstrip().startswith("a = ")


@EACH
def test_example_is_prompt_middle_end(family):
    """A training example continues the prompt with the middle and the end token."""
    form = contract(family)
    example = form.example("a = ", "1 + 2", "\nb")
    assert example.tokens[: example.target] == form.render("a = ", "\nb").tokens
    assert spelled(form, example.tokens[example.target : -1]) == "1 + 2"
    assert example.tokens[-1] == form.end


@EACH
def test_random_text_is_recovered(family):
    """Prefix and suffix are in the prompt unharmed, whatever they consist of."""
    form = contract(family)
    dice = random.Random(family)
    pieces = [*form.ids, *"<|>[]▁ \t\r\n", "é", "e\u0301", "🙂", "\u2028", BAR]
    for _ in range(30):
        prefix, suffix = (
            "".join(dice.choices(pieces, k=dice.randrange(12))) for _ in range(2)
        )
        if form.vocabulary.spm:  # SentencePiece does not tell ▁ from a space
            prefix, suffix = prefix.replace("▁", " "), suffix.replace("▁", " ")
        frame = form.frame()
        ids, pending = frame.encode_prefix(prefix)
        lead = " " if frame.prefix_lead and form.vocabulary.spm and prefix else ""
        assert form.vocabulary.spelled(ids) + pending == lead + prefix
        ids = frame.encode_suffix(suffix)
        assert form.vocabulary.spelled(ids) == suffix


def test_order():
    """The families that want the suffix first are these."""
    first = {f.name for f in FAMILIES if f.suffix_first}
    assert first == {"mellum", "codestral", "seed-coder", "aixcoder", "codegeex4"}


@pytest.mark.parametrize(
    ("name", "specials", "metadata", "family"),
    [
        ("a fine-tune", STAR2, {"general.architecture": "starcoder2"}, "starcoder2"),
        ("a fine-tune", STAR1, {"general.architecture": "refact"}, "refact"),
        ("granite-20b-code", STAR1, {"general.architecture": "starcoder"},
         "granite-code"),
        ("granite-3.3-8b-base", STAR1, {}, "granite-code"),
        ("a fine-tune", STAR1, {"general.basename": "Mellum"}, "mellum"),
        ("DeepSeek-V2-Lite", DEEPSEEK, {}, "deepseek-coder-v2"),
        ("a fine-tune", DEEPSEEK, {"tokenizer.ggml.pre": "deepseek-llm"},
         "deepseek-coder-v2"),
    ],
)  # fmt: skip
def test_look_alikes_are_told_apart_by_metadata(name, specials, metadata, family):
    """Where the tokens are shared, the metadata decides, without doubt to note."""
    form = detect(vocabulary(specials, name, **metadata))
    assert (form.family.name, form.note) == (family, "")


@pytest.mark.parametrize(
    ("specials", "family"),
    [
        (STAR1, "starcoder"),
        (STAR2, "starcoder2"),
        (QWEN25, "qwen2.5-coder"),
        (DEEPSEEK, "deepseek-coder"),
        (f"{QWEN} <bos> <eos> <|file_separator|>", "codegemma"),
        (GLM, "glm"),
    ],
)
def test_nameless_model_is_taken_by_its_tokens(specials, family):
    """Tokens alone suffice where only one family has them, and the user is told."""
    form = detect(vocabulary(specials, "Nameless"))
    assert form.family.name == family
    assert form.note == f"Nameless is taken for {family} by its tokens, not by its name"


@pytest.mark.parametrize(
    ("name", "specials", "reason"),
    [
        ("OpenCoder-8B-Base", STAR1, "OpenCoder carries FIM tokens but was not"),
        ("mamba-codestral-7B-v0.1", MISTRAL, "Mamba-Codestral was not trained"),
        ("CodeLlama-34b", LLAMA, "this Code Llama was not trained"),
        ("CodeLlama-7b-Python", LLAMA, "this Code Llama was not trained"),
        ("granite-3.0-8b-base", STAR1, "Granite 3.0 to 3.2 were not trained"),
        ("Mistral-Nemo", MISTRAL, "Mistral-Nemo has the tokens of codestral, but"),
        ("Odd", QWEN + " <|endoftext|>", "Odd has <|fim_suffix|> but fits no family"),
        ("Odd", "<fim_suffix> <|endoftext|>", "Odd has <fim_suffix> but fits no"),
        (
            "SmolLM2 135M",
            "<|endoftext|> <repo_name> <file_sep> <filename>",
            "SmolLM2 135M has no fill-in-the-middle tokens",
        ),
        ("", "<|endoftext|>", "the model has no fill-in-the-middle tokens"),
    ],
)
def test_untrained_models_are_served_left_to_right(name, specials, reason):
    """Tokens without training are refused, with the reason in one line."""
    form = detect(vocabulary(specials, name))
    assert isinstance(form, LeftToRight)
    assert form.reason.startswith(reason)
    assert "\n" not in form.reason


@pytest.mark.parametrize(
    ("name", "metadata", "specials", "note"),
    [
        ("Qwen2.5 Coder 0.5B Instruct AWQ", {}, QWEN25, "was tuned to chat"),
        ("Qwen2.5-Coder", {"general.finetune": "Instruct"}, QWEN25, "tuned to chat"),
        ("DeepSeek-Coder-V2-Lite-Instruct", {}, DEEPSEEK, "use the Lite base model"),
        ("codegemma-7b-it", {}, f"{QWEN} <bos> <eos> <|file_separator|>", "pretrained"),
    ],
)
def test_instruct_models_get_a_note(name, metadata, specials, note):
    """A chat model still fills in, but the user learns that it is one."""
    form = detect(vocabulary(specials, name, **metadata))
    assert isinstance(form, Fim)
    assert form.note.startswith(f"{name} is an instruct model: ")
    assert note in form.note


def test_family_can_be_forced():
    """A family that the metadata denies is used when the user names it."""
    denied = vocabulary(STAR1, "OpenCoder")
    assert detect(denied, family="starcoder").family.name == "starcoder"


def test_unknown_family_is_refused_with_the_names():
    """A family that does not exist is answered with those that do."""
    with pytest.raises(
        FamilyError, match=r"'gpt'; choose one of qwen2\.5-coder, .*glm"
    ):
        detect(vocabulary(STAR1, ""), family="gpt")


@pytest.mark.parametrize(
    ("specials", "bos", "family", "missing"),
    [
        (STAR1, None, "codestral", "[SUFFIX]"),
        (STAR1, None, "starcoder2", "<repo_name>"),
        ("<fim_prefix> <fim_suffix> <fim_middle>", None, "refact", "<|endoftext|>"),
        (MISTRAL, None, "codestral", "beginning-of-sequence token"),
    ],
)
def test_forced_family_needs_its_tokens(specials, bos, family, missing):
    """A family that the vocabulary cannot spell is refused, naming the lack."""
    with pytest.raises(FamilyError) as caught:
        detect(ToyVocabulary(specials, "M", bos=bos), family=family)
    assert str(caught.value) == f"M has no {missing}: it is not a {family} model"


class Unmarked(ToyVocabulary):
    """A vocabulary whose file marks no entry as special."""

    scanned = False

    def scan(self):
        self.scanned = True

    def special(self, text):
        return super().special(text) if self.scanned else None


@pytest.mark.parametrize("family", [None, "seed-coder"])
def test_sentinels_need_no_mark(family):
    """Entries that are spelled like sentinels count, whatever kind the file calls them."""
    form = detect(Unmarked(SEED, "Seed-Coder-8B-Base"), family)
    assert form.family.name == "seed-coder"
    assert isinstance(detect(Unmarked("<s>", "Seed-Coder-8B-Base")), LeftToRight)


def test_sentinel_may_lack_its_leading_space():
    """Some GGUFs of Code Llama spell ``<PRE>`` without SentencePiece's mark."""
    bare = ToyVocabulary(LLAMA.replace("▁", ""), "CodeLlama-7b", spm=True, bos="<s>")
    form = detect(bare)
    assert form.family.name == "codellama"
    assert form.ids["▁<PRE>"] == bare.special("<PRE>")
    assert not set(form.encode("x <PRE> <SUF>")) & set(form.ids.values())


def test_repository_form_needs_its_tokens():
    """A family whose file tokens are absent names files in comments instead."""
    form = detect(vocabulary(SEED, "Seed-Coder-8B-Base"))
    rendered = form.render("a", "b", path="m.js", comment="//", files=[("u.js", "x")])
    assert spelled(form, rendered.tokens) == (
        "<[fim-suffix]>b<[fim-prefix]>// u.js\nx\n// m.js\na<[fim-middle]>"
    )


def test_parts_without_a_value_are_left_out():
    """No empty header where repository, path or language are unknown."""
    form = contract("qwen2.5-coder")
    rendered = form.render("a", "b", files=[("u.py", "x")])
    assert spelled(form, rendered.tokens) == (
        "<|file_sep|>u.py\nx\n<|file_sep|><|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>"
    )
    form = contract("mellum")
    rendered = form.render("a", "b")
    assert spelled(form, rendered.tokens) == "<fim_suffix>b<fim_prefix>a<fim_middle>"


@pytest.mark.parametrize(
    ("metadata", "starts"),
    [
        ({"tokenizer.ggml.add_bos_token": "true"}, True),
        ({"tokenizer.ggml.add_bos_token": "false"}, False),
        (SENTENCEPIECE, True),
        ({"tokenizer.ggml.model": "gpt2"}, False),
        ({"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "llama-bpe"}, True),
    ],
)
@pytest.mark.parametrize("specials", [f"{SEED} <s>", "<s>"])
def test_bos_follows_the_file_where_the_family_is_silent(specials, metadata, starts):
    """Seed-Coder and plain continuation start with BOS if the GGUF wants it."""
    form = detect(ToyVocabulary(specials, "Seed-Coder", bos="<s>", **metadata))
    assert (form.bos is not None) == starts
    assert (form.render("a", "").tokens[0] == form.vocabulary.bos) == starts


@pytest.mark.parametrize(
    ("prefix", "ids", "pending"),
    [
        ("if x:\n    ", b"if x:", "\n    "),
        ("if x:", b"if x:", ""),
        ("a\t\r\n", b"a", "\t\r\n"),
        ("a\u00a0", "a\u00a0".encode(), ""),
        (" \n", b" \n", ""),
        ("", b"\n", ""),
    ],
)
def test_left_to_right_keeps_trailing_whitespace_back(prefix, ids, pending):
    """Trailing whitespace becomes the answer's start; a prompt is never empty."""
    form = detect(ToyVocabulary("<|endoftext|>"))
    rendered = form.render(prefix, "the suffix is of no use")
    assert (bytes(rendered.tokens), rendered.pending) == (ids, pending)


def test_left_to_right_with_bos_may_be_otherwise_empty():
    """With BOS in front even blank text is kept back."""
    form = detect(ToyVocabulary("<s>", spm=True, bos="<s>", **SENTENCEPIECE))
    assert form.render("  ", "").tokens == [form.bos]
    assert form.render("  ", "").pending == "  "


def test_left_to_right_names_other_files_in_comments():
    """Other files stand in front, each under the comment that names it."""
    form = detect(ToyVocabulary("<|endoftext|>"))
    rendered = form.render("a = ", "b", path="m.lua", comment="--", files=[("u", "x")])
    assert bytes(rendered.tokens) == b"-- u\nx\n-- m.lua\na ="
    assert bytes(rendered.tokens[: rendered.stable_length]) == b"-- u\nx\n-- m.lua\n"
    assert rendered.pending == " "


def test_fim_keeps_trailing_whitespace_in_the_prompt():
    """Families were trained on holes anywhere: nothing is kept back from them."""
    form = contract("starcoder")
    assert form.render("a = \n  ", "").pending == ""


def test_overhead_counts_the_sentinels():
    """What a prompt costs before it holds any code is known without rendering."""
    assert contract("starcoder").overhead == 3
    assert contract("codestral").overhead == 3
    assert detect(ToyVocabulary("<|endoftext|>")).overhead == 0
