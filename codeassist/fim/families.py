"""The table of model families and the prompt that each was trained on."""

from dataclasses import dataclass

from .layout import Layout, Slot, Token, before_prefix, psm, spm

__all__ = ["FAMILIES", "UNTRAINED", "Family"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Models that were trained on one form of prompt."""

    name: str

    layout: Layout
    """A file on its own."""

    ends: tuple[str, ...]
    """What ends a middle, the trained token first; those absent are skipped."""

    repository: Layout = ()
    """A file among others; empty: comments name the files in front of the prefix."""

    file: Layout = ()
    """One of the others, in `repository`."""

    bos: bool | None = None
    """Whether the prompt starts with BOS; None: as the GGUF says."""

    marks: tuple[str, ...] = ()
    """Tokens that tell the family from look-alikes with the same sentinels."""

    names: str = ""
    """Pattern of its metadata: ``name arch:architecture pre:pretokenizer``, the name
    in small letters with dashes between the words."""

    by_name: bool = False
    """The tokens alone are no proof: others carry them, so the metadata must agree."""

    lead_space: bool = True
    """Text right after a sentinel gets SentencePiece's implicit leading space. The
    suffix never does."""

    instruct: str = "it was tuned to chat and stops worse than its base model"
    """What to tell about an instruct model of the family."""

    @property
    def suffix_first(self) -> bool:
        """SPM order; otherwise PSM."""
        return self.layout.index(Slot.SUFFIX) < self.layout.index(Slot.PREFIX)


def wide(name: str) -> str:
    """DeepSeek's spelling: bars of full width, and no real space."""
    bar = "\N{FULLWIDTH VERTICAL LINE}"
    return f"<{bar}{name.replace(' ', '▁')}{bar}>"


T = Token
FILES, TEXT, PATH, REPO = Slot.FILES, Slot.TEXT, Slot.PATH, Slot.REPO
LANGUAGE, COMMENT = Slot.LANGUAGE, Slot.COMMENT
END = "<|endoftext|>"

STAR = psm("<fim_prefix>", "<fim_suffix>", "<fim_middle>")

QWEN = psm("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
QWEN_REPOSITORY: Layout = (
    (T("<|repo_name|>"), REPO, "\n"),
    FILES,
    T("<|file_sep|>"),
    (PATH, "\n"),
    *QWEN,
)
QWEN_FILE: Layout = (T("<|file_sep|>"), PATH, "\n", TEXT, "\n")
QWEN_MARKS = ("<|repo_name|>", "<|file_sep|>")
QWEN_ENDS = (END, "<|im_end|>", "<|fim_pad|>")

DEEPSEEK = psm(wide("fim begin"), wide("fim hole"), wide("fim end"))
DEEPSEEK_REPOSITORY = before_prefix(DEEPSEEK, FILES, ("#", PATH, "\n"))
DEEPSEEK_FILE: Layout = ("#", PATH, "\n", TEXT, "\n")
DEEPSEEK_END = wide("end of sentence")

NAMED_PATH: Layout = (T("<filename>"), PATH, "\n")
NAMED_FILE: Layout = (T("<filename>"), PATH, "\n", TEXT)

MELLUM = spm("<fim_suffix>", "<fim_prefix>", "<fim_middle>")
SEED = spm("<[fim-suffix]>", "<[fim-prefix]>", "<[fim-middle]>")
CODESTRAL = spm("[SUFFIX]", "[PREFIX]")  # no token between the prefix and the middle
AIX: Layout = (
    T("▁<AIX-SPAN-PRE>"),
    *spm("▁<AIX-SPAN-POST>", "▁<AIX-SPAN-MIDDLE>"),
)
AIX_PATH: Layout = (COMMENT, " the file path is: ", PATH, "\n")
AIX_LANGUAGE: Layout = (COMMENT, " the code file is written by ", LANGUAGE, "\n")

GLM = psm("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>")
GEEX_HEAD: Layout = (T("[gMASK]"), T("<sop>"), T("<|user|>"))
GEEX_TAIL: Layout = (
    "\n",
    ("###PATH:", PATH, "\n"),
    ("###LANGUAGE:", LANGUAGE, "\n"),
    "###MODE:BLOCK\n",
    *spm("<|code_suffix|>", "<|code_prefix|>", "<|code_middle|>"),
    T("<|assistant|>"),
    "\n",
)

FAMILIES: tuple[Family, ...] = (
    Family(
        name="qwen2.5-coder",
        layout=QWEN,
        repository=QWEN_REPOSITORY,
        file=QWEN_FILE,
        ends=QWEN_ENDS,
        bos=False,
        marks=QWEN_MARKS,
        names=r"qwen-?2-5-coder",
    ),
    Family(
        name="qwen3-coder",  # its repository form is that of 2.5, by the vocabulary
        layout=QWEN,
        repository=QWEN_REPOSITORY,
        file=QWEN_FILE,
        ends=QWEN_ENDS,
        bos=False,
        marks=QWEN_MARKS,
        names=r"qwen-?3.*-coder",
        by_name=True,
        instruct="its maker shows FIM inside the chat template only",
    ),
    Family(
        name="starcoder2",  # the path of the current file stands inside the prefix
        layout=STAR,
        repository=(
            (T("<repo_name>"), REPO),
            FILES,
            T("<file_sep>"),
            *before_prefix(STAR, (PATH, "\n")),
        ),
        file=(T("<file_sep>"), PATH, "\n", TEXT),
        ends=(END, "<fim_pad>"),
        bos=False,
        marks=("<repo_name>", "<file_sep>"),
        names=r"star-?coder-?2|arch:starcoder2 ",
    ),
    Family(
        name="starcoder",
        layout=STAR,
        repository=((T("<reponame>"), REPO), FILES, NAMED_PATH, *STAR),
        file=NAMED_FILE,
        ends=(END, "<fim_pad>"),
        bos=False,
        marks=("<reponame>", "<filename>", "<gh_stars>"),
        names=r"star-?(coder|chat)(?!-?2)|arch:starcoder ",
    ),
    Family(
        name="refact",
        layout=STAR,
        ends=(END, "<fim_pad>"),
        bos=False,
        names=r"^refact|arch:refact |pre:refact ",
        by_name=True,
    ),
    Family(
        name="granite-code",
        layout=STAR,
        ends=(END, "<fim_pad>"),
        bos=False,
        names=r"granite",
        by_name=True,
    ),
    Family(
        name="granite-4",
        layout=QWEN,
        ends=("<|end_of_text|>",),
        bos=False,
        names=r"granite|arch:granite",
        by_name=True,
    ),
    Family(
        name="mellum",
        layout=(NAMED_PATH, *MELLUM),
        repository=(FILES, NAMED_PATH, *MELLUM),
        file=NAMED_FILE,
        ends=(END,),
        names=r"mellum|arch:mellum ",
        by_name=True,
    ),
    Family(
        name="santacoder",
        layout=psm("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
        ends=(END, "<fim-pad>"),
        bos=False,
        names=r"santa-?coder",
    ),
    Family(
        name="codellama",
        layout=psm("▁<PRE>", "▁<SUF>", "▁<MID>"),
        ends=("▁<EOT>", "</s>"),
        bos=True,
        names=r"code-?llama",
    ),
    Family(
        name="deepseek-coder",
        layout=DEEPSEEK,
        repository=DEEPSEEK_REPOSITORY,
        file=DEEPSEEK_FILE,
        ends=(DEEPSEEK_END, "<|EOT|>"),
        bos=True,
        names=r"deepseek-coder(?!-v2)|pre:deepseek-coder ",
    ),
    Family(
        name="deepseek-coder-v2",
        layout=DEEPSEEK,
        repository=DEEPSEEK_REPOSITORY,
        file=DEEPSEEK_FILE,
        ends=(DEEPSEEK_END,),
        bos=True,
        names=r"deepseek-(coder-)?v2|pre:deepseek-llm ",
        instruct="it was not trained to fill in; use the Lite base model",
    ),
    Family(
        name="deepseek-v3",
        layout=DEEPSEEK,
        repository=DEEPSEEK_REPOSITORY,
        file=DEEPSEEK_FILE,
        ends=(DEEPSEEK_END,),
        bos=True,
        names=r"deepseek-v3|pre:deepseek-v3 ",
    ),
    Family(
        name="codegemma",
        layout=QWEN,
        repository=(FILES, (PATH, "\n"), *QWEN),
        file=(PATH, "\n", TEXT, T("<|file_separator|>")),
        ends=("<|file_separator|>", "<eos>"),
        bos=True,
        marks=("<|file_separator|>",),
        names=r"code-?gemma",
        instruct="it was not trained to fill in; use the pretrained model",
    ),
    Family(
        name="codestral",
        layout=CODESTRAL,
        repository=before_prefix(CODESTRAL, FILES, ("+++++ ", PATH, "\n")),
        file=("+++++ ", PATH, "\n", TEXT, "\n\n"),
        ends=("</s>",),
        bos=True,
        names=r"codestral",
        by_name=True,  # every later Mistral vocabulary has both tokens
    ),
    Family(
        name="seed-coder",
        layout=SEED,
        repository=before_prefix(SEED, FILES, NAMED_PATH),
        file=NAMED_FILE,
        ends=("<[end▁of▁sentence]>",),
        names=r"seed-?coder",
    ),
    Family(
        name="aixcoder",
        layout=before_prefix(AIX, AIX_PATH, AIX_LANGUAGE),
        repository=before_prefix(AIX, FILES, AIX_PATH, AIX_LANGUAGE),
        file=(*AIX_PATH, TEXT, "\n"),
        ends=("</s>",),
        bos=True,
        names=r"aix-?coder",
        lead_space=False,
    ),
    Family(
        name="codegeex4",
        layout=(*GEEX_HEAD, *GEEX_TAIL),
        repository=(*GEEX_HEAD, FILES, *GEEX_TAIL),
        file=("\n###REFERENCE:\n###PATH:", PATH, "\n", TEXT),
        ends=(END, "<|user|>"),
        bos=False,  # [gMASK]<sop> takes its place
        names=r"code-?geex",
        by_name=True,
        instruct="",
    ),
    Family(
        name="glm",
        layout=GLM,
        ends=(END, "<|user|>"),
        names=r"(^|-)glm-|arch:(chat)?glm",
    ),
    Family(
        name="falcon-h1-tiny-coder",
        layout=psm("<|prefix|>", "<|suffix|>", "<|middle|>"),
        ends=("<|end_of_text|>", END),
        names=r"falcon-h1-tiny.*coder",
        by_name=True,
    ),
)

UNTRAINED: tuple[tuple[str, str], ...] = (
    (r"open-?coder", "OpenCoder carries FIM tokens but was not trained on them"),
    (r"mamba-codestral", "Mamba-Codestral was not trained to fill in the middle"),
    (r"code-?llama.*-(34b|python)", "this Code Llama was not trained to fill in"),
    (r"granite-3-[0-2](-| )", "Granite 3.0 to 3.2 were not trained to fill in"),
)
"""Metadata patterns of models whose vocabulary promises what they were not taught,
and the reason for the user."""
