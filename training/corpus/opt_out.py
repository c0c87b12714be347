"""Who does not want to be learned from."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from .recipe import OptOut

__all__ = ["package_opted_out", "path_opted_out"]


def package_opted_out(rules: OptOut, name: str, owners: Iterable[str]) -> str:
    """The pattern that a package or its owner meets; empty: none."""
    for pattern in rules.packages:
        if fnmatchcase(name.lower(), pattern.lower()):
            return f"package {pattern}"
    for pattern in rules.owners:
        if any(fnmatchcase(owner.lower(), pattern.lower()) for owner in owners):
            return f"owner {pattern}"
    return ""


def path_opted_out(rules: OptOut, name: str, path: str) -> str:
    """The pattern that ``package/path`` meets; empty: none."""
    whole = f"{name}/{path}".lower()
    for pattern in rules.paths:
        if fnmatchcase(whole, pattern.lower()):
            return f"path {pattern}"
    return ""
