"""Style sheets and scripts, in one folder whose name is the hash of all of them.

Modules import each other by plain relative names; since a change of any one changes the folder's
name, a page never mixes an old module with a new one, and everything may be cached for ever.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

STYLES = ("base.css", "math.css", "page.css", "widget.css")
"""Parts of the one style sheet, in order; the fonts' faces come first."""

DEVELOPMENT = {"reload.js"}
"""Served by the development server alone."""

ELSEWHERE = {*DEVELOPMENT, "sw.js"}
"""What pages do not load from here; the service worker is written by ``offline.py``."""

EARLY = "early.js"
"""What runs before a page is laid out: a classic script, joined of modules."""


@dataclass(frozen=True)
class Assets:
    """What pages refer to by name, and what is written."""

    files: dict[str, bytes]
    urls: dict[str, str]
    """Name → site path."""
    modules: tuple[str, ...]
    """The modules that ``host.js`` needs at once, for preloading."""
    later: tuple[str, ...]
    """The modules of Python's worker, for fetching while nobody waits."""


def gather(browser: Path, faces: str) -> Assets:
    """Read the browser side; `faces` is the CSS of the fonts."""
    style = "\n".join([faces, *((browser / name).read_text() for name in STYLES)])
    contents = {"style.css": minified(style).encode()}
    for path in sorted(browser.iterdir()):
        if path.name == EARLY:
            contents[EARLY] = f"{{\n{joined(EARLY, browser)}}}\n".encode()  # in a block, so that its names stay its own
        elif path.suffix in (".js", ".svg") and path.name not in ELSEWHERE:
            contents[path.name] = path.read_bytes()
    digest = sha256()
    for name, content in sorted(contents.items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    folder = f"static/{digest.hexdigest()[:12]}"
    urls = {name: f"{folder}/{name}" for name in contents}
    modules = tuple(imported("host.js", contents))
    later = ("worker.js", *re.findall(r'(?<!{)import\("\./([\w.-]+)"\)', contents["worker.js"].decode()))
    return Assets({urls[name]: content for name, content in contents.items()}, urls, modules, later)


def imported(name: str, contents: dict[str, bytes]) -> list[str]:
    """List the modules that a module imports statically, directly or not."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        text = contents[waiting.pop()].decode()
        for other in re.findall(r'^(?:import|export)\b[^;]*?from "\./([\w.-]+)"|^import "\./([\w.-]+)"', text, re.M):
            module = other[0] or other[1]
            if module not in found and module != name:
                found.append(module)
                waiting.append(module)
    return found


def joined(name: str, browser: Path) -> str:
    """Join a module and those that it imports into one classic script, in which all names of theirs have to differ.

    Modules would come too late for what runs before the page is laid out, and service workers of modules are newer than
    all else that the site needs.
    """
    contents = {path.name: path.read_bytes() for path in browser.glob("*.js")}
    # The module itself comes last; the others only define things, in whatever order.
    order = [*imported(name, contents), name]
    text = "\n".join(contents[module].decode() for module in order)
    text = re.sub(r'^import\b[^;]*?"\./[\w.-]+";\n', "", text, flags=re.MULTILINE)
    return re.sub(r"^export ", "", text, flags=re.MULTILINE)


def minified(css: str) -> str:
    """Drop comments and the white space around punctuation; strings in our style sheets hold neither.

    >>> minified("a { color: red; }  /* why */ b > c { margin: 0 }")
    'a{color:red}b > c{margin:0}'
    """
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r"\s*([{};,])\s*", r"\1", css)
    css = re.sub(r":\s+", ":", css)
    return css.replace(";}", "}").strip()
