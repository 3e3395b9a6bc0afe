"""Attempts to make the site do what it must not: run a stranger's code, take his markup, or ask him for something.

Every door is tried with the same strings. An alarm rings when one of them runs, when it becomes an element, when a
page's policy has to step in, when a dialog opens, and when another origin is asked for anything; a test shows that it
does. docs/security.md says what is promised, and which of these tests hold it.
"""

import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from klweb.sitegen.serve import Server
from klweb.sitegen.writer import policy
from klweb.widgets import WIDGETS
from tests.browser.hostile import (
    ENCODED,
    LOOK_AROUND,
    MARKUP,
    STRANGER,
    TEXTS,
    Tags,
    alarmed,
    faults,
    faults_of_a_file,
    unharmed,
)
from tests.browser.learning import CHOICE, ELBO, KL, MAP, NUMERIC, READ, Question, button, goal, keep, stored
from tests.browser.support import Listening, Opener, Reader, Studio, ask, preset, until

pytestmark = pytest.mark.browser


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


def test_every_page_has_the_policy_and_nothing_that_it_would_have_to_stop(site: Path) -> None:
    front = (site / "index.html").read_text(encoding="utf-8")
    base = re.search(r'<link rel="canonical" href="([^"]*)"', front)
    expected = policy(base[1] if base else "")
    pages = sorted(set(site.rglob("*.html")) - set(site.glob("offline/*.html")))
    assert len(pages) > 200
    found = {
        str(page.relative_to(site)): problems
        for page in pages
        if (problems := list(faults(page.read_text(encoding="utf-8"), expected)))
    }
    assert not found


def test_every_file_that_opens_from_disk_runs_its_own_script_and_asks_nobody(site: Path) -> None:
    files = sorted(site.glob("offline/*.html"))
    assert {file.stem for file in files} == set(WIDGETS)
    found = {file.name: problems for file in files if (problems := list(faults_of_a_file(file.read_text("utf-8"))))}
    assert not found


def test_pictures_that_may_be_opened_alone_hold_no_script(site: Path) -> None:
    pictures = list(site.rglob("*.svg"))
    assert pictures
    for picture in pictures:
        tags = Tags(picture.read_text(encoding="utf-8")).found
        assert not {"script", "foreignobject", "animate", "set", "use", "style"} & {tag for tag, _ in tags}, picture
        names = {name for _, attrs in tags for name in attrs}
        assert not [name for name in names if name.startswith("on") or "href" in name], picture


# ── the alarm, and the policy behind everything else ─────────────────────────────────────────


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """Return a server of another origin that remembers what it was asked for."""
    folder = tmp_path_factory.mktemp("stranger")
    files = {"x.js": "klwebRan('x.js')", "x.css": "p{}", "x.html": "<p>Here I am.</p>", "x.json": "{}"}
    for name, text in files.items():
        (folder / name).write_text(text)
    with Listening(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_alarm_rings_where_markup_gets_in(open_page: Opener) -> None:
    for text in MARKUP:
        # A page of its own: one of them sets out for elsewhere.
        reader = alarmed(open_page(python=False))
        reader.page.context.route(f"{STRANGER}/**", lambda route: route.abort())
        reader.visit("404.html").page.evaluate(
            "text => document.body.append(document.createRange().createContextualFragment(text))", text
        )
        until(reader.page, partial(heard, reader, "injected"), f"the alarm rings for {text}", 5)
        assert not [item for item in reader.take_problems() if item.startswith("a script ran")], text
        reader.allow(".")  # what was to be heard was heard


# What somebody would try who had found a way in after all: (JavaScript, the directive that stops it).
MAKE = """const add = (tag, values) => {
  const element = Object.assign(document.createElement(tag), values);
  document.body.append(element);
  return element;
};"""
BREAKS = {
    "inline script": ("add('script', {text: 'klwebRan(1)'})", "script-src-elem"),
    "module": ("add('script', {type: 'module', text: 'klwebRan(1)'})", "script-src-elem"),
    "handler": ("add('img', {src: 'data:,'}).setAttribute('onerror', 'klwebRan(1)')", "script-src-attr"),
    "link": ("add('a', {href: 'javascript:klwebRan(1)'}).click()", "script-src-elem"),
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
    "fetch": ("fetch(there + 'x.json').catch(() => {})", "connect-src"),
    "beacon": ("navigator.sendBeacon(there + 'x.json', document.title)", "connect-src"),
    "socket": ("try { new WebSocket(there.replace('http', 'ws')) } catch {}", "connect-src"),
    "events": ("new EventSource(there + 'x.json')", "connect-src"),
    "ping": ("add('a', {href: '#x', ping: there + 'x.json'}).click()", "connect-src"),
    "form": ("add('form', {action: there + 'x.html'}).submit()", "form-action"),
    "base": ("add('base', {href: there})", "base-uri"),
}


def heard(reader: Reader, what: str) -> bool:
    return any(what in item for item in reader.problems)


def test_the_policy_stops_what_got_in(open_page: Opener, stranger: Listening) -> None:
    reader = alarmed(open_page(python=False))
    stranger.asked.clear()
    missed = []
    for path in ("about/", "embed/asymmetry/", "offline/asymmetry.html"):
        reader.visit(path)
        for name, (attempt, directive) in BREAKS.items():
            reader.take_problems()
            # In a task of the page's own: what a debugger runs is not held to a page's policy.
            task = f"{MAKE} {attempt}; setTimeout(done)"
            reader.page.evaluate(f"there => new Promise(done => setTimeout(() => {{ {task} }}))", stranger.url)
            wanted = f"policy: {directive} "
            try:
                until(reader.page, partial(heard, reader, wanted), name, 2)
            except AssertionError:
                missed.append(f"{path} {name}: {reader.problems}")
            assert not [item for item in reader.problems if item.startswith("a script ran")], name
    assert not missed, "\n".join(missed)
    assert stranger.asked == []
    reader.allow(".")  # what was to be heard was heard


# ── everything that can be typed ─────────────────────────────────────────────────────────────

TYPE = """async texts => {
  const fields = [...document.querySelectorAll("input, textarea, select")].filter(one => one.type !== "file");
  for (const [index, field] of fields.entries()) {
    // Number fields and sliders take no such text; a browser that knew neither would show them as fields for text.
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
    assert fields > (2 if shown else 0)
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
            await new Promise(done => setTimeout(done, 12));
          }
        }""",
        list(fragments),
    )


