import argparse
import json
from pathlib import Path

import pytest

from codeassist.arguments.corpus import add_corpus
from codeassist.commands.corpus import run
from codeassist.errors import CorpusError
from codeassist.training.corpus import documents
from tests.training.corpus.test_build import recipe, sources


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_corpus(parser.add_subparsers())
    return parser.parse_args(["corpus", "build", *arguments])


def test_the_command_builds_from_a_recipe_and_paths(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A recipe's sources and those beside it make one corpus; JSON tells of it."""
    one, two = sources(tmp_path)
    against = recipe(tmp_path).against[0]
    rules = tmp_path / "own.toml"
    rules.write_text(f'sources = ["{Path(one.place).name}"]\n')
    arguments = (str(rules), two.place, "--out", str(tmp_path / "out"))
    status = run(parsed(*arguments, "--against", against, "--workers", "1", "--json"))
    told = json.loads(capsys.readouterr().out)
    assert status == 0
    assert told["kept"]["files"] == len(list(documents(tmp_path / "out"))) == 4


def test_no_workers_is_an_error(tmp_path: Path) -> None:
    """Fewer than one worker is refused before anything is written."""
    (one, _) = sources(tmp_path)
    out = tmp_path / "out"
    with pytest.raises(CorpusError, match="give 1 or more"):
        run(parsed(one.place, "--out", str(out), "--workers", "-1"))
    assert not out.exists()
