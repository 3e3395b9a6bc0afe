"""The site without a network: kept whole, never mixed with another release, taken back at a word, and never missed."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import klweb
from klweb.sitegen import offline
from tests.browser.support import PAGES, PREFIX, Figure, Listening, Opener, Reader, after, preset, put, until

pytestmark = pytest.mark.browser

BROWSER = Path(klweb.__file__).parent / "browser"
LINE = "[data-offline]"
HASHED = re.compile(r"[./-][0-9a-f]{10,12}[./]")
# What tests without a network bring about themselves, in the browser's words.
UNREACHABLE = r"ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_CONNECTION|WebSocket"


@pytest.fixture(scope="module")
def small(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site without most pages about topics, which are three quarters of its files, and all of a kind."""
    folder = tmp_path_factory.mktemp("release") / "small"
    shutil.copytree(site, folder)
    for page in (folder / "topics").glob("*/index.html"):
        if page.parent.name != "kl-divergence":
            shutil.rmtree(page.parent)
    list_anew(folder)
    return folder


@pytest.fixture
def release(request: pytest.FixtureRequest, site: Path, small: Path) -> Path:
    """Return what is served: the small site, if a test asks for nothing else."""
    return site if getattr(request, "param", "small") == "whole" else small


@pytest.fixture
def visit(open_page: Opener, served: Listening) -> Callable[..., Reader]:
    """Return what opens a page of the served copy in a new browser profile."""

    def visit(path: str = "about/", width: int = 1280, **options: Any) -> Reader:
        reader = open_page(width, url=served.url, reduced_motion="reduce", service_workers="allow", **options)
        reader.allow(UNREACHABLE)
        return reader.visit(path)

    return visit


def kept(reader: Reader) -> Reader:
    """Wait until the page says that it works offline."""
    expect(reader.page.locator(LINE)).to_contain_text("offline on this device", timeout=45_000)
    return reader


def cache_names(reader: Reader) -> list[str]:
    names: list[str] = reader.page.evaluate("caches.keys()")
    return names


def listed(folder: Path) -> dict[str, Any]:
    """Read the list of a release from its worker."""
    head = (folder / offline.NAME).read_text("utf-8").split(";\n", 1)[0]
    found: dict[str, Any] = json.loads(head.removeprefix("self.list="))
    return found


def wanted(reader: Reader, folder: Path) -> dict[str, int]:
    """Return what is to be kept, with its size there: of a file in several encodings the smallest, and that decoded."""
    decodes = "name => { try { return Boolean(new DecompressionStream(name)); } catch { return false; } }"
    files = listed(folder)["files"]
    encoded = {path: entry for path, entry in files.items() if entry[2:]}
    readable = [path for path, entry in encoded.items() if reader.page.evaluate(decodes, entry[2])]
    best = min(readable, key=lambda path: encoded[path][0])
    return {
        path: entry[-1] if path == best else entry[0]
        for path, entry in files.items()
        if path not in encoded or path == best
    }


def list_anew(folder: Path, moved: tuple[str, str] = ("", "")) -> None:
    """Write the list of a release again, of those of its files that are there still or have moved."""
    before = {path.replace(*moved): entry for path, entry in listed(folder)["files"].items()}
    keep = {f"{path}index.html" if re.search(r"(^|/)$", path) else path for path in before}
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    del files[offline.NAME]
    encodings = {path: tuple(entry[2:]) for path, entry in before.items() if entry[2:]}
    (folder / offline.NAME).write_bytes(offline.script(files, BROWSER, {*files} - keep, encodings))


def release_anew(folder: Path, mark: str) -> None:
    """Put another release in place of the one that is served: other pages, and other names for style and scripts."""
    (old,) = (folder / "static").iterdir()
    new = old.rename(old.with_name(sha256(mark.encode()).hexdigest()[:12]))
    for page in folder.rglob("*.html"):
        text = page.read_text("utf-8").replace(f"static/{old.name}/", f"static/{new.name}/")
        page.write_text(text.replace("</title>", f" {mark}</title>", 1), "utf-8")
    list_anew(folder, (f"static/{old.name}/", f"static/{new.name}/"))


def forget_http_cache(reader: Reader) -> None:
    """Empty the browser's own cache, as time would."""
    reader.cdp("Network.clearBrowserCache")


def drag(figure: Figure) -> None:
    """Do something to a figure that Python answers, and see the answer."""
    figure.ready()
    figure.field("morph").fill("0.01")
    figure.field("morph").press("Enter")
    figure.shows(after("wasted-bits", put("morph", 0.01)))