def test_no_state_in_an_address_gets_in(live: Reader) -> None:
    figure = live.visit().figure("asymmetry").live()
    for text, encoded in zip(TEXTS, ENCODED, strict=True):
        goes(live, f"asymmetry={text}", f"{encoded}={encoded}", f"asymmetry=p:{encoded},1;q:1,1")
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
    goes(live, *(f"apart={text}&surprise={text}&pair=p:{text},1;q:1,{text}" for text in ENCODED))
    goes(live, *(f"pair={text}" for text in ENCODED[::3]), "pair=__proto__:1")
    unharmed(live)
    goes(live, "pair=p:0.5,0.5;q:0.25,0.75")
    until(live.page, lambda: figure.look()["readouts"]["kl_pq"]["text"].startswith("0.2075"), "the pair is shown")
    unharmed(live)


def test_no_question_in_an_address_gets_in(plain: Reader) -> None:
    page = plain.visit(KL).page
    question = Question(page, CHOICE)
    until(page, lambda: question.find("fieldset:not([disabled])").count() > 0, "questions come to life", 15)
    goes(plain, *(f"practice={name}:{text}" for text in ENCODED for name in (CHOICE, text)))
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


def test_no_option_of_an_embed_gets_in(plain: Reader) -> None:
    figure = plain.figure("asymmetry")
    for number, (one, other) in enumerate(pairwise([*ENCODED, ENCODED[0]])):
        option = "preset" if number % 2 else "state"
        query = f"{option}={one}&theme={other}&hide={one},p&lock=q,{other}&ask={one}&{one}={other}"
        plain.visit(f"embed/asymmetry/?{query}#{one}")
        figure.says("no example|can’t be shown|could not be")
        assert plain.page.locator("html").get_attribute("data-theme") is None
        expect(figure.find('[data-list="p"]')).to_be_hidden()
        unharmed(plain)
    figure.preset("identical").click()
    figure.shows(preset("asymmetry", "identical"))
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
  const types = ["state", "preset", "set", "set-state", "set-preset", "load", "eval", "start", "call", "answer",
    "ready", "error", "resize", "config", "__proto__"];
  for (const text of texts) {
    send(text);
    send(JSON.stringify({source: "klweb", type: text, state: text}));
    send({[text]: text, source: text, type: text});
    for (const type of types) {
      send({source: "klweb", target: "klweb", widget: "asymmetry", type, tag: type, op: text, id: text, name: text,
        value: text, state: text, preset: text, text, message: text, link: text, url: text, image: {url: text}});
      send({source: "klweb", type, state: {p: [text, 1], q: text, edit: text, [text]: text}, preset: [text]});
      send({source: "klweb", type, state: JSON.parse('{"__proto__": {"polluted": 1}, "p": {"length": 1e9}}')});
    }
    await new Promise(done => setTimeout(done));
  }
  const round = []; round.push(round);
  const {port1} = new MessageChannel();
  const many = Array(1e5).fill({source: "klweb"});
  for (const odd of [null, undefined, NaN, -0, 1n, new Date(NaN), /x/, new Map([[round, round]]), round, many,
    new ArrayBuffer(8), new Blob(["klwebRan(1)"]), new Error("x"), "x".repeat(1e6)]) {
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
        names = [text]
        parts = {"known": names}, {"goals": names}, {"practice": {text: RECORD}}, {"unknown": {"known": names}}
        yield from (json.dumps({"version": 1} | part) for part in parts)
        yield json.dumps({"version": text, "known": text, "goals": {text: text}, "practice": names})
        yield json.dumps({"version": 1, "practice": {NUMERIC: dict.fromkeys(RECORD, text)}})
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
    # A name that a topic could have is kept, at each of its four places, and nothing else is.
    assert len([text for text in said if "Nothing has changed." not in text]) == 4, said
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
        texts = (encoded, f"1_{encoded}", f"1__{encoded}_", f"1___{encoded}~1~1~1~1~1~1")
        goes(plain, *(f"learner={text}" for text in texts))
        expect(arrived).to_be_visible()
        assert "learner" not in page.evaluate("location.hash")
    goes(plain, "learner=1_counting__")
    expect(arrived).to_contain_text("1 topic known.")
    button(page, "Not now").click()
    assert not stored(page).get("known")
    unharmed(plain)


@pytest.mark.parametrize("kind", ["texts", "names", "kinds"])
def test_nothing_that_somebody_put_into_the_storage_gets_in(open_page: Opener, kind: str) -> None:
    names = {"known": TEXTS, "goals": TEXTS, "practice": dict.fromkeys(TEXTS, RECORD)}
    record = {NUMERIC: dict.fromkeys(RECORD, TEXTS[1])}
    marks = {
        "texts": TEXTS[0],
        "names": json.dumps({"version": 1, **names, "known": [*TEXTS, "counting"], "unknown": names}),
        "kinds": json.dumps({"version": 1, "known": {"length": 2, "0": TEXTS}, "goals": TEXTS[0], "practice": record}),
    }
    reader = alarmed(open_page(python=False, reduced_motion="reduce"))
    keep(reader, marks[kind])
    for key in ("klweb-theme", "klweb-offline"):
        reader.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, TEXTS[1]])
    for path in (MAP, "practice/") if kind == "names" else (MAP,):
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


