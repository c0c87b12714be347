"""Files that hold secrets are never touched."""

import pytest

from codeassist.ignore import is_secret


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "app/.env.production",
        "certs/Server.PEM",
        "/x/.ssh/config",
        "id_ed25519",
        "secrets.yaml",
    ],
)
def test_secret(path):
    """Key files, environment files and credential folders count as secret."""
    assert is_secret(path)


@pytest.mark.parametrize(
    "path",
    [
        "main.py",
        ".env.example",
        "src/environment.py",
        "keys.py",
        "ssh/a.py",
        "secrets.py",
    ],
)
def test_not_secret(path):
    """Source files do not, whatever they are about."""
    assert not is_secret(path)
