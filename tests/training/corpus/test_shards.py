from pathlib import Path

import pytest

from codeassist.errors import CorpusError
from codeassist.training.corpus.shards import (
    Position,
    documents,
    write_index,
    write_shard,
)
from codeassist.training.fim_data import Document

FILES = [
    Document(f"{n}.py", f"a = '\u2028 {n} \U0001f600'\r\n", "python", f"repo-{n // 4}")
    for n in range(10)
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Ten documents in two shards."""
    names = ("shard-00000.jsonl.zst", "shard-00001.jsonl.zst")
    parts = (FILES[:7], FILES[7:])
    made = [
        write_shard(tmp_path / name, part)
        for name, part in zip(names, parts, strict=True)
    ]
    write_index(tmp_path, made)
    return tmp_path


def test_documents_come_back_as_they_were(corpus: Path) -> None:
    """Texts with odd line ends and letters survive, in their order."""
    assert list(documents(corpus)) == FILES


@pytest.mark.parametrize("read", range(11))
def test_a_reader_goes_on_where_another_stopped(corpus: Path, read: int) -> None:
    """The position after any document leads to the very next one."""
    reader = documents(corpus)
    for _ in range(read):
        next(reader)
    assert list(documents(corpus, reader.position)) == FILES[read:]


def test_a_damaged_shard_is_named(corpus: Path) -> None:
    """A shard that was cut off ends with an error that names it."""
    path = corpus / "shard-00001.jsonl.zst"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(CorpusError, match="shard-00001"):
        list(documents(corpus))


def test_what_is_no_corpus_is_named(tmp_path: Path, corpus: Path) -> None:
    """A folder without an index, a broken one, and a foreign position are errors."""
    with pytest.raises(CorpusError, match="no corpus"):
        documents(tmp_path / "elsewhere")
    with pytest.raises(CorpusError, match="no shard 9"):
        documents(corpus, Position(9))
    (corpus / "corpus.json").write_text("{")
    with pytest.raises(CorpusError, match="cannot be read"):
        documents(corpus)
