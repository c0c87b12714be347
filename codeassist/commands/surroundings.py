"""What the commands that complete one position know of the file's repository."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from codeassist.config import Settings, merge
from codeassist.engine import Request, Runtime
from codeassist.engine.context.select import indexed
from codeassist.errors import InputError
from codeassist.ignore import root_of

__all__ = ["USUAL", "in_repository", "with_context"]

USUAL = 512
"""Tokens of other files, where the settings name none."""

PATIENCE_S = 2.0
"""A command need not be as quick as an editor."""


def with_context(settings: Settings, tokens: int | None) -> Settings:
    """Settings under which a prompt shows other files.

    Args:
        settings: Of files and command line.
        tokens: What ``--context`` says; below 0: as many as the settings say, or
            `USUAL`; None: it was not given, so all is as it was.
    """
    if tokens is None:
        return settings
    if tokens < 0:
        tokens = settings.completion.context_tokens or USUAL
    told = {"completion": {"context_tokens": tokens}}
    return merge(settings, told, "command line")


@contextmanager
def in_repository(runtime: Runtime, request: Request, path: Path) -> Iterator[Request]:
    """Let the completer know the repository of a file while the block runs.

    The index is loaded from disk if it is there, else built, with a bar.

    Args:
        runtime: The model.
        request: A position in the file.
        path: Of the file.

    Yields:
        The request with the file's whole path.

    Raises:
        InputError: the file lies in no repository.
    """
    root = root_of(path)
    if root is None:
        msg = f"{path} lies in no git repository; leave --context out, or run git init"
        raise InputError(msg)
    with indexed(root, deadline=PATIENCE_S) as context:
        whole = replace(request, path=str(path.absolute()))
        name = context.path_of(whole.path)
        if name is not None:
            context.index.changed(name, request.before + request.after)
            context.index.wait()
        runtime.completer.context = context
        try:
            yield whole
        finally:
            runtime.completer.context = None