def waits(reader: Reader) -> None:
    """Wait until the browser has found and kept a newer release, which stands behind the present one."""
    look = "navigator.serviceWorker.ready.then(({waiting}) => Boolean(waiting))"
    until(reader.page, lambda: reader.page.evaluate(look) or "no release waits", "a newer release waits")


# ── it keeps ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("release", ["whole"], indirect=True)
def test_after_one_visit_the_whole_site_works_offline(visit: Callable[..., Reader], served: Listening) -> None:
    reader = kept(visit())
    found = listed(served.site)
    size = sum(wanted(reader, served.site).values())
    words = f"This site now works offline on this device ({size / 1e6:.1f} MB)."
    expect(reader.page.locator(LINE)).to_contain_text(words)
    assert cache_names(reader) == [f"klweb {PREFIX} {found['id']}"]
    reader.page.context.set_offline(True)
    pages = [path for path in found["files"] if re.search(r"(^|/)$", path)]
    assert {*PAGES} <= {*pages}
    # All that is listed is there; of the many pages about topics one in ten is looked at.
    missing = "paths => Promise.all(paths.map(async path => (await caches.match(path)) ? '' : path))"
    assert not "".join(reader.page.evaluate(missing, [served.url + path for path in wanted(reader, served.site)]))
    for path in {*PAGES, *pages[::10]}:
        reader.visit(path)
        expect(reader.page.locator("h1").first).not_to_be_empty()
    # Python included, with an address that the first visit never had.
    figure = reader.visit("#wasted-bits=dyadic").figure("wasted-bits")
    figure.shows(preset("wasted-bits", "dyadic"))
    figure.reset()
    drag(figure)
    # Now it is nothing new, and is not said aloud.
    kept(reader)
    expect(reader.page.locator(LINE)).to_contain_text("This site works offline")
    assert reader.page.locator(f"{LINE} span").get_attribute("role") is None


def test_addresses_as_people_type_them_work_offline(visit: Callable[..., Reader]) -> None:
    reader = kept(visit())
    reader.page.context.set_offline(True)
    for path in ("entropy", "entropy/index.html", "entropy/?theme=dark"):
        reader.visit(path)
        expect(reader.page).to_have_title(re.compile("entropy"))


def test_every_file_is_fetched_once(visit: Callable[..., Reader], served: Listening) -> None:
    reader = visit("")
    drag(reader.figure("wasted-bits"))
    kept(reader)
    # What the page has used comes from the browser's own cache; pages are asked for again.
    counts = Counter(path for path in served.asked if HASHED.search(path))
    assert set(counts) >= {path for path in wanted(reader, served.site) if HASHED.search(path)}
    assert max(counts.values()) == 1, counts.most_common(3)
    # A later visit asks for its page, and whether there is a newer release.
    forget_http_cache(reader)
    served.asked.clear()
    drag(kept(reader.visit("")).figure("wasted-bits"))
    assert set(served.asked) <= {"", offline.NAME}


def test_the_first_page_goes_on_without_a_network(visit: Callable[..., Reader]) -> None:
    reader = kept(visit(""))
    reader.page.context.set_offline(True)
    drag(reader.figure("wasted-bits"))


def test_two_tabs_go_on_without_a_network(visit: Callable[..., Reader]) -> None:
    reader = kept(visit(""))
    other = Reader(reader.page.context.new_page(), reader.url).visit("")
    kept(other)
    reader.page.context.set_offline(True)
    for tab in (reader, other):
        tab.page.bring_to_front()
        drag(tab.figure("wasted-bits"))


def test_an_embed_keeps_nothing_but_profits(visit: Callable[..., Reader]) -> None:
    reader = visit("embed/wasted-bits/")
    drag(reader.figure("wasted-bits"))
    assert reader.page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
    kept(reader.visit("about/"))
    reader.page.context.set_offline(True)
    drag(reader.visit("embed/wasted-bits/").figure("wasted-bits"))


