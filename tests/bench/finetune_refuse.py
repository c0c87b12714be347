"""[finetune-refuse] A repository of noise teaches nothing, and that is found out.

`finetune_refuse.py [BUDGET]`: Python that parses and means nothing (names drawn at
random, operators too) is learned like any repository. The bar: it ends, it is refused,
the report is there, nothing is stored and nothing is active.
"""

import keyword
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.finetune_run import environment, finetuned
from tests.bench.harness import verdict

BUDGET = "8m"
FILES, FUNCTIONS = 80, 14
SEED = 0
LETTERS = "abcdefghijklmnopqrstuvwxyz"
OPERATORS = ("+", "-", "*", "//", "%", "|", "^", "&")
AUTHOR = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")


def main() -> int:
    budget = sys.argv[1] if len(sys.argv) > 1 else BUDGET
    with tempfile.TemporaryDirectory() as name:
        root, out = Path(name) / "noise", Path(name) / "work" / "out"
        _repository(root)
        told = finetuned(root, out, "--budget", budget)
        print("\n".join(told["reasons"]))
        report = Path(told["report"])
        page = report.read_text("utf-8") if report.is_file() else ""
        stored = Path(environment(out)["XDG_DATA_HOME"], "codeassist", "adapters")
        left = [*stored.iterdir()] if stored.is_dir() else []
    refused = not told["accepted"] and told["adapter"] is None and not left
    reported = "The adapter is refused." in page
    figure = (
        f"{'refused' if refused else 'accepted'}, {'a' if reported else 'no'} report"
    )
    bar = "refused, a report"
    return verdict("finetune-refuse", figure, bar, holds=refused and reported)


def _repository(root: Path) -> None:
    dice = random.Random(SEED)
    root.mkdir()
    _git(root, "init", "-q")
    for n in range(FILES):
        text = "\n\n".join(_function(dice) for _ in range(FUNCTIONS))
        (root / f"{_name(dice)}_{n}.py").write_text(text)
        if n in (FILES * 4 // 5, FILES - 1):
            _git(root, "add", "-A")
            _git(root, *AUTHOR, "commit", "-q", "-m", "noise")


def _function(dice: random.Random) -> str:
    given = [_name(dice) for _ in range(dice.randint(1, 3))]
    lines = [f"def {_name(dice)}({', '.join(given)}):", *_lines(dice, given)]
    return "\n".join(lines) + "\n"


def _lines(dice: random.Random, known: list[str]) -> Iterator[str]:
    for _ in range(dice.randint(3, 8)):
        made = _name(dice)
        yield f"    {made} = {_sum(dice, known)}"
        known.append(made)
    yield f"    if {_sum(dice, known)} > {dice.randint(0, 999)}:"
    yield f"        return {_name(dice)}({_sum(dice, known)})"
    yield f"    return {_sum(dice, known)}"


def _sum(dice: random.Random, known: list[str]) -> str:
    return (
        f"{dice.choice(known)} {dice.choice(OPERATORS)} "
        f"{_name(dice)}({dice.choice(known)}, {dice.randint(0, 9999)})"
    )


def _name(dice: random.Random) -> str:
    name = "".join(dice.choices(LETTERS, k=dice.randint(4, 10)))
    return f"{name}_" if keyword.iskeyword(name) else name


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True)


if __name__ == "__main__":
    sys.exit(main())
