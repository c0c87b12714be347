"""pygls' protocol with our documents, and an answer to everything."""

import asyncio
import inspect
import logging
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidRequest,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from codeassist.engine import Silence

from .documents import Documents

if TYPE_CHECKING:
    from .server import CodeassistServer

__all__ = ["Protocol"]

log = logging.getLogger(__name__)


class Protocol(LanguageServerProtocol):
    """LSP with documents that count lines as LSP does, and an answer to everything."""

    _server: "CodeassistServer"

    restored: Callable[[dict[str, Any]], dict[str, Any]] = staticmethod(lambda x: x)
    """Puts back what was taken out of a message while it was read."""

    exit_status = 0
    """Of the process, as far as the client's last word decides it."""

    _over = False

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Read a message; a request that cannot be read is answered at once.

        pygls would only show an error, and the client would wait for ever.
        """
        if "jsonrpc" in data and "method" in data and "params" not in data:
            data = data | _nothing(data["method"])
        try:
            return super().structure_message(self.restored(data))
        except JsonRpcException as error:
            if not {"id", "method"} <= data.keys():
                raise
            if data["method"] == types.TEXT_DOCUMENT_INLINE_COMPLETION:
                nothing = self._server.completing.nothing(Silence.ERROR)
                self._send_response(data["id"], nothing)
            else:
                self._send_response(data["id"], error=error.to_response_error())
            return None

    def handle_message(self, message: Any) -> None:
        """Act on a message that has not been answered yet, if this is its time."""
        if message is None:
            return
        refusal = self._refusal(getattr(message, "method", None))
        if refusal is None:
            super().handle_message(message)
        elif hasattr(message, "id"):
            self._send_response(message.id, error=refusal.to_response_error())
        else:
            log.debug("%s comes too early or too late", message.method)

    def _refusal(self, method: str | None) -> JsonRpcException | None:
        """Why it is not the time for a method; None: it is, or there is none."""
        if method is None or method == types.EXIT:
            return None
        if self._shutdown:
            return JsonRpcInvalidRequest("the session is over")
        if self._workspace is None and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("initialize comes first")
        if self._workspace is not None and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("the session has begun already")
        return None

    def _handle_notification(self, method_name: str, params: Any) -> None:
        """Act on a notification; what the server does not follow is no trouble."""
        late = method_name == types.CANCEL_REQUEST and (
            params.id not in self._request_futures
        )
        known = (types.CANCEL_REQUEST, *self.fm.builtin_features, *self.fm.features)
        if late or method_name not in known:
            log.debug("nothing is done on %s", method_name)
        else:
            super()._handle_notification(method_name, params)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(
        self, params: types.InitializeParams
    ) -> Generator[Any, Any, types.InitializeResult]:
        """Answer with what the server can do at once; the rest is registered later.

        An empty root is none: pygls would make the whole disk of it.
        """
        params.root_path = params.root_path or None
        params.root_uri = params.root_uri or None
        result: types.InitializeResult = yield from super().lsp_initialize(params)
        server = self._server
        server.registrations.begin(result.capabilities, server.settings.completion)
        return result

    @lsp_method(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def lsp_workspace__did_change_workspace_folders(
        self, params: types.DidChangeWorkspaceFoldersParams
    ) -> Generator[Any, Any, None]:
        """Close folders, then open others: one that is in both stays, unlike pygls'."""
        for folder in params.event.removed:
            self.workspace.remove_folder(folder.uri)
        for folder in params.event.added:
            self.workspace.add_folder(folder)
        method = types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS
        yield self.fm.features[method], (params,), None

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(
        self, params: types.ExecuteCommandParams
    ) -> Generator[Any, Any, Any]:
        """Run a command that is cancelled with its request; pygls' own would go on."""
        steps = super().lsp_workspace__execute_command(params)
        handler, args, kwargs = next(steps)
        request = self._request_futures.get(self.msg_id or "")

        async def cancellable(*args: Any, **kwargs: Any) -> Any:
            work = asyncio.ensure_future(handler(*args, **kwargs))
            if request is not None:
                request.add_done_callback(lambda _done: work.cancel())
            return await work

        result = yield (
            cancellable if inspect.iscoroutinefunction(handler) else handler,
            args,
            kwargs,
        )
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: object) -> Generator[Any, Any, None]:
        """Cancel what is under way; pygls would trip over what ends meanwhile."""
        for number, future in list(self._request_futures.items()):
            if number != self.msg_id:
                future.cancel()
        yield from super().lsp_shutdown(*args)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: object) -> Generator[Any, Any, None]:
        """End; who says nothing before has failed, as the specification has it."""
        self.exit_status = 0 if self._shutdown else 1
        self._over = True
        yield from super().lsp_exit(*args)

    def _send_data(self, data: Any) -> None:
        """Send, as long as the client listens; what ends with the session speaks on."""
        if not self._over:
            super()._send_data(data)

    def adopt_documents(self) -> None:
        """Put `Documents` in the place of pygls' workspace, before any is opened.

        A root is a folder where none is named, and may be closed as such.
        """
        old = self.workspace
        folders = list(old.folders.values())
        if not folders and old.root_uri:
            folders = [types.WorkspaceFolder(old.root_uri, old.root_uri)]
        self._workspace = Documents(
            old.root_uri,
            self._server._text_document_sync_kind,  # noqa: SLF001 - pygls' own way
            folders,
            old.position_encoding,
        )


def _nothing(method: object) -> dict[str, Any]:
    """The parameters of a message without any, where it cannot be read without."""
    if method == types.INITIALIZED:
        return {"params": {}}
    return {} if method in types.METHOD_TO_TYPES else {"params": None}
