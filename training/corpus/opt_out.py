"""Who does not want to be learned from."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from .recipe import OptOut

__all__ = ["package_opted_out", "path_opted_out"]


def package_opted_out(rules: OptOut, name: str, owners: Iterable[str]) -> str:
    """The pattern that a package or its owner meets; empty: none."""
    for pattern in rules.packages:
        if fnmatchcase(_normal(name), _normal(pattern)):
            return f"package {pattern}"
    for pattern in rules.owners:
        if any(fnmatchcase(owner.lower(), pattern.lower()) for owner in owners):
            return f"owner {pattern}"
    return ""


def path_opted_out(rules: OptOut, name: str, path: str) -> str:
    """The pattern that ``package/path`` meets; empty: none."""
    for pattern in rules.paths:
        first, slash, rest = pattern.partition("/")
        for one, other in ((name, first), (_normal(name), _normal(first))):
            whole, shell = f"{one}/{path}".lower(), f"{other}{slash}{rest}".lower()
            if fnmatchcase(whole, shell):
                return f"path {pattern}"
    return ""


def _normal(name: str) -> str:
    """A name as an index compares it: ``My_package`` is ``my-package``."""
    return re.sub(r"[-_.]+", "-", name).lower()
