"""A static server for development and tests that behaves as GitHub Pages does.

Same MIME types, directory redirects, 404 page, compression, validators and cache times, and an
optional path prefix, since Pages serves a project below its name. In watch mode pages also carry a
script that reloads them after a build, and say what is wrong when the last build failed.
"""

import contextlib
import gzip
import hashlib
import re
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from klweb.sitegen import offline
from klweb.sitegen.watch import ERROR_STYLE, Reloader, error_page

# Written out, because `mimetypes` reads the system's own tables, which differ between machines.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".py": "text/x-python; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".bin": "application/octet-stream",
    ".zip": "application/zip",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/vnd.microsoft.icon",
    ".woff2": "font/woff2",
}
COMPRESSED = re.compile(r"text/|application/(json|manifest\+json|xml|wasm)|image/svg\+xml")
ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
OCTETS = "application/octet-stream"
RELOAD_SCRIPT = Path(__file__).parent.parent / "browser" / "reload.js"
DEV = "_klweb/"
HEARTBEAT = 10.0  # seconds; writing to an event stream is the only way to notice it was closed


class PortError(OSError):
    """The port cannot be listened on; the message is one line and says what to do."""


class Body(NamedTuple):
    """What one file, or one page made on the spot, sends."""

    data: bytes
    zipped: bytes | None
    etag: str