def test_where_bytes_are_dear_it_waits_for_python(visit: Callable[..., Reader]) -> None:
    reader = visit("", init="Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    reader.figure("wasted-bits").ready()
    reader.page.wait_for_timeout(6000)
    assert cache_names(reader) == []
    drag(reader.figure("wasted-bits"))
    kept(reader)


# ── it never mixes ───────────────────────────────────────────────────────────────────────────


def test_an_update_is_taken_with_the_next_visit(visit: Callable[..., Reader], served: Listening) -> None:
    old = kept(visit(""))
    first = listed(served.site)["id"]
    release_anew(served.site, "second edition")
    second = listed(served.site)["id"]
    forget_http_cache(old)
    served.asked.clear()

    new = Reader(old.page.context.new_page(), old.url).visit("about/")
    expect(new.page).to_have_title(re.compile("second edition"))
    waits(new)
    # What both releases have is not fetched again.
    assert not [path for path in served.asked if path.startswith(("runtime/", "data/", "fonts/"))]
    # Under nobody's hands: the old page has all its files still, though the server has them no more.
    assert set(cache_names(new)) == {f"klweb {PREFIX} {first}", f"klweb {PREFIX} {second}"}
    old.page.context.set_offline(True)
    old.page.bring_to_front()
    drag(old.figure("wasted-bits"))
    # And the new page finds its own, though the worker in charge is the old one.
    new.page.bring_to_front()
    assert new.page.evaluate("fetch(document.querySelector('link[rel=stylesheet]').href).then(({ok}) => ok)")
    # A page opened now is of one release, with style and scripts.
    page = Reader(old.page.context.new_page(), old.url).visit("")
    drag(page.figure("wasted-bits"))
    assert page.page.evaluate("document.styleSheets.length > 0 && document.styleSheets[0].cssRules.length > 0")
    page.page.close()

    # Once nobody reads the old one it goes: seen from a place of the same origin that is none of the site's.
    old.page.context.set_offline(False)
    last = Reader(old.page.context.new_page(), old.url)
    old.allow("HTTP 404")
    last.page.goto(old.url.removesuffix(PREFIX) + "/")
    old.page.close()
    new.page.close()
    # Chromium lets go of a worker that has nothing to do any more after half a minute.
    only = [f"klweb {PREFIX} {second}"]
    until(last.page, lambda: cache_names(last) == only or cache_names(last), "one release is left", 90)
    kept(last.visit("about/"))
    last.page.context.set_offline(True)
    last.visit("")
    expect(last.page).to_have_title(re.compile("second edition"))
    drag(last.figure("wasted-bits"))


def test_a_release_that_is_not_all_there_replaces_nothing(visit: Callable[..., Reader], served: Listening) -> None:
    reader = kept(visit())
    before = (served.site / "entropy" / "index.html").read_bytes()
    release_anew(served.site, "second edition")
    # As while a host is still taking a new release in: one page is of the old one.
    (served.site / "entropy" / "index.html").write_bytes(before)
    forget_http_cache(reader)
    reader.page.evaluate("navigator.serviceWorker.ready.then(registration => registration.update()).catch(() => {})")
    look = "navigator.serviceWorker.ready.then(({installing}) => Boolean(installing))"
    until(reader.page, lambda: reader.page.evaluate(look) is False, "the attempt is over")
    assert reader.page.evaluate("navigator.serviceWorker.ready.then(({waiting}) => waiting)") is None
    reader.page.context.set_offline(True)
    reader.visit("entropy/")
    expect(reader.page).not_to_have_title(re.compile("second edition"))


# ── it can be taken back ─────────────────────────────────────────────────────────────────────


def test_a_reader_can_take_it_back_and_change_their_mind(visit: Callable[..., Reader]) -> None:
    reader = kept(visit())
    line, button = reader.page.locator(LINE), reader.page.locator(f"{LINE} button")
    expect(button).to_have_accessible_name("Remove")
    button.focus()
    reader.page.keyboard.press("Enter")
    expect(line).to_contain_text("no longer kept")
    expect(button).to_be_focused()
    assert cache_names(reader) == []
    # The choice holds.
    reader.visit("entropy/")
    expect(line).to_contain_text("not kept for offline use")
    assert reader.page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
    button.click()
    kept(reader)
    reader.page.context.set_offline(True)
    drag(reader.visit("").figure("wasted-bits"))


def test_removed_and_kept_again_on_one_page(visit: Callable[..., Reader]) -> None:
    reader = kept(visit())
    button = reader.page.locator(f"{LINE} button")
    for _ in range(2):
        button.click()
        expect(reader.page.locator(LINE)).to_contain_text("no longer kept")
        button.click()
        kept(reader)
    reader.page.context.set_offline(True)
    drag(reader.visit("").figure("wasted-bits"))


# ── it is never missed ───────────────────────────────────────────────────────────────────────

THROWS = "{get() { throw new DOMException('not here', 'SecurityError'); }}"
WITHOUT = {
    "no-service-workers": "delete Navigator.prototype.serviceWorker",
    "service-workers-throw": f"Object.defineProperty(Navigator.prototype, 'serviceWorker', {THROWS})",
    "caches-throw": f"Object.defineProperty(globalThis, 'caches', {THROWS})",
    "no-registration": "ServiceWorkerContainer.prototype.register = async () => { throw new DOMException('private') }",
    "storage-throws": f"Object.defineProperty(globalThis, 'localStorage', {THROWS});"
    "ServiceWorkerContainer.prototype.register = async () => { throw new DOMException('private') }",
}


@pytest.mark.parametrize("init", WITHOUT.values(), ids=WITHOUT)
def test_without_it_everything_works_as_on_a_first_visit(visit: Callable[..., Reader], init: str) -> None:
    reader = visit("", init=init)
    drag(reader.figure("wasted-bits"))
    reader.page.wait_for_timeout(500)
    expect(reader.page.locator(LINE)).to_be_hidden()


def test_a_full_device_is_left_alone(visit: Callable[..., Reader]) -> None:
    reader = visit("")
    origin = re.sub(r"(://[^/]+).*", r"\1", reader.url)
    # For as long as the session lasts.
    session = reader.page.context.new_cdp_session(reader.page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 200_000})
    said: list[str] = []
    reader.page.on("console", lambda message: said.append(message.text))
    drag(reader.figure("wasted-bits"))
    until(reader.page, lambda: any("not kept for offline use" in text for text in said) or said, "it gives up")
    expect(reader.page.locator(LINE)).to_be_hidden()
    assert reader.page.evaluate("caches.keys().then(names => names.length)") <= 1


