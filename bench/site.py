"""Folders to measure, and servers for them."""

import io
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.options import MissingError
from klweb.sitegen.serve import Server

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Served:
    """A folder that is being served, and what was sent of it: whoever asked, a page, a worker or a service worker."""

    url: str
    _sent: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def sent(self) -> Counter[str]:
        """Bytes until now that left for each path, headers included."""
        with self._lock:
            return self._sent.copy()

    def count(self, path: str, length: int) -> None:
        """Add what leaves."""
        with self._lock:
            self._sent[path] += length


@contextmanager
def built() -> Iterator[Path]:
    """Lend a copy of the built site, which stays the same whatever is built meanwhile."""
    if not (ROOT / "site" / "index.html").exists():
        raise MissingError("the site is not built: run `make site` first")
    with TemporaryDirectory(prefix="klweb-bench-") as folder:
        yield Path(shutil.copytree(ROOT / "site", Path(folder, "site")))


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serve a folder as GitHub Pages would, and count."""
    with Server(folder, 0) as server:
        served = Served(server.url)
        server.RequestHandlerClass = _counting(server.RequestHandlerClass, served)
        # Hosts keep files compressed; here that is done now, so that no visit waits for it.
        for path in folder.rglob("*"):
            if path.is_file():
                server.body(path.resolve())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield served
        server.shutdown()


class _Tally(io.RawIOBase):
    """What a handler writes to: passes everything on, and counts it."""

    def __init__(self, handler: BaseHTTPRequestHandler, served: Served) -> None:
        self.file, self.handler, self.served = handler.wfile, handler, served

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.served.count(self.handler.path, len(data))
        return self.file.write(data)


def _counting(handler: Any, served: Served) -> Any:
    class Counting(handler):  # type: ignore[misc]
        def setup(self) -> None:
            super().setup()
            self.wfile = _Tally(self, served)

    return Counting
