"""`codeassist examples`: folders of code or corpora to packed rows of examples."""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from codeassist.engine.decode import open_vocabulary
from codeassist.engine.models import resolve
from codeassist.errors import FamilyError, InputError
from codeassist.fim import Fim, detect
from codeassist.finetune import Asker, Built, ExampleMixture, build, read_mixture
from codeassist.training.fim_data import Document
from codeassist.training.packed import RowsIndex, Sources

__all__ = ["run"]

CORPUS_INDEX = "corpus.json"
"""By which a folder of `codeassist corpus build` is known."""


def run(args: argparse.Namespace) -> int:
    """Make the examples, and say what they are."""
    mixture, folders = _inputs(args.inputs)
    if args.count < 1 or args.held_out < 0:
        msg = f"--count {args.count} --held-out {args.held_out}; give 1 or more, and 0"
        raise InputError(msg)
    path = resolve(args.model).path
    vocab = open_vocabulary(path)
    contract = detect(vocab)
    if not isinstance(contract, Fim):
        msg = f"{path}: {contract.reason}; name a model that fills in with --model"
        raise FamilyError(msg)
    sources = Sources(folders, {CORPUS_INDEX: _corpus})
    with tqdm(desc="examples", delay=2, disable=None) as bar:

        def tell(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        built = build(
            sources,
            Path(args.out),
            Asker(vocab, contract, mixture),
            mixture,
            wanted=args.count,
            held_out=args.held_out,
            vocab_size=vocab.n_tokens,
            pad=contract.end,
            seed=args.seed,
            about={"model": path.name, "sources": [str(each) for each in folders]},
            progress=tell,
        )
    print(json.dumps(_as_json(built)) if args.json else _said(built))
    return 0


def _inputs(inputs: Sequence[str]) -> tuple[ExampleMixture, list[Path]]:
    """The mixture, if one is named, and the folders."""
    files = [each for each in inputs if each.endswith(".toml")]
    folders = [Path(each).expanduser() for each in inputs if each not in files]
    if len(files) > 1 or not folders:
        what = f"{files[1]} is a second mixture" if files[1:] else "there is no folder"
        msg = f"{what}; name folders of code, and one mixture at the most"
        raise InputError(msg)
    return read_mixture(Path(files[0])) if files else ExampleMixture(), folders


def _corpus(folder: Path) -> Iterator[Document]:
    from codeassist.training.corpus import documents  # its libraries are extra ones

    return documents(folder)


def _as_json(built: Built) -> dict[str, object]:
    rows = {"learned": built.learned, "held_out": built.held_out}
    told = {
        name: {"rows": each.rows, "tokens": each.tokens, "learned": each.learned}
        for name, each in rows.items()
        if each is not None
    }
    return {**told, "examples": dict(built.examples)}


def _said(built: Built) -> str:
    lines = [f"{count:>8,}  {name}" for name, count in built.examples.items()]
    lines.append(_rows("learned", built.learned))
    if built.held_out is not None:
        lines.append(_rows("held out", built.held_out))
    return "\n".join(lines)


def _rows(name: str, index: RowsIndex) -> str:
    return (
        f"{name}: {index.rows:,} rows of {index.length}, {index.tokens:,} tokens, "
        f"{index.learned:,} of them to be predicted"
    )
