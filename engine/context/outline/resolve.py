"""The import graph's edges: from an import to the files of the repository it means."""

from collections.abc import Collection, Mapping

from codeassist import languages

from .layouts import LAYOUTS, Configs, Files
from .layouts.configs import is_config, read
from .model import Import

__all__ = ["Resolver", "is_config"]


class Resolver:
    """Resolves imports in a repository's real layout, without reading its files.

    Args:
        paths: All files, relative to the root, with ``/`` between the parts.
        configs: Texts of those of them of which `is_config` is true, by path.
    """

    def __init__(self, paths: Collection[str], configs: Mapping[str, str]) -> None:
        self._files = Files(paths)
        self._configs: Configs = read(configs)

    @property
    def configs(self) -> str:
        """The digest of what the configuration files say."""
        return self._configs.digest()

    def add(self, path: str) -> None:
        """A file that is there from now on."""
        self._files.add(path)

    def remove(self, path: str) -> None:
        """A file that is gone."""
        self._files.remove(path)

    def configure(self, configs: Mapping[str, str]) -> None:
        """Configuration files that changed: the texts of all of them, by path."""
        self._configs = read(configs)

    def resolve(self, path: str, found: Import) -> tuple[str, ...]:
        """The repository's files that an import of a file means, none twice.

        ``package``, which names what the file itself belongs to, means the other files
        of that package. What the repository has not (a library) is ().

        Args:
            path: The file that imports.
            found: One of its imports.
        """
        layout = LAYOUTS.get(languages.of_path(path).name)
        if layout is None:
            return ()
        found_files = layout(self._files, self._configs, path, found)
        return tuple(dict.fromkeys(found_files))
