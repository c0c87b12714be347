"""Which file an import means: the resolver, kept up to date for several threads."""

import threading
from collections.abc import Iterable, Mapping, Sequence

from codeassist.engine.context.outline import Import
from codeassist.engine.context.outline.resolve import Resolver

__all__ = ["Graph"]


class Graph:
    """The resolver of all files on disk."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._resolver = Resolver((), {})

    def renew(self, paths: Sequence[str], configs: Mapping[str, str]) -> str:
        """From now on these are the files that there are.

        Returns:
            The digest of what the configuration files say.
        """
        resolver = Resolver(paths, configs)
        with self._turn:
            self._resolver = resolver
        return resolver.configs

    def shift(self, added: Iterable[str], gone: Iterable[str]) -> None:
        """These files came, and these went."""
        with self._turn:
            for path in gone:
                self._resolver.remove(path)
            for path in added:
                self._resolver.add(path)

    def resolve(self, path: str, found: Import) -> Sequence[str]:
        """The files that an import of a file means."""
        with self._turn:
            return self._resolver.resolve(path, found)