class Server(ThreadingHTTPServer):
    """Listens from its construction on; answers once `serve_forever` runs. Port 0: any free one.

    Raises
    ------
    PortError
        If the port is taken, not permitted or not a port.
    """

    request_queue_size = 64

    def __init__(
        self,
        site: Path,
        port: int,
        *,
        prefix: str = "/",
        live: Reloader | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.site = site.resolve()
        self.prefix = "/" + "".join(f"{part}/" for part in prefix.split("/") if part)
        self.live = live
        self._cache: dict[Path, tuple[tuple[int, ...], Body]] = {}
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or "not a port number"
            raise PortError(
                f"cannot serve on port {port} of {host} ({why}): "
                "choose another, as in --port 8001 or make serve PORT=8001"
            ) from error
        self.url = f"http://{'localhost' if host == '127.0.0.1' else host}:{self.server_port}"
        self.url += self.prefix

    def server_bind(self) -> None:
        """Bind without looking up the host's full name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about dropped connections, which are a browser's daily business."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def find(self, path: str) -> Path | None:
        """Find the file or folder for a decoded path below the prefix, inside the site only.

        Dot files and names with a backslash or NUL are nothing that a site serves.
        """
        parts = path.removesuffix("/").split("/") if path else []
        if any(not part or part.startswith(".") or "\\" in part or "\0" in part for part in parts):
            return None
        try:
            file = self.site.joinpath(*parts).resolve()
            return file if file.is_relative_to(self.site) and file.exists() else None
        except OSError:  # a name too long for the file system
            return None

    def body(self, file: Path) -> Body:
        """Return the file's bytes, also compressed; they are read again when the file changed."""
        stat = file.stat()
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        known = self._cache.get(file)
        if known is None or known[0] != stamp:
            known = (stamp, pack(file.read_bytes(), TYPES.get(file.suffix.lower(), OCTETS)))
            self._cache[file] = known
        return known[1]


def pack(data: bytes, kind: str) -> Body:
    """Compress what Pages would, and derive the validator."""
    zipped = gzip.compress(data, 6, mtime=0) if COMPRESSED.match(kind) else None
    return Body(data, zipped, hashlib.sha256(data).hexdigest()[:20])


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version = "klweb"
    protocol_version = "HTTP/1.1"
    # Headers and body leave in two writes; Nagle's algorithm would hold the second back.
    disable_nagle_algorithm = True
    timeout = 60

    def log_message(self, *args: Any) -> None:
        """Quiet: the terminal belongs to the build."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path, prefix = unquote(self.path.partition("?")[0]), self.server.prefix
        if path + "/" == prefix:
            self._redirect(prefix)
        elif not path.startswith(prefix):
            self._text(f"Not found: this site is served under {prefix}\n", HTTPStatus.NOT_FOUND)
        elif self.server.live and path.startswith(prefix + DEV):
            self._development(self.server.live, path.removeprefix(prefix + DEV))
        elif self.server.live and path == prefix + offline.NAME:
            # Pages carry a script of this server's, so they are never those that the worker expects.
            self._text("Not found: nothing is kept for offline use while it is being written\n", HTTPStatus.NOT_FOUND)
        else:
            self._static(path.removeprefix(prefix))

    def _static(self, path: str) -> None:
        """Answer for a decoded path below the prefix."""
        # Before the page is read: a build in between then costs one reload, and never hides.
        version, failures = self.server.live.state if self.server.live else (0, ())
        found, status = self.server.find(path), HTTPStatus.OK
        folder = found is not None and found.is_dir()
        file = found / "index.html" if found and folder else found
        if not file or not file.is_file() or (path.endswith("/") and not folder):
            status, file = HTTPStatus.NOT_FOUND, self.server.site / "404.html"
        if folder and path and not path.endswith("/"):
            self._redirect(f"{self.server.prefix}{path}/")
        elif failures and (path.endswith(("/", ".html")) or "." not in path.rpartition("/")[2]):
            page = error_page(failures, f"{self.server.prefix}{DEV}error.css").encode()
            body = pack(self._with_script(page, version), TYPES[".html"])
            self._send(body, TYPES[".html"], HTTPStatus.INTERNAL_SERVER_ERROR)
        else:
            self._file(file, status, version)

    def _file(self, file: Path, status: HTTPStatus, version: int) -> None:
        kind = TYPES.get(file.suffix.lower(), OCTETS)
        try:
            body = self.server.body(file)
        except OSError:  # there is no 404 page, or a build removed the file since it was found
            self._text("Not found\n", HTTPStatus.NOT_FOUND)
            return
        if self.server.live and file.suffix == ".html":
            body = pack(self._with_script(body.data, version), kind)
        self._send(body, kind, status)

    def _with_script(self, page: bytes, version: int) -> bytes:
        address = f"{self.server.prefix}{DEV}reload.js?version={version}"
        head, end, tail = page.rpartition(b"</body>")
        script = f'<script type="module" src="{address}"></script>'.encode()
        return head + script + end + tail if end else page + script

    def _development(self, live: Reloader, name: str) -> None:
        if name == "events":
            self._events(live)
        elif name == "reload.js":
            self._send(self.server.body(RELOAD_SCRIPT), TYPES[".js"])
        elif name == "error.css":
            self._send(pack(ERROR_STYLE.encode(), TYPES[".css"]), TYPES[".css"])
        else:
            self._text("Not found\n", HTTPStatus.NOT_FOUND)

    def _events(self, live: Reloader) -> None:
        """Send the version now, then each new one, for as long as the page listens."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        version = live.state[0]
        self.wfile.write(f"retry: 500\ndata: {version}\n\n".encode())
        while True:
            latest = live.wait(version, HEARTBEAT)
            self.wfile.write(f"data: {latest}\n\n".encode() if latest != version else b":\n\n")
            version = latest

    def _redirect(self, path: str) -> None:
        _, mark, query = self.path.partition("?")
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        self.send_header("Location", quote(path) + mark + query)
        self._finish(b"")

    def _text(self, text: str, status: HTTPStatus) -> None:
        self._send(Body(text.encode(), None, ""), TYPES[".txt"], status)

    def _send(self, body: Body, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        offers = self.headers.get("Accept-Encoding", "")
        zipped = body.zipped if ACCEPTS_GZIP.search(offers) else None
        # The two encodings are different bytes, so the compressed one has a weak validator.
        etag = f'W/"{body.etag}"' if zipped else f'"{body.etag}"'
        known = self.headers.get("If-None-Match", "")
        fresh = status == HTTPStatus.OK and (known.strip() == "*" or f'"{body.etag}"' in known)
        self.send_response(HTTPStatus.NOT_MODIFIED if fresh else status)
        if status == HTTPStatus.OK:
            self.send_header("ETag", etag)
        if body.zipped is not None:
            self.send_header("Vary", "Accept-Encoding")
        if zipped and not fresh:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self._finish(None if fresh else zipped or body.data)

    def _finish(self, data: bytes | None) -> None:
        self.send_header("Cache-Control", "no-cache" if self.server.live else "max-age=600")
        self.send_header("Access-Control-Allow-Origin", "*")
        if data is not None:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if data and self.command != "HEAD":
            self.wfile.write(data)


def serve(
    site: Path,
    port: int,
    *,
    prefix: str = "/",
    live: Reloader | None = None,
    host: str = "127.0.0.1",
    ready: Callable[[str], None] = print,
) -> None:
    """Serve `site` until interrupted (Ctrl-C); `ready` is given the address first.

    Raises
    ------
    PortError
        If the port cannot be used; the message is fit for the terminal.
    """
    with Server(site, port, prefix=prefix, live=live, host=host) as server:
        ready(server.url)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
