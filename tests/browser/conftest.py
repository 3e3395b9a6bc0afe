"""One built site, one server, one Chromium, and the rule that nothing goes wrong unseen on any page."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from bench.browser import FLAGS
from klweb.sitegen import build, writer
from klweb.sitegen.serve import Server
from tests.browser.hosting import Hosts
from tests.browser.support import PREFIX, Listening, Opener, Reader, Studio

ROOT = Path(__file__).resolve().parents[2]
expect.set_options(timeout=15_000)  # Playwright's own 5 s are little where two browsers share two cores
SOURCES = ("content", "templates", "src/klweb", "CITATION.cff", "package-lock.json", "pyproject.toml")


def _newest_source() -> float:
    paths = [path for name in SOURCES for path in (ROOT / name, *(ROOT / name).rglob("*"))]
    return max(path.stat().st_mtime for path in paths if path.is_file() and "__pycache__" not in path.parts)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site made from the sources as they are: a copy of site/ if that is, and a new one otherwise.

    It is a copy because somebody may build again while the tests run.
    """
    target = tmp_path_factory.mktemp("built") / "site"
    made = ROOT / "site"
    # Every build touches the folder, even one that changes no file.
    if (made / "index.html").exists() and made.stat().st_mtime >= _newest_source():
        shutil.copytree(made, target)
    else:
        build.build(writer.Project(ROOT, target), lambda _line: None)
    return target


def _serve(site: Path, prefix: str) -> Iterator[Server]:
    with Server(site, 0, prefix=prefix) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[Server]:
    """Return the site at the root of an origin."""
    yield from _serve(site, "/")


@pytest.fixture(scope="session")
def prefixed(site: Path) -> Iterator[Server]:
    """Return the same site below a path, as a project's pages are."""
    yield from _serve(site, PREFIX)


@pytest.fixture(scope="session")
def hosts(prefixed: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Return other people's pages, with figures of the site that lies below a path."""
    for server in _serve(tmp_path_factory.mktemp("hosts"), "/"):
        hosts = Hosts(server, prefixed.url)
        hosts.build()
        yield hosts


@pytest.fixture
def release(site: Path) -> Path:
    """Return what is served of the site: all of it, unless a module of tests says otherwise."""
    return site


@pytest.fixture
def served(release: Path, tmp_path: Path) -> Iterator[Listening]:
    """Return a server of a copy of the site that a test may change, below a path."""
    folder = tmp_path / "served"
    shutil.copytree(release, folder)
    with Listening(folder, 0, prefix=PREFIX) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server of another origin, for pages that embed figures."""
    yield from _serve(tmp_path_factory.mktemp("course"), "/")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def program() -> str | None:
    """Return the machine's own Chromium; without one, Playwright knows of its own."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def launch(playwright: Playwright, program: str | None) -> Callable[..., Browser]:
    """Return what starts a Chromium."""

    def launch(*flags: str, **options: Any) -> Browser:
        return playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags], **options)

    return launch


@pytest.fixture(scope="session")
def chromium(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def studio(chromium: Browser, server: Server) -> Studio:
    """Return what opens pages that last longer than one test."""
    return Studio(chromium, server.url)


@pytest.fixture(autouse=True)
def nothing_went_wrong(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which any page had an error, broke its policy, or asked a stranger for something."""
    yield
    if "studio" in request.fixturenames:
        problems = request.getfixturevalue("studio").take_problems()
        assert not problems, "\n".join(problems)


@pytest.fixture
def open_page(studio: Studio) -> Iterator[Opener]:
    """Return what opens pages for one test; see `Studio.open`."""
    opened: list[Reader] = []

    def open_page(width: int = 1280, height: int = 800, **options: Any) -> Reader:
        opened.append(studio.open(width, height, **options))
        return opened[-1]

    yield open_page
    problems = [problem for reader in opened for problem in studio.close(reader)]
    assert not problems, "\n".join(problems)


def _lasting(studio: Studio, width: int, *, touch: bool, python: bool) -> Iterator[Reader]:
    # Without motion a page scrolls and settles at once.
    reader = studio.open(width, touch=touch, python=python, reduced_motion="reduce").visit()
    # What a test leaps over is laid out, or the page would grow above it meanwhile; who scrolls by it has it laid out.
    expect(reader.page.locator("html.settling")).to_have_count(0)
    yield reader
    studio.close(reader)


@pytest.fixture(scope="session")
def plain_desk(studio: Studio) -> Iterator[Reader]:
    """Return the front page on a desk, with Python's files refused."""
    yield from _lasting(studio, 1280, touch=False, python=False)


@pytest.fixture(scope="session")
def plain_phone(studio: Studio) -> Iterator[Reader]:
    """Return the front page on a phone, with Python's files refused."""
    yield from _lasting(studio, 360, touch=True, python=False)


@pytest.fixture(scope="session")
def live_desk(studio: Studio) -> Iterator[Reader]:
    """Return the front page on a desk, with Python; tests begin with `Figure.reset`."""
    for reader in _lasting(studio, 1280, touch=False, python=True):
        reader.figure("asymmetry").live()
        yield reader


@pytest.fixture(scope="session")
def live_phone(studio: Studio) -> Iterator[Reader]:
    """Return the front page on a phone, with Python; tests begin with `Figure.reset`."""
    for reader in _lasting(studio, 360, touch=True, python=True):
        reader.figure("asymmetry").live()
        yield reader
