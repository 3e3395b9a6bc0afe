"""The site to carry away: all of it as one zip, and each figure as one file that opens from disk.

The zip holds the site as it is, for any small server, such as Python's own. A single file holds one figure with its
styles, fonts, script, presets and the stops around them, and asks nobody for anything: its policy allows that one
script and that one style sheet, by their hashes, and nothing else.
"""

import base64
import gzip
import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from klweb.sitegen import assets, figures, fonts, offline
from klweb.sitegen.writer import Writer

FOLDER = "offline"
ZIP = f"{FOLDER}/klweb.zip"
TOP = "klweb"
"""The one folder in the zip."""

STYLES = ("base.css", "widget.css", "embed.css", "single.css")
LEFT_OUT = {"404.html", "robots.txt", "sitemap.xml", ".nojekyll", offline.NAME}
"""What is for a host alone. The service worker would go on answering for whatever is served there later."""
KEEPING = b" data-offline"
"""What makes a page's line about the offline copy work, for which it takes the service worker."""
PACKED = (".bin", ".woff2")
"""Files that would not become smaller."""
BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip can hold."""

README = """KL divergence: the whole site, to use without a network
=======================================================

Browsers run its figures only from a server, and Python has one.
Open a terminal in this folder (the one with index.html) and type

    python -m http.server

or, where that is not found, `python3 -m http.server` or `py -m http.server`.
Then open this address in a browser:

    http://localhost:8000/

Ctrl+C in the terminal stops the server. Nothing leaves your computer. Only
this download itself, and the figures as single files, are not in here{where}

Code: MIT licence (LICENSE). Text and figures: CC BY 4.0 (LICENSE-prose.md).
Fonts: fonts/LICENCES.txt.
"""


def made(folder: Path) -> dict[str, bytes]:
    """Return what an earlier build wrote into a site's folder, by site path; nothing if it wrote nothing."""
    return {f"{FOLDER}/{path.name}": path.read_bytes() for path in sorted((folder / FOLDER).glob("*"))}


def edition(writer: Writer, places: Mapping[str, str], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Make the zip of a site that consists of `files`, and the single files, by site path.

    Parameters
    ----------
    writer
        What has filled the site's templates.
    places
        The URL of the place where each widget is explained, relative to the site's root.
    files
        The site, by site path.
    """
    browser = Path(figures.__file__).parent.parent / "browser"
    rules = [fonts.inlined(writer.faces), *((browser / part).read_text() for part in STYLES)]
    style = assets.minified("\n".join(rules))
    script, _ = assets.bundled(browser / "single.js", "iife")
    icon = "data:image/svg+xml," + quote((browser / "icon.svg").read_text().strip())
    base = writer.project.base_url
    result = {}
    for name, item in writer.prepared.items():
        html = figures.render(
            writer.environment, name, f"figure-{name}", credit=base and base + places[name], single=True
        )
        page = writer.environment.get_template("single.html").render(
            widget=item.widget, policy=policy(script, style), icon=icon, html=Markup(html),
            style=Markup(style), script=Markup(script), content=Markup(content(item)),
        )  # fmt: skip
        result[f"{FOLDER}/{name}.html"] = page.encode()
    result[ZIP] = zipped(files, writer.project.root, base)
    return result


def policy(script: str, style: str) -> str:
    """Return the Content-Security-Policy of a single file: its script, its style sheet, what it holds, and no request.

    >>> policy("", "")[:70]
    "default-src 'none'; script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5N"
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{assets.integrity(script.encode())}'",
            f"style-src '{assets.integrity(style.encode())}'",
            "img-src data:",
            "font-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def content(item: figures.Prepared) -> str:
    """Return what a single file knows of its figure, as JSON: presets and stops, gzipped and in Base64."""

    def named(paths: Mapping[str, str]) -> dict[str, str]:
        return {frame: Path(path).name for frame, path in paths.items()}

    files = {}
    for path, data in sorted(item.files.items()):
        packed = data if path.endswith(PACKED) else gzip.compress(data, mtime=0)
        files[Path(path).name] = base64.b64encode(packed).decode()
    return json.dumps({"data": {"presets": named(item.data), "near": named(item.near)}, "files": files})


def _carried(page: bytes, base_url: str) -> bytes:
    """Return a page as it stands in the zip, from where links to what is carried away lead back to the site."""
    page = page.replace(KEEPING, b"")
    return re.sub(rb'href="(\.\./)*offline/', f'href="{base_url}{FOLDER}/'.encode(), page) if base_url else page


def zipped(files: Mapping[str, bytes], root: Path, base_url: str = "") -> bytes:
    """Return a site as a zip, in which the same files are the same bytes whenever and wherever they are packed.

    Parameters
    ----------
    files
        The site, by site path.
    root
        The checkout, for the licences.
    base_url
        The site's own address, if known.
    """
    kept = {
        path: _carried(data, base_url) if path.endswith(".html") else data
        for path, data in files.items()
        if path not in LEFT_OUT and not path.endswith(assets.MAP)
    }
    where = f":\n{base_url}" if base_url else "."
    kept["README.txt"] = README.format(where=where).encode()
    kept |= {path.name: path.read_bytes() for path in root.glob("LICENSE*")}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path, data in sorted(kept.items()):
            entry = zipfile.ZipInfo(f"{TOP}/{path}", BEGINNING)
            entry.create_system = 3  # Unix, whose permissions follow, wherever it is packed
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if path.endswith(PACKED) else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return target.getvalue()
