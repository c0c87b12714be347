"""Where a session's settings come from: files, what the client says, the command line."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from codeassist.config import Settings, Warn, merge
from codeassist.errors import ConfigError
from codeassist.settings_files import files, read

from .stamps import Stamp, stamp

__all__ = ["SECTION", "Configuration", "Files", "add_configuring", "asks", "told_by"]

SECTION = "codeassist"
"""Of the client's settings."""

EDITORS_OWN = ("editor", "server", "trace")
"""Tables of the section that are between the editor and its plugin."""

Files = Callable[[Path | None, Warn], Settings]
"""Reads the settings of the user and of the project in a folder, which may be none."""

S = TypeVar("S", bound=LanguageServer)


class Configuration:
    """All that was said about settings, and what it comes to.

    Args:
        files: Reads the configuration files.
        given: Settings of the command line, which go over all others.
        warn: Told of each bad setting, which then does not count.
    """

    def __init__(self, files: Files, given: Mapping[str, Any], warn: Warn) -> None:
        self._files = files
        self._given = given
        self._warn = warn
        self._options: Mapping[str, Any] = {}
        self._told: Mapping[str, Any] = {}
        self._stamps: dict[Path | None, dict[Path, Stamp]] = {}

    def begin(self, options: Any) -> None:
        """Take the `initializationOptions`, perhaps with our section around them."""
        if isinstance(options, Mapping):
            inner = _table(options.get(SECTION))
            self._options = _said(inner if isinstance(inner, Mapping) else options)

    def tell(self, section: Any) -> None:
        """Take our section of the client's settings, in the place of what it was."""
        section = _table(section)
        if section is not None and not isinstance(section, Mapping):
            self._warn(f"the editor: {SECTION!r} is a table of tables, not {section!r}")
        told = _said(section) if isinstance(section, Mapping) else {}
        self._told = {
            name: values
            for name, values in told.items()
            if isinstance(values, Mapping) and name not in EDITORS_OWN
        }

    def said(self) -> dict[str, Any]:
        """What the client and the command line have said, without the files."""
        tables = (self._options, self._told, self._given)
        return {
            section: {
                name: value
                for table in tables
                for name, value in _settings(table.get(section)).items()
            }
            for section in dict.fromkeys(chain(*tables))
        }

    def of(self, root: Path | None) -> Settings:
        """What counts for the files of a folder; None: for those of no folder.

        The files are read anew.
        """
        self._stamps[root] = _stamps(root)
        settings = self._files(root, self._warn)
        for table, where in (
            (self._options, "initializationOptions"),
            (self._told, "the editor"),
            (self._given, "command line"),
        ):
            settings = merge(settings, table, where, self._warn)
        return settings

    def edited(self, roots: Sequence[Path]) -> bool:
        """Whether files were edited since they were read, for any of these folders.

        One that is no TOML is warned of, and all stays as it was until it is mended.
        """
        folders: Sequence[Path | None] = roots or [None]
        now = {root: _stamps(root) for root in folders}
        if all(self._stamps.get(root) == stamps for root, stamps in now.items()):
            return False
        self._stamps.update(now)
        try:
            for each in {f for stamps in now.values() for f in stamps if stamps[f]}:
                read(each)
        except ConfigError as error:
            self._warn(str(error))
            return False
        return True


def _stamps(root: Path | None) -> dict[Path, Stamp]:
    return {each: stamp(each) for each in files(root)}


def _said(section: Mapping[str, Any]) -> dict[str, Any]:
    """Its tables without what is null: so say editors that a setting is not set."""
    return {
        name: _set(_table(each)) for name, each in section.items() if each is not None
    }


def _set(table: Any) -> Any:
    if not isinstance(table, Mapping):
        return table
    return {key: value for key, value in table.items() if value is not None}


def _table(said: Any) -> Any:
    """What stands for a table: an empty one of Lua is an empty list in JSON."""
    return {} if said == [] else said


def _settings(table: Any) -> Mapping[str, Any]:
    return table if isinstance(table, Mapping) else {}


def asks(capabilities: types.ClientCapabilities) -> bool:
    """Whether a client can be asked for its settings."""
    workspace = capabilities.workspace
    return workspace is not None and bool(workspace.configuration)


async def told_by(server: LanguageServer) -> Any:
    """Our section of the client's settings; None: it has none."""
    wanted = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    try:
        answer: Sequence[Any] = await server.workspace_configuration_async(wanted)
    except JsonRpcException:
        return None
    return answer[0] if answer else None


def add_configuring(server: S, told: Callable[[S, Any], None]) -> None:
    """Add the handler of changed settings.

    Args:
        server: Gets it.
        told: Called with our section as it is now.
    """

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def changed(ls: S, params: types.DidChangeConfigurationParams) -> None:
        if asks(ls.client_capabilities):
            told(ls, await told_by(ls))
        elif isinstance(params.settings, Mapping) and SECTION in params.settings:
            told(ls, params.settings[SECTION])
