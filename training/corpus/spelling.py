"""The names of licences and languages in the spelling by which files are compared."""

import re

from codeassist.languages import IDS, by_id

from .metadata import NAMES

__all__ = ["LANGUAGES", "language", "licence"]

LANGUAGES = (*dict.fromkeys(by_id(each, "").name for each in IDS), "plaintext")
OWN = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


def licence(name: str) -> str:
    """The SPDX identifier that is meant, with its exception; empty: none is known."""
    from license_expression import BaseSymbol, ExpressionError, get_spdx_licensing

    if OWN.fullmatch(name):
        return name
    try:
        found = get_spdx_licensing().parse(name, validate=True)
    except (ExpressionError, ValueError):
        return NAMES.get(name.lower(), "")
    return str(found) if isinstance(found, BaseSymbol) else ""


def language(name: str) -> str:
    """The language that is meant, whatever the case; empty: none is known."""
    found = by_id(name.lower(), "").name
    return found if found != "plaintext" or name.lower() == found else ""
