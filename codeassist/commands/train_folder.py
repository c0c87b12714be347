"""A training's folder, held against a second training."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from codeassist.errors import TrainingError
from codeassist.lock import locked
from codeassist.training.folder import LOCK, RECIPE_FILE

__all__ = ["PREPARING", "working_in"]

PREPARING = ".preparing"


@contextmanager
def working_in(out: Path, *, leads: bool) -> Iterator[None]:
    """Keep a second training out of the folder; the processes of one share it.

    Raises:
        TrainingError: it is something else's, or another training works in it.
    """
    if out.exists() and not _ours(out):
        msg = f"{out} exists and is no training's folder; name another with --out"
        raise TrainingError(msg)
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if leads:
            try:
                stack.enter_context(locked(out / LOCK, wait=False))
            except BlockingIOError as error:
                msg = f"another training works in {out}; wait for it or name another"
                raise TrainingError(msg) from error
        yield


def _ours(out: Path) -> bool:
    if not out.is_dir():
        return False
    names = {path.name for path in out.iterdir()}
    # A killed one may have left no more than a part of the recipe.
    begun = {name for name in names if name.startswith(f".{RECIPE_FILE}.")}
    return RECIPE_FILE in names or names <= {LOCK, PREPARING, *begun}
