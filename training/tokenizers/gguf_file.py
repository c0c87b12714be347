"""A vocabulary as a GGUF without tensors, which llama.cpp opens."""

from pathlib import Path

from gguf import GGUFWriter

from codeassist.errors import ConfigError
from codeassist.whole import replacing

from .sentinels import END, FIM_IDS, PAD
from .vocabulary import Kind, TrainedVocabulary

__all__ = ["add_tokenizer", "write_vocabulary"]


def write_vocabulary(
    vocabulary: TrainedVocabulary,
    path: Path,
    *,
    name: str,
    architecture: str = "llama",
) -> None:
    """Write ``tokenizer.gguf``; the file is there whole or not at all.

    Args:
        vocabulary: Of `from_byte_bpe` or `from_sentencepiece`.
        path: The file.
        name: ``general.name``, by which `codeassist.fim` may know the family.
        architecture: Of the model that the vocabulary is for.

    Raises:
        ConfigError: the vocabulary has no token that ends a text.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part:
        writer = GGUFWriter(part, architecture)
        writer.add_name(name)
        add_tokenizer(writer, vocabulary)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()


def add_tokenizer(writer: GGUFWriter, vocabulary: TrainedVocabulary) -> None:
    """The keys ``tokenizer.ggml.*``.

    Raises:
        ConfigError: the vocabulary has no token that ends a text.
    """
    end, pad = vocabulary.id_of(END), vocabulary.id_of(PAD)
    if end is None:
        msg = f"the vocabulary has no {END}; train it with that sentinel"
        raise ConfigError(msg)
    writer.add_tokenizer_model(vocabulary.model)
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list([entry.text for entry in vocabulary.entries])
    writer.add_token_types([int(entry.kind) for entry in vocabulary.entries])
    if vocabulary.merges:
        writer.add_token_merges(list(vocabulary.merges))
    else:
        writer.add_token_scores([entry.score for entry in vocabulary.entries])
        writer.add_add_space_prefix(False)
        kinds = [entry.kind for entry in vocabulary.entries]
        writer.add_unk_token_id(kinds.index(Kind.UNKNOWN))
    writer.add_eos_token_id(end)
    writer.add_bos_token_id(end)  # llama.cpp would else take 1, a token of text
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    if pad is not None:
        writer.add_pad_token_id(pad)
    for key, spelling in FIM_IDS.items():
        token = vocabulary.id_of(spelling)
        if token is not None:
            writer.add_uint32(f"tokenizer.ggml.{key}_token_id", token)
