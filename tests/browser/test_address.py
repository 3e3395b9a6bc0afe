"""States in the address: links, broken links, hostile links, and the way back."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from klweb.sitegen.serve import Server
from klweb.widgets import WIDGETS
from tests.browser.support import NAMES, Opener, Reader, after, ask, preset, put, until

pytestmark = pytest.mark.browser

CUSTOM = [
    ("asymmetry", "edit:p;p:0.5,0.25,0.25;q:0.25,0.25,0.5"),
    ("asymmetry", "edit:q;p:0.9,0.1;q:0.01,0.99"),
    ("asymmetry", "p:1,0;q:0,1"),
    ("asymmetry", "p:1;q:1"),
    ("asymmetry", "p:" + ",".join(["1"] * 12) + ";q:" + ",".join(map(str, range(12)))),
    ("asymmetry", "p:1e-300,1;q:1,1e-300"),
    ("asymmetry", "p:0.123457,0.876543;q:0.333333,0.666667"),
    ("wasted-bits", "morph:0.37;source:english;block:1"),
    ("wasted-bits", "morph:0.5;source:six;block:3"),
    ("wasted-bits", "morph:0.62;source:dyadic;block:2"),
    ("wasted-bits", "morph:0;source:uniform;block:3"),
    ("gaussians", "mu_p:-4;sigma_p:0.25;mu_q:4;sigma_q:0.25"),
    ("gaussians", "mu_p:0.1;sigma_p:3;mu_q:0.3;sigma_q:2.95"),
    ("gaussians", "mu_p:1.234567;sigma_p:0.777;mu_q:-3.21;sigma_q:1.111"),
    ("gaussians", "mu_p:0;sigma_p:1;mu_q:2;sigma_q:1.5;pressed:swap-means"),
]

# (widget, what stands after "=", part of what is said)
BROKEN = [
    ("asymmetry", "<script>alert(1)</script>", "no example"),
    ("asymmetry", "p:<script>alert(1)</script>,1;q:1,1", "number"),
    ("asymmetry", "<img src=x onerror=alert(1)>", "no example"),
    ("asymmetry", "p:nan,1;q:1,1", "nan"),
    ("asymmetry", "p:inf,1;q:1,1", "inf"),
    ("asymmetry", "p:-1,2;q:1,1", "negative"),
    ("asymmetry", "p:0,0;q:1,1", "all 0"),
    ("asymmetry", "p:;q:", "number|empty"),
    ("asymmetry", "__proto__:1", "no control"),
    ("asymmetry", "constructor", "no example"),
    ("asymmetry", "foo:1;bar:2", "no control"),
    ("asymmetry", "x" * 10_000, "no example"),
    ("asymmetry", "p:" + "1," * 5000, "too long|room"),
    ("asymmetry", "a-preset-that-is-gone", "a-preset-that-is-gone"),
    ("asymmetry", "", "no example|empty"),
    ("asymmetry", "%", "no example"),
    ("asymmetry", "%E0%A4%A", "no example"),
    ("wasted-bits", "morph:2", "2"),
    ("wasted-bits", "source:klingon", "klingon"),
    ("gaussians", "sigma_q:0", "0"),
    ("gaussians", "sigma_q:1e400", "finite|1e400"),
    ("gaussians", "mu_p:0;mu_p", "mean of p|number|empty"),
]


def go(reader: Reader, fragment: str) -> None:
    """Put a fragment into the address, as a link on the page would."""
    reader.page.evaluate("hash => { location.hash = hash; }", fragment)


def test_a_deep_link_opens_a_state_of_ones_own(open_page: Opener) -> None:
    text = "edit:p;p:0.5,0.25,0.25;q:0.25,0.25,0.5"
    reader = open_page().visit(f"#asymmetry={text}&gaussians=wide-model")
    figure = reader.figure("asymmetry")
    figure.shows(ask(op="decode", widget="asymmetry", text=text))
    reader.figure("gaussians").shows(preset("gaussians", "wide-model"))
    reader.figure("wasted-bits").shows(preset("wasted-bits"))
    assert figure.look()["pressed"] == []
    expect(figure.picture).to_be_in_viewport()


@pytest.mark.parametrize(("widget", "text"), CUSTOM)
def test_the_worker_and_cpython_agree_on_linked_states(live_desk: Reader, widget: str, text: str) -> None:
    figure = live_desk.figure(widget).reset()
    answer = ask(op="decode", widget=widget, text=text)
    assert answer["ok"], "the case is wrong"
    go(live_desk, f"{widget}={text}")
    figure.shows(answer)
    figure.says_nothing()
    # A table is printed from doubles too: in every cell what CPython prints.
    cells = [cell for row in answer["view"]["table"]["rows"] for cell in row]
    assert figure.find("table[data-table] tbody :is(th, td)").all_text_contents() == cells


@pytest.mark.parametrize(("widget", "name"), [("asymmetry", "support-mismatch"), ("gaussians", "far-apart")])
def test_a_preset_link_needs_no_python(open_page: Opener, widget: str, name: str) -> None:
    reader = open_page(python=False).visit(f"#{widget}={name}")
    reader.figure(widget).shows(preset(widget, name))
    assert reader.figure(widget).look()["pressed"] == [name]


@pytest.mark.parametrize(("widget", "text", "words"), BROKEN)
def test_a_broken_link_shows_the_default_and_says_so(live_desk: Reader, widget: str, text: str, words: str) -> None:
    figure = live_desk.figure(widget).reset()
    encoded = text if text.startswith("%") else quote(text, safe=":;,")
    go(live_desk, f"{widget}={encoded}")
    message = figure.says(words)
    figure.shows(preset(widget))
    assert len(message) < 400
    assert figure.notice.locator("script, img").count() == 0


@pytest.mark.parametrize("text", ["%3Cscript%3Ealert(1)%3C/script%3E", "x" * 10_000, "gone-since-last-year"])
def test_a_broken_link_shows_the_default_at_once_and_without_python(open_page: Opener, text: str) -> None:
    reader = open_page(python=False).visit(f"#asymmetry={text}")
    figure = reader.figure("asymmetry")
    figure.says("no example")
    figure.shows(preset("asymmetry"))
    assert figure.look()["pressed"] == [WIDGETS["asymmetry"].presets[0].name]


def test_a_broken_state_is_told_once_python_has_read_it(open_page: Opener) -> None:
    reader = open_page().visit("#asymmetry=p:nan,1;q:1,1")
    figure = reader.figure("asymmetry")
    figure.says("nan")
    figure.shows(preset("asymmetry"))


@pytest.mark.parametrize("fragment", ["nosuch=1", "=", "&&&", "asymmetry", "__proto__=x", "%", "two-answers"])
def test_what_is_no_state_is_left_alone(open_page: Opener, fragment: str) -> None:
    reader = open_page(python=False).visit(f"#{fragment}")
    for widget in NAMES:
        reader.figure(widget).shows(preset(widget))
        assert reader.figure(widget).look()["notice"] == ""


def test_back_and_forward_go_through_presets(open_page: Opener) -> None:
    reader = open_page(python=False).visit()
    figure, page = reader.figure("asymmetry"), reader.page
    for name in ("mirror-image", "identical"):
        figure.preset(name).click()
        figure.shows(preset("asymmetry", name))
    other = reader.figure("gaussians")
    other.preset("far-apart").click()
    other.shows(preset("gaussians", "far-apart"))
    page.go_back()
    other.shows(preset("gaussians"))
    figure.shows(preset("asymmetry", "identical"))
    page.go_back()
    figure.shows(preset("asymmetry", "mirror-image"))
    page.go_back()
    figure.shows(preset("asymmetry"))
    assert figure.look()["pressed"] == [WIDGETS["asymmetry"].presets[0].name]
    page.go_forward()
    figure.shows(preset("asymmetry", "mirror-image"))
    page.go_forward()
    page.go_forward()
    figure.shows(preset("asymmetry", "identical"))
    other.shows(preset("gaussians", "far-apart"))


def test_back_takes_back_a_pressed_button(live_desk: Reader) -> None:
    figure = live_desk.figure("gaussians").reset()
    figure.preset("shifted-and-wider").click()
    figure.button("swap-variances").click()
    swapped = after("gaussians", {"type": "press", "name": "swap-variances"})
    figure.shows(swapped)
    live_desk.page.go_back()
    figure.shows(preset("gaussians"))
    live_desk.page.go_forward()
    figure.shows(ask(op="decode", widget="gaussians", text=swapped["link"]))


def test_the_address_of_a_state_opens_that_state(live_desk: Reader) -> None:
    figure = live_desk.figure("asymmetry").reset()
    figure.handle("q.0").focus()
    live_desk.page.keyboard.press("End")
    answer = after("asymmetry", put("q.0", 1))
    figure.shows(answer)
    until(live_desk.page, lambda: "asymmetry=" in figure.look()["hash"], "the address has the state")
    address = str(figure.look()["hash"])
    figure.reset()
    go(live_desk, address)
    figure.shows(ask(op="decode", widget="asymmetry", text=answer["link"]))


def test_a_page_stays_whole_where_storage_throws(open_page: Opener) -> None:
    broken = """for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"])
        Object.defineProperty(window, name, {get() { throw new DOMException("denied", "SecurityError"); }});"""
    reader = open_page(init=broken).visit()
    figure = reader.figure("asymmetry")
    figure.preset("mirror-image").click()
    figure.shows(preset("asymmetry", "mirror-image"))
    theme = reader.page.locator("#theme")
    theme.select_option("dark")
    assert "dark" in reader.page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    figure.handle("q.4").focus()
    reader.page.keyboard.press("Home")
    figure.shows(after("asymmetry", put("q.4", 0), state=preset("asymmetry", "mirror-image")["state"]))


def test_the_site_works_below_a_path(open_page: Opener, prefixed: Server) -> None:
    reader = open_page(url=prefixed.url).visit()
    figure = reader.figure("wasted-bits").live()
    figure.slider("morph").focus()
    reader.page.keyboard.press("End")
    figure.shows(after("wasted-bits", put("morph", 1)))
    for link in ("entropy/", "information-theory-in-ml/", "about/", ""):
        reader.visit(link)
        expect(reader.page.locator("h1")).to_be_visible()
    paths = {url.removeprefix(f"http://localhost:{prefixed.server_port}") for url in reader.requests}
    assert all(path.startswith("/courses/kl/") for path in paths if path.startswith("/"))


def test_links_between_pages_work_below_a_path(open_page: Opener, prefixed: Server) -> None:
    reader = open_page(url=prefixed.url, python=False).visit("about/")
    addresses = reader.page.eval_on_selector_all(
        "a[href]", "links => [...new Set(links.map(a => a.href.split('#')[0]))]"
    )
    own = [address for address in addresses if address.startswith(reader.url)]
    assert len(own) >= 4
    for address in own:
        assert reader.page.request.get(address).status == 200
    strangers = [a for a in addresses if not a.startswith(reader.url) and "localhost" in a]
    assert not strangers


def test_a_missing_page_says_so_and_leads_home(open_page: Opener, server: Server) -> None:
    reader = open_page()
    reader.allow("404")
    for path in ("nowhere", "no/such/place/", "embed/nothing/index.html"):
        reader.visit(path)
        expect(reader.page.locator("h1")).to_have_text("There is no such page")
        home = reader.page.locator("main a").first
        assert home.evaluate("a => a.href") == server.url
        # It is dressed at any depth.
        assert reader.page.evaluate("getComputedStyle(document.body).fontFamily").lower() != "serif"


def test_two_readers_share_nothing(open_page: Opener) -> None:
    one, two = open_page(python=False).visit(), open_page(python=False).visit()
    one.figure("asymmetry").preset("identical").click()
    one.figure("asymmetry").shows(preset("asymmetry", "identical"))
    two.page.reload()
    two.figure("asymmetry").shows(preset("asymmetry"))
