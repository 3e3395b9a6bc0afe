"""Style sheets and scripts, in one folder whose name is the hash of all of them.

esbuild joins each script with the modules that it imports, so that a page asks for two scripts and not for thirty; the
sources lie beside them as source maps, which only the browser's tools ask for. Since a change of any file changes the
folder's name, a page never mixes an old script with a new one, and everything may be cached for ever.
"""

import base64
import json
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from klweb.sitegen.node import ROOT, NodeError, node

STYLES = {
    "style.css": ("base.css", "math.css", "page.css", "predict.css", "widget.css", "embed.css"),
    "learn.css": ("topics.css", "practice.css"),
    "builder.css": ("builder.css",),
}
"""Style sheets and their parts, in order: that of all pages, which begins with the fonts' faces, that of those where
readers keep track of what they know, and that of the dialog which says how to embed."""

SCRIPTS: dict[str, Literal["esm", "iife"]] = {
    "builder.js": "esm", "cell.js": "esm", "cell-worker.js": "esm", "early.js": "iife", "export.js": "esm",
    "host.js": "esm", "learn.js": "esm", "worker.js": "esm",
}  # fmt: skip
"""What pages and Python's worker load; what runs before a page is laid out is a classic script."""

EMBED = "embed.js"
"""The script for other people's pages, at the site's root: they name it for years, so its address has no hash."""

HINTS = {"host.js": "//# allFunctionsCalledOnLoad"}
"""First lines of scripts. Browsers compile a function when it is first called, and a reader's first gesture calls a
hundred of them. Chromium compiles all functions of a script with this comment when it loads."""

TARGET = "es2022"
"""The JavaScript of browsers that can run Pyodide."""

MAP = ".map"


class BundleError(NodeError):
    """Scripts that could not be joined, with esbuild's own words for what is wrong where."""


@dataclass(frozen=True)
class Assets:
    """What pages refer to by name, and what is written."""

    files: dict[str, bytes]
    urls: dict[str, str]
    """Name → site path."""


def gather(browser: Path, faces: str) -> Assets:
    """Read the browser side; `faces` is the CSS of the fonts."""
    contents = {}
    for name, parts in STYLES.items():
        style = "\n".join([faces * (name == "style.css"), *((browser / part).read_text() for part in parts)])
        contents[name] = minified(style).encode()
    for name, form in SCRIPTS.items():
        script, sources = bundled(browser / name, form, HINTS.get(name, ""))
        contents[name] = f"{script}//# sourceMappingURL={name}{MAP}\n".encode()
        contents[name + MAP] = sources.encode()
    contents |= {path.name: path.read_bytes() for path in sorted(browser.glob("*.svg"))}
    digest = sha256()
    for name, content in sorted(contents.items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    folder = f"static/{digest.hexdigest()[:12]}"
    urls = {name: f"{folder}/{name}" for name in contents}
    return Assets({urls[name]: content for name, content in contents.items()}, urls)


def bundled(script: Path, form: Literal["esm", "iife"], first: str = "") -> tuple[str, str]:
    """Join a script with all that it imports; return it small, and its source map. `first` is what it begins with.

    Raises
    ------
    BundleError
        If a module is missing, or is no JavaScript.
    """
    modules = b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in sorted(script.parent.glob("*.js")))
    return _joined(script, form, first, sha256(modules).hexdigest())


@lru_cache(maxsize=1 << 6)
def _joined(script: Path, form: Literal["esm", "iife"], first: str, _modules: str) -> tuple[str, str]:
    """Join a script, once for the same modules."""
    with TemporaryDirectory(prefix="klweb-") as folder:
        out = Path(folder, script.name)
        options = ["--bundle", f"--format={form}", "--sourcemap=external", "--legal-comments=none", f"--outfile={out}"]
        options += [f"--banner:js={first}"] * bool(first)
        _esbuild([str(script), *options])
        sources: dict[str, Any] = json.loads(Path(f"{out}{MAP}").read_text())
        # Paths would tell where it was built.
        sources["sources"] = [Path(path).name for path in sources["sources"]]
        return out.read_text(), json.dumps(sources, separators=(",", ":"))


def integrity(content: bytes) -> str:
    """Return the hash of some content as policies and integrity attributes have it.

    >>> integrity(b"")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return f"sha256-{base64.b64encode(sha256(content).digest()).decode()}"


@lru_cache(maxsize=1 << 6)
def minified(css: str) -> str:
    r"""Write a style sheet with nothing in it that only people need.

    >>> minified("a { color: red; }  /* why */ b > c { margin: 0 }")
    'a{color:red}b>c{margin:0}\n'
    """
    return _esbuild(["--loader=css"], css)


def _esbuild(options: list[str], text: str | None = None) -> str:
    esbuild = str(ROOT / "node_modules/esbuild/bin/esbuild")
    command = [node(), esbuild, "--minify", f"--target={TARGET}", "--log-level=warning", *options]
    done = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=False)
    if done.returncode or done.stderr:
        if "Cannot find module" in done.stderr:
            raise BundleError("esbuild is not installed: run `make setup`, or `npm ci`")
        raise BundleError(done.stderr.strip())
    return done.stdout
