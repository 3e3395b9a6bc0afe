"""Texts of somebody who means harm, and how a page is found to have come to any."""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import quote

from playwright.sync_api import Dialog

from tests.browser.support import Reader

STRANGER = "https://stranger.invalid"

HOSTILE = {
    "script": '<script data-injected>klwebRan("script")</script>',
    "after a quote": '"><img data-injected src=x onerror=\'klwebRan("quote")\'>',
    "after an apostrophe": "'><svg data-injected onload=klwebRan(1)></svg>",
    "out of an attribute": '" data-injected autofocus onfocus="klwebRan(2)',
    "out of a script": "</script><script data-injected>klwebRan(3)</script>",
    "out of raw text": f"</title></textarea></style></noscript><img data-injected src={STRANGER}/x>",
    "out of a comment": "--><img data-injected src=x onerror=klwebRan(4)><!--",
    "as an address": "javascript:klwebRan(5)//",
    "as a stranger's address": f"//{STRANGER.partition('//')[2]}/x.js",
    "a frame": '<iframe data-injected srcdoc="<script>parent.klwebRan(6)</script>"></iframe>',
    "another page": f'<meta data-injected http-equiv=refresh content="0; url={STRANGER}">',
    "another base": f"<base data-injected href={STRANGER}/>",
    "a style": f"<style data-injected>@import '{STRANGER}/x.css'</style><p data-injected style=color:red>",
    "mathematics": "<math data-injected><mi href=javascript:klwebRan(7)>x</mi></math>",
    "as JavaScript": "';klwebRan(8);//${klwebRan(9)}`\\u0027);klwebRan(10)",
    "as a template": "{{ constructor.constructor('klwebRan(11)')() }}<< 7 * 7 >>{% raw %}",
    "as Python": '__import__("js").eval("klwebRan(12)")',
    "as a selector": '"],*,[x="\\',
    "a prototype": "__proto__",
    "a constructor": "constructor",
    "JSON": '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    "separators": "%3Cb data-injected%3E&learner=2_x&asymmetry=constructor;p:__proto__,=;q:\u2028\u202e\ud7ff%00%",
    "much": "<b data-injected>" * 20,
}
"""What is put wherever somebody else's text can come from."""
TEXTS = list(HOSTILE.values())
MARKUP = [text for name, text in HOSTILE.items() if "data-injected" in text and not name.startswith(("out of", "sep"))]
ENCODED = [quote(text, safe="") for text in TEXTS]

ALARM = """{
  const watch = new MutationObserver(records => {
    for (const {type, target, addedNodes} of records) {
      const elements = type === "attributes" ? [target] : [...addedNodes].filter(node => node instanceof Element);
      for (const element of elements.flatMap(one => [one, ...one.querySelectorAll("*")])) {
        if (element.matches("[data-injected], base, meta[http-equiv=refresh], iframe[srcdoc]")) {
          klwebAlarm(`injected: ${element.outerHTML.slice(0, 200)}`);
        }
      }
    }
  });
  watch.observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-injected"]});
}"""
"""Rings when a hostile text becomes an element, were it for a moment."""

LOOK_AROUND = """() => {
  const found = [];
  for (const element of document.querySelectorAll("*")) {
    const {tagName, attributes} = element;
    for (const {name, value} of attributes) {
      const runs = name.startsWith("on") || (name !== "value" && /^\\s*(javascript|vbscript):/i.test(value));
      if (runs) found.push(`${tagName} ${name}=${value}`);
    }
    if (["IFRAME", "OBJECT", "EMBED", "BASE", "STYLE"].includes(tagName)) found.push(tagName);
    const isInline = tagName === "SCRIPT" && !element.src && element.type !== "application/json";
    if (isInline) found.push(element.outerHTML.slice(0, 200));
  }
  if ({}.polluted !== undefined) found.push("every object has a new property");
  return found;
}"""
"""What no page may hold, also after it was tampered with."""


def alarmed(reader: Reader) -> Reader:
    """Fit a page that is still empty with the alarm."""

    def refuse(dialog: Dialog) -> None:
        reader.problems.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    context = reader.page.context
    context.expose_binding("klwebRan", lambda _source, *which: reader.problems.append(f"a script ran: {which}"))
    context.expose_binding("klwebAlarm", lambda _source, text: reader.problems.append(text))
    context.add_init_script(ALARM)
    reader.page.on("dialog", refuse)
    return reader


