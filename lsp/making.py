"""A server with all its handlers, ready to be started."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from codeassist.config import Settings

from .acceptance import add_acceptance
from .configuring import Files, add_configuring
from .following import add_following
from .idle import add_idle
from .items import as_entries, asked_inline, word_at
from .jobs import PROGRAM, add_jobs
from .notebooks import add_notebooks
from .registering import TRIGGERS
from .server import CodeassistServer
from .serving import Load, Switching

__all__ = ["make_server"]


def make_server(
    settings: Settings,
    load: Load,
    *,
    files: Files | None = None,
    given: Mapping[str, Any] | None = None,
    records: Path | None = None,
    switching: Switching | None = None,
    program: Sequence[str] = PROGRAM,
) -> CodeassistServer:
    """A server with its handlers, ready to be started on stdio or TCP.

    Args:
        settings: What holds where no ``files`` are read.
        load: Opens the model.
        files: Reads the configuration files when the client has named its project.
        given: Settings of the command line, which go over all others.
        records: File of what happened, if the settings want it kept; None: no file.
        switching: Knows what settings come to while the session runs; None: every
            change of them loads the model anew.
        program: Runs `codeassist` beside the server, for long work.
    """
    server = CodeassistServer(
        load,
        files or (lambda _project, _warn: settings),
        given or {},
        records,
        switching,
        program,
    )

    @server.feature(types.INITIALIZE)
    def initialize(ls: CodeassistServer, params: types.InitializeParams) -> None:
        ls.protocol.adopt_documents()
        ls.configuration.begin(params.initialization_options)
        ls.configure()

    @server.feature(types.INITIALIZED)
    def initialized(ls: CodeassistServer, _params: types.InitializedParams) -> None:
        ls.start_loading()

    # without the options object pygls does not advertise the capability
    @server.feature(
        types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions()
    )
    async def inline_completion(
        ls: CodeassistServer, params: types.InlineCompletionParams
    ) -> types.InlineCompletionList:
        return await ls.completing.answer(params)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=TRIGGERS),
    )
    async def completion(
        ls: CodeassistServer, params: types.CompletionParams
    ) -> types.CompletionList:
        # before the await: the position belongs to this state of the text
        word = word_at(ls.document(params.text_document.uri), params.position)
        answer = await ls.completing.answer(asked_inline(params))
        return as_entries(answer.items, word)

    @server.feature(types.SHUTDOWN)
    def shutdown(ls: CodeassistServer, *_: object) -> None:
        ls.stop()

    add_configuring(server, lambda ls, section: ls.told(section))
    add_following(
        server,
        lambda ls: ls.repositories,
        changed=lambda ls, uri: ls.changed(uri),
        closed=lambda ls, uri: ls.closed(uri),
        moved=lambda ls: ls.reconfigure(),
    )
    add_notebooks(
        server,
        lambda ls: ls.repositories,
        changed=lambda ls, uri: ls.changed(uri),
        closed=lambda ls, uri: ls.closed(uri),
    )
    add_acceptance(server, lambda ls: ls.acceptance)
    add_idle(
        server,
        lambda ls: ls.idle,
        viewed=lambda ls, uri, line: ls.viewed(uri, line),
    )
    add_jobs(server, lambda ls: ls.jobs)
    return server
