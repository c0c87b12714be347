"""What the server can do, said at once or, where the client lets it, when it is so."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from codeassist.config import CompletionSettings

from .configuring import SECTION

__all__ = ["TRIGGERS", "Registrations"]

log = logging.getLogger(__name__)

TRIGGERS = (*".([{<=:,/\"'", " ")
"""Behind these a client asks for entries of its popup menu, beside letters."""

PATIENCE = 5.0
"""Seconds that a client may take to register something."""

INLINE = types.TEXT_DOCUMENT_INLINE_COMPLETION
ITEMS = types.TEXT_DOCUMENT_COMPLETION
CONFIGURATION = types.WORKSPACE_DID_CHANGE_CONFIGURATION

OPTIONS: dict[str, Any] = {
    INLINE: types.InlineCompletionRegistrationOptions(),
    ITEMS: types.CompletionRegistrationOptions(trigger_characters=TRIGGERS),
    CONFIGURATION: types.DidChangeConfigurationRegistrationOptions(section=SECTION),
}


class Registrations:
    """The features that a client learns of while the session runs.

    Args:
        server: Whose client it is.
    """

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._ids: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(
        self, capabilities: types.ServerCapabilities, settings: CompletionSettings
    ) -> None:
        """Take out of the first answer what will be registered later, or not at all."""
        if self._can(INLINE):
            capabilities.inline_completion_provider = None
        if self._can(ITEMS) or not settings.as_items:
            capabilities.completion_provider = None

    def initialized(self) -> None:
        """Let the client tell of changed settings."""
        self._set(CONFIGURATION, wanted=True)

    def update(self, settings: CompletionSettings, *, ready: bool) -> None:
        """Tell the client what has changed.

        Args:
            settings: As they are now.
            ready: Whether there is a model that answers.
        """
        self._set(INLINE, wanted=ready)
        self._set(ITEMS, wanted=ready and settings.as_items)

    async def settled(self) -> None:
        """Wait until the client has done what it was told; not for one that is deaf."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE)

    def _set(self, method: str, *, wanted: bool) -> None:
        if not self._can(method) or wanted == (method in self._ids):
            return
        if wanted:
            self._ids[method] = str(uuid4())
            step = self._register(method, self._ids[method])
        else:
            step = self._withdraw(method, self._ids.pop(method))
        task = asyncio.create_task(step)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _register(self, method: str, name: str) -> None:
        each = types.Registration(name, method, OPTIONS[method])
        try:
            await self._server.client_register_capability_async(
                types.RegistrationParams([each])
            )
        except JsonRpcException as error:
            log.warning("the client refused to register %s: %s", method, error)

    async def _withdraw(self, method: str, name: str) -> None:
        each = types.Unregistration(name, method)
        try:
            await self._server.client_unregister_capability_async(
                types.UnregistrationParams([each])
            )
        except JsonRpcException as error:
            log.warning("the client refused to withdraw %s: %s", method, error)

    def _can(self, method: str) -> bool:
        """Whether the client takes this feature's registration while it runs."""
        told = self._server.client_capabilities
        document, workspace = told.text_document, told.workspace
        feature = {
            INLINE: document and document.inline_completion,
            ITEMS: document and document.completion,
            CONFIGURATION: workspace and workspace.did_change_configuration,
        }[method]
        return bool(feature and feature.dynamic_registration)
