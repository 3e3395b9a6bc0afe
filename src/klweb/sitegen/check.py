"""Strict checks over the finished pages: links, words for pictures, structure, the CSP's rules.

`survey` looks at one file by itself and is cached, since most files stay the same from one build
to the next; `check` then follows the references from file to file.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from klweb.sitegen.assets import integrity

# fmt: off
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr"}
ADDRESSES = {"href", "xlink:href", "src", "srcset", "poster", "data", "background"}
# Forms that send something, reports of where readers go, and pages within pages: the policy stops them all.
STOPPED = {"action", "formaction", "ping", "srcdoc"}
# Addresses that a reader chooses to follow; the browser fetches all others by itself.
FOLLOWED = {"a", "area", "form", "button"}
FOLLOWED_RELS = {"alternate", "author", "canonical", "help", "license", "me", "next", "prev",
                 "search"}
PAINTS = {"fill", "stroke", "filter", "mask", "clip-path", "marker-start", "marker-mid",
          "marker-end"}
ID_LISTS = {"for", "list", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns"}
# fmt: on
DATA_SCRIPT = re.compile(r"application/(\w+\+)?json")
SEALED = re.compile(r"offline/(?!index\.html)[^/]+\.html")
"""Files that open from disk and ask nobody for anything; they hold their script and style themselves."""
SEALED_POLICY = re.compile(
    r"default-src 'none'; script-src '(?P<script>sha256-[\w+/=]+)'; style-src '(?P<style>sha256-[\w+/=]+)'; "
    r"img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CSS_URL = re.compile(r"""(?:\burl\(\s*|@import\s+(?!url))("[^"]*"|'[^']*'|[^\s"')]+)""")

Finding = tuple[str, str]  # a message, and a needle: text that stands near it in the source


@dataclass(frozen=True)
class Problem:
    """Something wrong on a generated page, with its source's file and line where they are known."""

    page: str
    message: str
    needle: str
    source: str = ""
    line: int = 0

    def __str__(self) -> str:
        where = f"{self.source}:{self.line}" if self.source else self.page
        return f"{where}: {self.message}"


class Reference(NamedTuple):
    """An address as written, what holds it, and where it leads."""

    what: str
    url: str
    wrong: str = ""
    """What is wrong with the address itself."""
    target: str = ""
    """The site path that it names; empty if it leads to no file of this site."""
    anchor: str = ""


class Survey(NamedTuple):
    """What one file says: the anchors it offers, where it points, and what is wrong in itself."""

    anchors: frozenset[str]
    references: tuple[Reference, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(eq=False, slots=True)
class _Element:
    tag: str
    attrs: dict[str, str]
    parent: "_Element | None"
    children: list["_Element | str"] = field(default_factory=list)

    def inside(self, *tags: str) -> "_Element | None":
        """Find the nearest of itself and its ancestors that has one of these tags."""
        element: _Element | None = self
        while element and element.tag not in tags:
            element = element.parent
        return element

    def source(self) -> str:
        """Return the text of a script or a style sheet, as it stands."""
        return "".join(child for child in self.children if isinstance(child, str))

    def text(self) -> str:
        """Return its words, those of its pictures included, without what is hidden."""
        if self.tag in ("script", "style", "template"):
            return ""
        said = self.attrs.get("aria-label") or self.attrs.get("alt")
        parts = (
            child if isinstance(child, str) else child.text()
            for child in self.children
            if isinstance(child, str) or child.attrs.get("aria-hidden") != "true"
        )
        return " ".join((said or "".join(parts)).split())

    def name(self) -> str:
        """Return the nearest name that an author gave, from the element outwards."""
        own = (self.attrs.get(key) for key in ("data-widget", "id", "name", "src", "href"))
        return next(filter(None, own), self.parent.name() if self.parent else "")

    def __str__(self) -> str:
        name = self.name()
        return f'<{self.tag}> "{name}"' if name and name in self.attrs.values() else f"<{self.tag}>"


class _Page(HTMLParser):
    """A parsed page: its elements in document order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._open = _Element("", {}, None)
        self.elements: list[_Element] = []
        self.feed(html)
        self.close()
        self.ids = {e.attrs["id"]: e for e in reversed(self.elements) if "id" in e.attrs}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Of an attribute given twice, browsers keep the first.
        element = _Element(tag, {name: value or "" for name, value in reversed(attrs)}, self._open)
        self._open.children.append(element)
        self.elements.append(element)
        if tag not in VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        # `<path/>` closes itself; in HTML proper the slash means nothing.
        if self._open.inside("svg", "math"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        match = self._open.inside(tag)
        if tag not in VOID and match and match.parent:
            self._open = match.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)

    def all(self, *tags: str) -> list[_Element]:
        return [element for element in self.elements if element.tag in tags]

    def label(self, element: _Element) -> str:
        """Return the name given by aria-label or aria-labelledby."""
        others = element.attrs.get("aria-labelledby", "").split()
        words = [self.ids[name].text() for name in others if name in self.ids]
        return " ".join([element.attrs.get("aria-label", ""), *words]).strip()


def _document(page: _Page) -> Iterator[Finding]:
    if not any(element.attrs.get("lang") for element in page.all("html")):
        yield "the page names no language (<html lang>)", "<html"
    if not any(title.text() for title in page.all("title") if not title.inside("svg")):
        yield "the page has no title", "title"
    metas = {meta.attrs.get("name"): meta.attrs.get("content", "") for meta in page.all("meta")}
    if not metas.get("description", "").strip():
        yield "the page has no meta description", "description"
    level = 0
    for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6"):
        before, level, text = level, int(heading.tag[1]), heading.text()
        if not text:
            yield f"{heading} is empty", heading.name()
        if level > before + 1:
            after = f"follows h{before}" if before else "is the first"
            yield f'heading "{text}" skips a level: h{level} {after}', text
    if (count := len(page.all("h1"))) != 1:
        yield f"the page has {count} h1 headings and needs exactly one", "<h1"


def _identifiers(page: _Page) -> Iterator[Finding]:
    for name, count in Counter(e.attrs["id"] for e in page.elements if "id" in e.attrs).items():
        if count > 1 or not name:
            yield f'id "{name}" is given to {count} elements', name
    for element in page.elements:
        for attribute in sorted(ID_LISTS & element.attrs.keys()):
            for name in element.attrs[attribute].split():
                if name not in page.ids:
                    yield f'{attribute}="{name}": there is no such id on this page', name


def _pictures(page: _Page) -> Iterator[Finding]:
    captions = {"figure": "figcaption", "svg": "title", "img": "alt text", "canvas": "aria-label"}
    for element in page.all(*captions):
        outer: _Element | None = element
        while outer and outer.attrs.get("aria-hidden") != "true" and "hidden" not in outer.attrs:
            outer = outer.parent
        nested = element.parent and element.parent.inside("svg")
        if element.tag != "figure" and (outer or nested):
            continue
        inner = (c.text() for c in element.children if isinstance(c, _Element)
                 and c.tag == captions[element.tag])  # fmt: skip
        if not any((page.label(element), element.attrs.get("alt", "").strip(), *inner)):
            yield f"{element} has no words: give it {captions[element.tag]}", element.name()


def _controls(page: _Page) -> Iterator[Finding]:
    labels = {label.attrs.get("for"): label.text() for label in page.all("label")}
    for element in page.all("input", "select", "textarea", "meter", "progress", "button"):
        kind, around = element.attrs.get("type", "").lower(), element.inside("label")
        if element.tag == "input" and kind in ("hidden", "submit", "reset"):
            continue
        words = [page.label(element), around.text() if around else ""]
        words.append(labels.get(element.attrs.get("id", ""), ""))
        if element.tag == "button":
            words.append(element.text())
        if element.tag == "input" and kind in ("button", "image"):
            words.append(element.attrs.get("value" if kind == "button" else "alt", ""))
        if not any(words):
            yield f"{element} has no label", element.name()


def _seal(page: _Page) -> Iterator[Finding]:
    """Find out whether a file that opens from disk has the policy of such a file."""
    if not _sealed_hashes(page):
        yield "a file that opens from disk has a policy that allows its script and its style, and no request", "policy"


def _sealed_hashes(page: _Page) -> dict[str, str]:
    """Return the hashes of the one script and the one style that a sealed file allows; none if it is not sealed."""
    metas = [meta.attrs.get("content", "") for meta in page.all("meta") if "http-equiv" in meta.attrs]
    found = SEALED_POLICY.fullmatch(metas[0]) if len(metas) == 1 else None
    return found.groupdict() if found else {}


def _policy(page: _Page, allowed: Mapping[str, str] = MappingProxyType({})) -> Iterator[Finding]:
    """Find what the Content-Security-Policy would silently drop in a reader's browser.

    `allowed` has the hashes of the script and the style that may stand in the page.
    """

    def is_allowed(element: _Element) -> bool:
        return allowed.get(element.tag) == integrity(element.source().encode())

    for element in page.elements:
        if "style" in element.attrs:
            yield f"{element} has a style attribute", f'style="{element.attrs["style"]}"'
        if element.tag == "style" and not is_allowed(element):
            yield "inline <style>", "<style"
        data = DATA_SCRIPT.fullmatch(element.attrs.get("type", ""))
        if element.tag == "script" and "src" not in element.attrs and not data and not is_allowed(element):
            yield "inline script", "<script"
        for handler in sorted(key for key in element.attrs if key.startswith("on")):
            yield f"{element} has an inline script in {handler}", f"{handler}="
        for attribute in sorted(STOPPED & element.attrs.keys()):
            yield f"{element} has {attribute}, which the policy stops", f"{attribute}="
        # No policy stops a page that leads elsewhere by itself.
        if (told := element.attrs.get("http-equiv", "").lower()) not in ("", "content-security-policy"):
            yield f'<meta http-equiv="{told}">', "http-equiv"


def _references(page: _Page, path: str, prefix: str) -> Iterator[Reference]:
    for what, url, fetched in _addresses(page):
        yield _reference(what, url, path, prefix, fetched=fetched)


def _addresses(page: _Page) -> Iterator[tuple[str, str, bool]]:
    """Find every address: what holds it, the address, and whether the browser asks for it by itself."""
    for element in page.elements:
        rels = set(element.attrs.get("rel", "").lower().split())
        follows = element.tag == "link" and rels and rels <= FOLLOWED_RELS
        fetched = element.tag not in FOLLOWED and not follows
        what = f"<{element.tag}>" if fetched else "link to"
        for attribute in sorted(ADDRESSES & element.attrs.keys()):
            url = element.attrs[attribute]
            several = [part.split()[0] for part in url.split(",") if part.strip()]
            for each in several if attribute == "srcset" else [url]:
                yield what, each.strip(), fetched
        if element.tag == "style":
            for match in CSS_URL.finditer(CSS_COMMENT.sub("", element.source())):
                yield "url()", match[1].strip("\"'"), True
        for attribute in sorted(PAINTS & element.attrs.keys()):
            for match in CSS_URL.finditer(element.attrs[attribute]):
                yield attribute, match[1].strip("\"'"), True


def is_sealed(path: str) -> bool:
    """Whether a file of the site is one that opens from disk and asks nobody for anything.

    >>> is_sealed("offline/asymmetry.html"), is_sealed("embed/asymmetry/index.html")
    (True, False)
    """
    return SEALED.fullmatch(path) is not None


@lru_cache(maxsize=1 << 16)
def survey(path: str, data: bytes, prefix: str) -> Survey:
    """Collect what a page, an SVG or a style sheet says by itself."""
    text = data.decode("utf-8", "replace")
    if path.endswith(".css"):
        urls = [match[1].strip("\"'") for match in CSS_URL.finditer(CSS_COMMENT.sub("", text))]
        found = (_reference("url()", url, path, prefix, fetched=True) for url in urls if not url.startswith("#"))
        return Survey(frozenset(), tuple(dict.fromkeys(found)))
    page = _Page(text)
    # `#widget=…` carries a widget's state and leads to no element.
    states = {e.attrs["data-widget"] + "=" for e in page.elements if "data-widget" in e.attrs}
    anchors = frozenset(page.ids.keys() | states)
    references = tuple(dict.fromkeys(_references(page, path, prefix)))
    if path.endswith(".svg"):
        return Survey(anchors, references)
    sealed = is_sealed(path)
    rules = (_document, _identifiers, _pictures, _controls, *([_seal] if sealed else []))
    findings = tuple(finding for rule in rules for finding in rule(page))
    findings += tuple(_policy(page, _sealed_hashes(page) if sealed else {}))
    return Survey(anchors, references, findings)


def _reference(what: str, address: str, page: str, prefix: str, *, fetched: bool) -> Reference:
    """Find out where an address on a page leads, or what is wrong with it whatever the site's files are."""
    try:
        url = urlsplit(address)
    except ValueError:
        return Reference(what, address, "this is not an address")
    path, wrong, target = unquote(url.path), "", ""
    if url.scheme in ("http", "https") or url.netloc:
        wrong = "a page asks nothing of another origin" if fetched else ""
    elif url.scheme:
        allowed = url.scheme in (("data",) if fetched else ("mailto", "tel"))
        wrong = "" if allowed else f"{url.scheme}: addresses are not allowed"
    elif not address:
        wrong = "the address is empty"
    elif is_sealed(page) and (path or fetched):
        wrong = "a file that opens from disk has nothing beside it"
    elif path.startswith("/") and page != "404.html":
        wrong = "it starts at the host's root, which is wrong under a path prefix"
    elif path.startswith("/") and not path.startswith(prefix):
        wrong = "it leads out of the site"
    else:
        target = _target(page, (path.removeprefix(prefix) or ".") if path.startswith("/") else path)
        wrong = "" if target else "it leads out of the site"
    return Reference(what, address, wrong, target, unquote(url.fragment).partition(":~:")[0])


def _target(page: str, path: str) -> str:
    """Return the site path of the file that a relative path names, or nothing if it leads out of the site."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    if target == ".." or target.startswith("../"):
        return ""
    is_folder = path and path.rpartition("/")[2] in ("", ".", "..")
    return posixpath.normpath(f"{target}/index.html") if is_folder else target


def _missing(page: str, reference: Reference, files: Mapping[str, bytes], prefix: str) -> str:
    """Say what the site lacks of what a reference leads to, if anything."""
    _, _, _, target, anchor = reference
    if not target:
        return ""
    if target not in files:
        return "it is a folder: add a slash" if f"{target}/index.html" in files else f"there is no {target}"
    if anchor in ("", "top") or not target.endswith((".html", ".svg")):
        return ""
    anchors = survey(target, files[target], prefix).anchors
    if anchor in anchors or ("=" in anchor and anchor.partition("=")[0] + "=" in anchors):
        return ""
    return f"there is no such anchor on {'this page' if target == page else target}"


def check(
    files: Mapping[str, bytes],
    lines: Callable[[str, str], tuple[str, int] | None],
    *,
    prefix: str = "/",
) -> list[Problem]:
    """List everything wrong with the pages and style sheets in `files`, in their order.

    `lines(page, needle)` finds the needle in the source of a page: its file and line, or None. A
    problem that many pages have from one source line, as in a template, is told once. The host
    shows 404.html at any depth, so this page alone may name addresses from the host's root; they
    start with `prefix`, the path that the site is served under.
    """
    problems: dict[str, Problem] = {}
    for path, data in files.items():
        if not path.endswith((".html", ".css", ".svg")):
            continue
        seen = survey(path, data, prefix)
        findings = list(seen.findings)
        for reference in seen.references:
            if wrong := reference.wrong or _missing(path, reference, files, prefix):
                findings.append((f'{reference.what} "{reference.url}": {wrong}', reference.url))
        for message, needle in findings:
            problem = Problem(path, message, needle, *(lines(path, needle) or ()))
            problems.setdefault(str(problem), problem)
    return list(problems.values())
