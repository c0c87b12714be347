"""A small server on loopback that answers as llama-server does, and keeps the requests."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["PeerServer"]

TIMINGS = {
    "cache_n": 3,
    "prompt_n": 7,
    "prompt_ms": 5.0,
    "predicted_n": 2,
    "predicted_ms": 4.0,
}


class PeerServer:
    """Answers every request with `text`; what it was asked is in `asked`."""

    def __init__(self):
        self.asked: list[tuple[str, dict]] = []
        self.text = "return 1"
        self.raw: tuple[int, bytes] | None = None
        """Status and body to answer with, in place of a good answer."""

        self.hangs_up = False
        self.models = ["a.gguf"]
        self.logprobs: dict | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def bodies(self, route):
        return [body for asked, body in self.asked if asked == route]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, route):
        if self.raw:
            return self.raw
        if route == "/infill":
            told = {"content": self.text, "timings": TIMINGS}
        else:
            choice = {"text": self.text, "logprobs": self.logprobs}
            usage = {"prompt_tokens": 10, "completion_tokens": 2}
            told = {"choices": [choice], "usage": usage, "timings": TIMINGS}
        return 200, json.dumps(told).encode()

    def _handler(self):
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                listed = [{"id": name} for name in owner.models]
                self._send(200, json.dumps({"data": listed}).encode())

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                owner.asked.append((self.path, json.loads(self.rfile.read(length))))
                if owner.hangs_up:
                    self.connection.close()
                    return
                self._send(*owner._answer(self.path))

            def _send(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
