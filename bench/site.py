"""Folders to measure, and servers for them."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.options import MissingError
from klweb.sitegen.serve import Server

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def built() -> Iterator[Path]:
    """Lend a copy of the built site, which stays the same whatever is built meanwhile."""
    if not (ROOT / "site" / "index.html").exists():
        raise MissingError("the site is not built: run `make site` first")
    with TemporaryDirectory(prefix="klweb-bench-") as folder:
        yield Path(shutil.copytree(ROOT / "site", Path(folder, "site")))


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder as GitHub Pages would; yield its URL."""
    with Server(folder, 0) as server:
        # Hosts keep files compressed; here that is done now, so that no visit waits for it.
        for path in folder.rglob("*"):
            if path.is_file():
                server.body(path.resolve())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.url
        server.shutdown()
