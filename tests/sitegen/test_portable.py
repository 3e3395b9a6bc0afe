"""The zip of the whole site: what is in it, and that it is the same whenever it is made."""

import io
import zipfile
from pathlib import Path

from klweb.sitegen import portable

ROOT = Path(__file__).parents[2]
LINE = b'<p class="offline" data-offline hidden></p>'
FILES = {
    "index.html": b"<!doctype html>" + LINE,
    "six-ways/index.html": b"ways" * 100,
    "404.html": b"missing",
    "robots.txt": b"",
    "sitemap.xml": b"<urlset/>",
    ".nojekyll": b"",
    "sw.js": b"self.list={}",
    "embed.js": b"embed()",
    "static/0123456789ab/host.js": b"script" * 100,
    "static/0123456789ab/host.js.map": b"{}",
    "runtime/python.0123456789ab.bin": bytes(range(256)) * 40,
    "fonts/LICENCES.txt": b"words",
}


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def test_it_holds_the_site_without_what_is_for_a_host_alone() -> None:
    archive = opened(portable.zipped(FILES, ROOT))
    assert archive.testzip() is None
    assert sorted(archive.namelist()) == [
        "klweb/LICENSE",
        "klweb/LICENSE-prose.md",
        "klweb/README.txt",
        "klweb/embed.js",
        "klweb/fonts/LICENCES.txt",
        "klweb/index.html",
        "klweb/runtime/python.0123456789ab.bin",
        "klweb/six-ways/index.html",
        "klweb/static/0123456789ab/host.js",
    ]
    for path in ("six-ways/index.html", "runtime/python.0123456789ab.bin"):
        assert archive.read(f"klweb/{path}") == FILES[path]


def test_its_pages_keep_nothing_in_the_browser() -> None:
    page = opened(portable.zipped(FILES, ROOT)).read("klweb/index.html")
    assert page == b'<!doctype html><p class="offline" hidden></p>'
    template = (ROOT / "templates/page.html").read_text()
    assert template.count(portable.KEEPING.decode()) == 1


def test_links_to_what_it_does_not_hold_lead_back_to_the_site() -> None:
    files = {"teachers/index.html": b'<a href="../offline/klweb.zip">all</a> <a href="../about/">about</a>'}
    base = "https://example.org/courses/kl/"
    assert opened(portable.zipped(files, ROOT, base)).read("klweb/teachers/index.html").decode() == (
        f'<a href="{base}offline/klweb.zip">all</a> <a href="../about/">about</a>'
    )
    unknown = opened(portable.zipped(files, ROOT)).read("klweb/teachers/index.html")
    assert unknown == files["teachers/index.html"]


def test_the_same_site_is_the_same_zip() -> None:
    one = portable.zipped(FILES, ROOT)
    assert portable.zipped(dict(reversed(FILES.items())), ROOT) == one
    entries = opened(one).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}
    assert {entry.create_system for entry in entries} == {3}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


def test_what_would_not_become_smaller_is_stored_as_it_is() -> None:
    types = {entry.filename: entry.compress_type for entry in opened(portable.zipped(FILES, ROOT)).infolist()}
    assert types["klweb/runtime/python.0123456789ab.bin"] == zipfile.ZIP_STORED
    assert types["klweb/static/0123456789ab/host.js"] == zipfile.ZIP_DEFLATED


def test_it_says_how_it_is_opened_and_where_it_comes_from() -> None:
    text = opened(portable.zipped(FILES, ROOT)).read("klweb/README.txt").decode()
    assert "python -m http.server" in text
    assert "http://localhost:8000/" in text
    assert "https" not in text
    base = "https://example.org/courses/kl/"
    assert f"not in here:\n{base}\n" in opened(portable.zipped(FILES, ROOT, base)).read("klweb/README.txt").decode()


def test_what_an_earlier_build_made_is_found_again(tmp_path: Path) -> None:
    assert portable.made(tmp_path) == {}
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "klweb.zip").write_bytes(b"PK")
    assert portable.made(tmp_path) == {"offline/klweb.zip": b"PK"}
