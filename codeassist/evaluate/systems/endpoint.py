"""JSON to and from a server on the loopback interface; no other host is spoken to."""

import http.client
import ipaddress
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from codeassist.errors import CodeassistError, InputError

__all__ = ["Endpoint", "PeerError"]

ANSWER_SECONDS = 300
SHOWN = 200
"""Characters of a server's complaint that are shown."""


class PeerError(CodeassistError):
    """A system under test is not there, died, or answers nonsense."""


class Endpoint:
    """A server on this machine, by its URL.

    Raises:
        InputError: no URL, or one of another machine.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._host, self.port, self._base = _loopback(self.url)

    def post(self, route: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to ``fields``.

        Raises:
            PeerError: nobody answers, or not with a JSON object and status 200.
        """
        return self._answer("POST", route, json.dumps(fields))

    def get(self, route: str) -> dict[str, Any]:
        """What a route tells.

        Raises:
            PeerError: nobody answers, or not with a JSON object and status 200.
        """
        return self._answer("GET", route, None)

    def _answer(self, method: str, route: str, asked: str | None) -> dict[str, Any]:
        status, body = self._exchange(method, route, asked)
        if status != 200:
            msg = f"{self.url}{route} answered {status}: {_short(body)}"
            raise PeerError(msg)
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            msg = f"{self.url}{route} answered no JSON object: {_short(body)}"
            raise PeerError(msg)
        return answer

    def _exchange(self, method: str, route: str, body: str | None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(
            self._host, self.port, timeout=ANSWER_SECONDS
        )
        headers = {"Content-Type": "application/json"} if body else {}
        data = body.encode() if body else None
        try:
            connection.request(method, self._base + route, data, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
            msg = f"{self.url} does not answer ({why}); start the server there first"
            raise PeerError(msg) from error
        finally:
            connection.close()


def _loopback(url: str) -> tuple[str, int, str]:
    """Host, port and base path of a loopback URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError as error:
        msg = f"{url!r} is no URL ({error}); write http://127.0.0.1:PORT"
        raise InputError(msg) from error
    if parts.scheme != "http" or not _is_loopback(host):
        msg = f"{url!r} is not on this machine; only http://127.0.0.1:PORT is spoken to"
        raise InputError(msg)
    return host, port, parts.path


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _short(body: bytes) -> str:
    text = " ".join(body.decode("utf-8", "replace").split())
    return text[:SHOWN] or "nothing"
