"""Contracts over a vocabulary of bytes, whose ids can be turned back into text."""

from codeassist.fim import detect

BAR = "\N{FULLWIDTH VERTICAL LINE}"
SPECIALS = {
    "qwen2.5-coder": (
        "Qwen2.5 Coder",
        (
            "<|fim_prefix|> <|fim_suffix|> <|fim_middle|> <|fim_pad|> <|endoftext|> "
            "<|im_end|> <|repo_name|> <|file_sep|>"
        ),
    ),
    "starcoder2": (
        "StarCoder2 3B",
        (
            "<fim_prefix> <fim_suffix> <fim_middle> <|endoftext|> <fim_pad> "
            "<repo_name> <file_sep>"
        ),
    ),
    "mellum": (
        "Mellum 4b base",
        "<fim_prefix> <fim_suffix> <fim_middle> <|endoftext|> <filename>",
    ),
    "codestral": ("Codestral 22B", "<s> </s> [PREFIX] [SUFFIX]"),
    "codellama": ("CodeLlama 7b", "<s> </s> ▁<PRE> ▁<SUF> ▁<MID> ▁<EOT>"),
    "aixcoder": (
        "aiXcoder 7B",
        "<s> </s> ▁<AIX-SPAN-PRE> ▁<AIX-SPAN-POST> ▁<AIX-SPAN-MIDDLE>",
    ),
}


class ByteVocabulary:
    """A byte a token; it sees special tokens wherever they are spelled out."""

    def __init__(self, specials, name):
        self.specials = {text: 256 + n for n, text in enumerate(specials.split())}
        self.bos = self.specials.get("<s>")
        self._name = name

    def meta(self, key):
        return self._name if key == "general.name" else None

    def special(self, text):
        return self.specials.get(text)

    def scan(self):
        """All of them are marked as special."""

    def tokenize(self, text, *, lead_space=True):
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
        by_id = {n: s.encode() for s, n in self.specials.items()}
        return b"".join(by_id.get(n) or bytes([n]) for n in map(int, ids)).decode()


def form(family):
    """The contract of a family."""
    name, specials = SPECIALS[family]
    contract = detect(ByteVocabulary(specials, name))
    assert contract.family.name == family
    return contract
