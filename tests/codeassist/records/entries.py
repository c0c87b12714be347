"""Entries as the server tells them."""

from codeassist.records import Asked, Texts

NOW = 1_700_000_000.0
TEXTS = Texts("x = ", "\n", "1 + 1")


def asked(name, **more):
    """A request whose suggestion was shown."""
    told = {
        "at": NOW,
        "root": "",
        "path": "a.py",
        "language": "python",
        "line": 3,
        "column": 5,
        "reason": None,
        "characters": 5,
        "model": "echo",
    }
    return Asked(id=name, **{**told, **more})