# ── what is kept ─────────────────────────────────────────────────────────────────────────────

KEPT = """async () => ({
  local: Object.keys(localStorage).sort(),
  session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).map(({name}) => name),
  cookies: document.cookie,
})"""
READ_KEYS = """{
  const {getItem} = Storage.prototype;
  window.keysRead = [];
  Storage.prototype.getItem = function (key) { keysRead.push(key); return getItem.call(this, key); };
}"""


def test_nothing_is_kept_but_a_readers_own_choices(open_page: Opener) -> None:
    reader = open_page(python=False, reduced_motion="reduce").visit(MAP)
    page = reader.page
    button(page, "Graduate").click()
    goal(page, "elbo").click()
    for path in ("", "six-ways/", "practice/", KL, "embed/asymmetry/"):
        reader.visit(path)
    reader.visit().page.locator("#theme").select_option("dark")
    kept = page.evaluate(KEPT)
    assert kept == {"local": ["klweb-theme", "klweb.learner"], "session": [], "databases": [], "cookies": ""}
    assert page.context.cookies() == []


def test_an_embed_never_reads_a_readers_marks(open_page: Opener) -> None:
    reader = open_page(python=False, init=READ_KEYS)
    keep(reader, {"version": 1, "known": ["counting"], "goals": ["elbo"], "practice": {}})
    figure = reader.visit("embed/topic-map/").figure("topic-map").ready()
    figure.preset("fractions").click()
    figure.shows(preset("topic-map", "fractions"))
    assert set(reader.page.evaluate("keysRead")) <= {"klweb-theme", "klweb-offline"}
    expect(reader.visit(MAP).page.locator("[data-goals]")).to_contain_text(ELBO)
    assert "klweb.learner" in reader.page.evaluate("keysRead")