@pytest.mark.parametrize("gone", ["all", "some"])
def test_what_the_browser_threw_away_comes_from_the_network(visit: Callable[..., Reader], gone: str) -> None:
    reader = kept(visit())
    reader.visit("")
    throw_away(reader.page, gone)
    drag(reader.figure("wasted-bits"))
    kept(reader.visit(""))
    # And is kept again.
    reader.page.context.set_offline(True)
    drag(reader.visit("").figure("wasted-bits"))


def throw_away(page: Page, gone: str) -> None:
    page.evaluate(
        """async gone => {
          for (const name of await caches.keys()) {
            if (gone === "all") await caches.delete(name);
            const cache = await caches.open(name);
            for (const {url} of await cache.keys()) if (/runtime|data/.test(url)) await cache.delete(url);
          }
          if (gone === "all") for (const name of await caches.keys()) await caches.delete(name);
        }""",
        gone,
    )


def test_a_kept_file_that_went_bad_stops_nobody(visit: Callable[..., Reader]) -> None:
    reader = kept(visit())
    reader.page.evaluate(
        """async () => {
          const cache = await caches.open((await caches.keys())[0]);
          for (const {url} of await cache.keys()) {
            if (url.includes("/runtime/")) await cache.put(url, new Response("damaged"));
          }
        }"""
    )
    drag(reader.visit("").figure("wasted-bits"))


def test_a_kept_python_that_was_altered_is_not_used(visit: Callable[..., Reader], served: Listening) -> None:
    """One bit of its data is another: it compiles, and would answer, perhaps wrongly."""
    reader = kept(visit(""))
    reader.page.evaluate(
        """async () => {
          const cache = await caches.open((await caches.keys())[0]);
          const {url} = (await cache.keys()).find(({url}) => url.includes("/runtime/python."));
          const bytes = new Uint8Array(await (await cache.match(url)).arrayBuffer());
          bytes[bytes.length - 1000] ^= 1;
          await cache.put(url, new Response(bytes, {headers: {"Content-Type": "application/wasm"}}));
        }"""
    )
    served.asked.clear()
    drag(reader.visit("").figure("wasted-bits"))
    assert any(path.startswith("runtime/manifest.") for path in served.asked), "Pyodide was booted whole"


# ── back and forward ─────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def remembering(launch: Callable[..., Browser]) -> Iterator[Browser]:
    """Return a Chromium with the back/forward cache that Playwright switches off."""
    browser = launch(ignore_default_args=["--disable-back-forward-cache"])
    yield browser
    browser.close()


def test_a_page_from_the_back_forward_cache_goes_on(visit: Callable[..., Reader], remembering: Browser) -> None:
    reader = visit("", browser=remembering)
    figure = reader.figure("wasted-bits")
    drag(figure)
    kept(reader)
    reader.page.evaluate("document.documentElement.dataset.test = 'the same page'")
    reader.page.goto(reader.url + "entropy/")
    # Restored pages fire no load.
    reader.page.go_back(wait_until="commit")
    until(reader.page, lambda: reader.page.title() == "KL divergence", "the page is back")
    why = reader.page.evaluate("JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons)")
    assert reader.page.evaluate("document.documentElement.dataset.test") == "the same page", why
    figure.slider("morph").focus()
    reader.page.keyboard.press("ArrowRight")
    figure.shows(after("wasted-bits", put("morph", 0.02)))