def unharmed(reader: Reader) -> None:
    """Assert that the alarm did not ring, and that the page holds nothing that it should not."""
    problems = reader.take_problems() + reader.page.evaluate(LOOK_AROUND)
    assert not problems, "\n".join(problems)


# ── in a file ────────────────────────────────────────────────────────────────────────────────────


class Tags(HTMLParser):
    """The elements of one file, with their attributes, and the text of its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.feed(html)

    def all(self, wanted: str) -> list[dict[str, str]]:
        return [attrs for tag, attrs in self.found if tag == wanted]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "script":
            self.scripts.append("")
        if tag == "style":
            self.styles.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data
        if self.cdata_elem == "style":
            self.styles[-1] += data


LOADED = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "srcdoc", "xlink:href"}
HARMLESS = re.compile(r"(?!//)(?![a-z][a-z0-9+.-]*:)", re.IGNORECASE)
"""An address of the site's own, relative to the page."""


SEALED = ("default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; font-src data:; "
          "base-uri 'none'; form-action 'none'")  # fmt: skip
"""The policy of a file that opens from disk, for the hashes of its script and its style."""


def faults_of_a_file(html: str) -> Iterator[str]:
    """Find what a file that opens from disk would ask anybody for, and what its policy would have to stop."""
    tags = Tags(html)
    scripts = [text for text, attrs in zip(tags.scripts, tags.all("script"), strict=True) if "type" not in attrs]
    if len(scripts) != 1 or len(tags.styles) != 1 or [attrs for attrs in tags.all("script") if "src" in attrs]:
        yield f"it holds {len(scripts)} scripts and {len(tags.styles)} styles"
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (*scripts[:1], *tags.styles[:1])]
    metas = [attrs for attrs in tags.all("meta") if "http-equiv" in attrs]
    if [(meta["http-equiv"], meta["content"]) for meta in metas] != [
        ("Content-Security-Policy", SEALED.format(*hashes))
    ]:
        yield f"its http-equiv elements are {metas}"
    first = next(index for index, (tag, _) in enumerate(tags.found) if tag in ("script", "style", "link", "body"))
    if "http-equiv" not in str(tags.found[:first]):
        yield "something stands before its policy"
    for tag, attrs in tags.found:
        if tag in ("base", "iframe", "frame", "object", "embed", "applet", "animate", "set", "img"):
            yield f"<{tag}>"
        for name, value in attrs.items():
            if name == "style" or name.startswith("on") or name in LOADED:
                yield f"<{tag} {name}={value!r}>"
            if name == "href" and not value.startswith({"link": "data:image/svg+xml,", "a": "https://"}.get(tag, "#")):
                yield f"<{tag}> leads to {value}"
    for url in re.findall(r"url\(\s*[\"']?([^)\"']{0,20})|@import", "".join(tags.styles)):
        if not url.startswith("data:font/woff2;"):
            yield f"its style loads {url}"


def faults(html: str, expected: str) -> Iterator[str]:
    """Find what the policy would have to stop, and what it could not."""
    tags = Tags(html)
    metas = [attrs for tag, attrs in tags.found if tag == "meta" and "http-equiv" in attrs]
    if [(meta["http-equiv"], meta["content"]) for meta in metas] != [("Content-Security-Policy", expected)]:
        yield f"its http-equiv elements are {metas}"
    # A policy holds for what follows it.
    first = next(index for index, (tag, _) in enumerate(tags.found) if tag in ("script", "link", "body", "title"))
    if ("meta", metas[0]) not in tags.found[:first]:
        yield "something stands before its policy"
    for tag, attrs in tags.found:
        if tag in ("style", "base", "iframe", "frame", "object", "embed", "applet", "animate", "set"):
            yield f"<{tag}>"
        if tag == "script" and "src" not in attrs and attrs.get("type") != "application/json":
            yield "an inline script"
        if tag == "link" and attrs["rel"] != "canonical" and not HARMLESS.match(attrs["href"]):
            yield f"it loads {attrs['href']}"
        if tag == "a" and not re.match(r"https?://|mailto:", to := attrs.get("href", "")) and not HARMLESS.match(to):
            yield f"it leads to {to}"
        for name, value in attrs.items():
            if name == "style" or name.startswith("on"):
                yield f"<{tag} {name}={value!r}>"
            if name in LOADED and not HARMLESS.match(value):
                yield f"it loads {value}"
    yield from (f"a script holds {text[:80]}" for text in tags.scripts if re.search(r"<[/!a-z]", text, re.IGNORECASE))
