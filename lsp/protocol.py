"""pygls' protocol with our documents, and an answer to everything."""

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from codeassist.engine import Silence

from .documents import Documents

if TYPE_CHECKING:
    from .server import CodeassistServer

__all__ = ["Protocol"]


class Protocol(LanguageServerProtocol):
    """LSP with documents that count lines as LSP does, and an answer to everything."""

    _server: "CodeassistServer"

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Read a message; a request that cannot be read is answered at once.

        pygls would only show an error, and the client would wait for ever.
        """
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if not {"id", "method"} <= data.keys():
                raise
            if data["method"] == types.TEXT_DOCUMENT_INLINE_COMPLETION:
                nothing = self._server.answer_nothing(Silence.ERROR)
                self._send_response(data["id"], nothing)
            else:
                self._send_response(data["id"], error=error.to_response_error())
            return None

    def handle_message(self, message: Any) -> None:
        """Act on a message that has not been answered yet."""
        if message is not None:
            super().handle_message(message)

    def adopt_documents(self) -> None:
        """Put `Documents` in the place of pygls' workspace, before any is opened."""
        old = self.workspace
        self._workspace = Documents(
            old.root_uri,
            self._server._text_document_sync_kind,  # noqa: SLF001 - pygls' own way
            list(old.folders.values()),
            old.position_encoding,
        )
