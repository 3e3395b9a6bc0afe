"""The service worker: one script at the site's root, with the list of everything that makes up this release.

The list is part of the script, so that a browser, which compares the script byte by byte, finds a
new release wherever any file has changed.
"""

import json
import re
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path

from klweb.sitegen import citation
from klweb.sitegen.assets import EMBED, MAP, bundled, integrity

NAME = "sw.js"
"""Its site path, the same for ever: a worker governs what lies beside and below it."""

UNKEPT = {"404.html", "robots.txt", "sitemap.xml", ".nojekyll", "fonts/LICENCES.txt", EMBED, citation.NAME}
"""What no page of the site needs."""


def script(
    files: Mapping[str, bytes],
    browser: Path,
    unkept: Collection[str] = (),
    encodings: Mapping[str, tuple[str, int]] | None = None,
) -> bytes:
    """Write the worker for a site that consists of `files`, by site path.

    Parameters
    ----------
    files
        Every file of the site but the worker.
    browser
        The folder of the browser's modules.
    unkept
        Files that stay on the network because hardly any reader needs them.
    encodings
        The files that are one and the same, compressed in several ways, of which a browser needs one: how each
        is compressed, and the bytes that it holds.

    Raises
    ------
    ValueError
        If a file that is to be kept has neither a hash in its name nor is a page.
    """
    kept = {path: files[path] for path in files.keys() - UNKEPT - set(unkept) if not path.endswith(MAP)}
    text = json.dumps(listed(kept, encodings or {}), separators=(",", ":"), sort_keys=True)
    worker, _ = bundled(browser / NAME, "iife")
    return f"self.list={text};\n{worker}".encode()


def listed(files: Mapping[str, bytes], encodings: Mapping[str, tuple[str, int]]) -> dict[str, object]:
    """Return the list of a release: an identity, and the size and hash of each file; a page is named by its folder.

    >>> content = b"<!doctype html>"
    >>> listed({"topic/index.html": content}, {})["files"]
    {'topic/': [15, 'sha256-/ibFnpGsjeaUslMdw73Bt/r0cdPX5OAIcK9g9fIol8s=']}
    """
    entries = {}
    for path, content in sorted(files.items()):
        page = path.endswith("index.html")
        if not page and not re.search(r"[./-][0-9a-f]{10,12}[./]", path):
            raise ValueError(f"{path}: only pages, and files with a hash in their names, can be kept for offline use")
        entries[path.removesuffix("index.html")] = [len(content), integrity(content), *encodings.get(path, ())]
    identity = sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()[:12]
    return {"id": identity, "files": entries}
