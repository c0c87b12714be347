"""Files that hold secrets, by their names and folders."""

from fnmatch import fnmatchcase
from pathlib import PurePath

__all__ = ["is_secret"]

SECRET_FILES = (
    ".env",
    ".env.*",
    "*.env",
    ".dev.vars",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".htpasswd",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.asc",
    "*.gpg",
    "*.crt",
    "*.cer",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "credentials",
    "credentials.json",
    "secrets.env",
    "secrets.json",
    "secrets.toml",
    "secrets.txt",
    "secrets.y*ml",
    "*.tfstate",
    "*.tfvars",
    "kubeconfig",
)
"""Names of files that hold secrets, lower case."""

SECRET_FOLDERS = {".ssh", ".gnupg", ".aws", ".azure", ".kube"}

HARMLESS = {".env.example", ".env.sample", ".env.template"}


def is_secret(path: str) -> bool:
    """Whether a file, by its name or folder, is one that holds secrets."""
    pure = PurePath(path.lower())
    if pure.name in HARMLESS:
        return False
    if not SECRET_FOLDERS.isdisjoint(pure.parts[:-1]):
        return True
    return any(fnmatchcase(pure.name, pattern) for pattern in SECRET_FILES)
