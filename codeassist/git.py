"""Git where the repository may be a stranger's: nothing is fetched for it or run."""

import os

__all__ = ["reading"]

ELSEWHERE = {
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
}
"""Variables that a hook hands down, and that mean another repository."""

READING = {
    "GIT_ALLOW_PROTOCOL": "none",  # for gits that do not know the next one
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
"""What a partial clone lacks is not fetched: its settings name the command for that."""


def reading() -> dict[str, str]:
    """The environment in which git reads the repository of the folder it is asked in."""
    return {k: v for k, v in os.environ.items() if k not in ELSEWHERE} | READING
