"""How each language finds the file that an import means."""

from .configs import Configs
from .files import Files
from .namespaces import csharp, go, java, php, swift
from .python import python
from .relative import c, lua, ruby, shell
from .rust import rust
from .script import script

__all__ = ["LAYOUTS", "Configs", "Files"]

LAYOUTS = {
    "python": python,
    "javascript": script,
    "typescript": script,
    "typescriptreact": script,
    "go": go,
    "rust": rust,
    "java": java,
    "kotlin": java,
    "scala": java,
    "c": c,
    "cpp": c,
    "csharp": csharp,
    "ruby": ruby,
    "php": php,
    "lua": lua,
    "shellscript": shell,
    "swift": swift,
}
"""Language to the function that resolves its imports: files, configs, path, import."""
