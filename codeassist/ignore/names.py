"""Files that hold secrets, by their names and folders."""

import re
from fnmatch import translate

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


SECRET_NAME = re.compile("|".join(map(translate, SECRET_FILES)))


def is_secret(path: str) -> bool:
    """Whether a file, by its name or folder, is one that holds secrets."""
    *folders, name = path.lower().replace("\\", "/").split("/")
    if name in HARMLESS:
        return False
    if not SECRET_FOLDERS.isdisjoint(folders):
        return True
    return SECRET_NAME.match(name) is not None
