"""A model's vocabulary in which a token is a byte, or a pair that it joins."""

from codeassist.fim import detect
from codeassist.finetune import Asker, ExampleMixture

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
PAIR = "()"
JOINED = 256 + len(SPECIALS)


class Bytes:
    """Joins an opening bracket and its closer, as byte-level BPE does."""

    bos = None
    n_tokens = JOINED + 1

    def piece(self, token):
        if token == JOINED:
            return PAIR.encode()
        return bytes([token]) if token < 256 else b""

    def special(self, text):
        return 256 + SPECIALS.index(text) if text in SPECIALS else None

    def scan(self):
        """All of them are marked as special."""

    def tokenize(self, text, *, lead_space=True):
        parts = text.split(PAIR)
        ids = list(parts[0].encode())
        for part in parts[1:]:
            ids += [JOINED, *part.encode()]
        return ids

    def meta(self, key):
        return "qwen2.5-coder" if key == "general.name" else None


def spelled(tokens):
    """Ids as text."""
    return "".join(
        PAIR if t == JOINED else SPECIALS[t - 256] if t > 255 else chr(t)
        for t in map(int, tokens)
    )


def asker(**mixture):
    """Asks in the tokens of `Bytes`, without a limit that matters."""
    vocab = Bytes()
    wide = {"length": 20_000, "middle": 5000, "plain": 5000, **mixture}
    return Asker(vocab, detect(vocab), ExampleMixture(**wide))


def read_and_learned(example):
    """The text that is only read, and the text that is to be predicted."""
    kept = example.mask
    return spelled(example.tokens[~kept]), spelled(example.tokens[kept])
