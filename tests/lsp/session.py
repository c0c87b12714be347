"""A session without a process: what a client says, letter by letter, and its answers."""

import json

from codeassist.config import Settings
from codeassist.lsp import make_server


class Session:
    """A server that has no model, and what it has sent."""

    def __init__(self):
        self.server = make_server(Settings(), lambda _settings, _tell: None)
        self.sent = []
        self.closed = False
        self.server.protocol.set_writer(self, include_headers=False)

    def write(self, data):
        """Called by the server."""
        if self.closed:
            msg = "I/O operation on closed file."
            raise ValueError(msg)
        self.sent.append(json.loads(data))

    def close(self):
        """Called by the server."""
        self.closed = True

    def say(self, method, **parts):
        """A message, as it comes from the wire; all that the server sends at once."""
        self.sent.clear()
        body = json.dumps({"jsonrpc": "2.0", "method": method, **parts})
        protocol = self.server.protocol
        message = json.loads(body, object_hook=protocol.structure_message)
        protocol.handle_message(message)
        return list(self.sent)

    def begin(self, **params):
        """Shake hands."""
        params = {"capabilities": {}, "processId": None, **params}
        return self.say("initialize", id=0, params=params)
