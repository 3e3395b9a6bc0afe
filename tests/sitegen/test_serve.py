import gzip
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import NamedTuple

import pytest

from klweb.sitegen.serve import PortError, Server, serve
from klweb.sitegen.watch import Failure, Reloader

PAGE = "<!doctype html><html lang=en><body><h1>D(p ‖ q)</h1></body></html>\n" * 20


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Client(NamedTuple):
    server: Server

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        try:
            # `putrequest` sends the path as it is; a client's own tidying would hide traversals.
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()


@contextmanager
def running(site: Path, prefix: str = "/", live: Reloader | None = None) -> Iterator[Client]:
    with Server(site, 0, prefix=prefix, live=live) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Client(server)
        server.shutdown()
        thread.join(10)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "topic").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "index.html").write_text(PAGE, "utf-8")
    (folder / "topic" / "index.html").write_text("<p>topic", "utf-8")
    (folder / "404.html").write_text("<p>our own 404</body>", "utf-8")
    (folder / ".gitignore").write_text("*")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "site-other").mkdir()
    (tmp_path / "site-other" / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def client(site: Path) -> Iterator[Client]:
    with running(site) as client:
        yield client


def test_a_page_is_sent_as_pages_sends_it(client: Client) -> None:
    answer = client.get("/")
    assert answer.status == 200
    assert answer.body.decode() == PAGE
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "max-age=600"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Length"] == str(len(PAGE.encode()))
    assert "Content-Encoding" not in answer.headers
    assert client.get("/index.html?x=/../#y").body == answer.body


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.json", "application/json; charset=utf-8"),
        ("a.svg", "image/svg+xml"),
        ("a.wasm", "application/wasm"),
        ("a.bin", "application/octet-stream"),
        ("a.whl", "application/octet-stream"),
        ("a.woff2", "font/woff2"),
        ("a.PNG", "image/png"),
        ("unknown", "application/octet-stream"),
    ],
)
def test_types(site: Path, client: Client, name: str, kind: str) -> None:
    (site / name).write_bytes(b"\x00" * 100)
    answer = client.get(f"/{name}", Accept_Encoding="gzip")
    assert answer.headers["Content-Type"] == kind
    zipped = kind.startswith(("text/", "application/json", "image/svg", "application/wasm"))
    assert answer.headers.get("Content-Encoding") == ("gzip" if zipped else None)
    assert answer.headers.get("Vary") == ("Accept-Encoding" if zipped else None)
    assert (gzip.decompress(answer.body) if zipped else answer.body) == b"\x00" * 100


@pytest.mark.parametrize(
    ("accepts", "zipped"),
    [("gzip", True), ("br, GZIP", True), ("br;q=1.0, gzip;q=0.5", True), ("deflate, gzip", True),
     ("gzip;q=0", False), ("br, gzip; q=0.0, deflate", False), ("identity", False), ("", False)],
)  # fmt: skip
def test_compression_is_the_clients_choice(client: Client, accepts: str, zipped: bool) -> None:
    answer = client.get("/", Accept_Encoding=accepts)
    assert (answer.headers.get("Content-Encoding") == "gzip") is zipped
    assert (gzip.decompress(answer.body) if zipped else answer.body).decode() == PAGE
    assert (len(answer.body) < len(PAGE) / 4) is zipped


def test_a_replaced_file_is_sent_anew_even_with_its_old_time_and_size(site: Path, client: Client) -> None:
    (site / "a.txt").write_bytes(b"one")
    stat = (site / "a.txt").stat()
    first = client.get("/a.txt", Accept_Encoding="gzip")
    (site / "new").write_bytes(b"two")
    os.utime(site / "new", ns=(stat.st_mtime_ns, stat.st_mtime_ns))
    (site / "new").replace(site / "a.txt")
    second = client.get("/a.txt", Accept_Encoding="gzip")
    assert gzip.decompress(first.body) == b"one"
    assert gzip.decompress(second.body) == b"two"
    assert first.headers["ETag"] != second.headers["ETag"]


def test_validators(site: Path, client: Client) -> None:
    etag = ""
    for accepts in ("gzip", ""):
        etag = client.get("/", Accept_Encoding=accepts).headers["ETag"]
        again = client.get("/", Accept_Encoding=accepts, If_None_Match=f'"x", {etag}')
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
        assert client.get("/", If_None_Match='"x"').status == 200
    assert client.get("/missing", If_None_Match="*").status == 404
    (site / "index.html").write_text("changed")
    assert client.get("/", If_None_Match=etag).body == b"changed"


def test_head_sends_the_same_headers_and_no_body(client: Client) -> None:
    head, get = client.get("/", method="HEAD"), client.get("/")
    assert head.body == b""
    head.headers.pop("Date")
    get.headers.pop("Date")
    assert head.headers == get.headers


def test_a_connection_serves_many_requests(client: Client) -> None:
    connection = HTTPConnection("127.0.0.1", client.server.server_port, timeout=10)
    for path, status in (("/", 200), ("/topic", 301), ("/missing", 404), ("/topic/", 200)):
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        assert response.status == status
        assert not response.will_close
    connection.close()


def test_other_methods_are_refused(client: Client) -> None:
    assert client.get("/", method="POST").status == 501


def test_folders_get_their_slash_and_keep_the_query(site: Path, client: Client) -> None:
    (site / "a b").mkdir()
    answer = client.get("/topic?preset=x&y=%2F")
    assert (answer.status, answer.headers["Location"]) == (301, "/topic/?preset=x&y=%2F")
    assert client.get("/a%20b").headers["Location"] == "/a%20b/"
    assert client.get("/topic/").body == b"<p>topic"


@pytest.mark.parametrize("path", ["/missing", "/empty/", "/index.html/", "/topic/x.png", "//topic"])
def test_what_is_missing_gets_the_404_page(client: Client, path: str) -> None:
    answer = client.get(path)
    # A doubled slash at the start is taken as one by the standard library's handler.
    if path != "//topic":
        assert (answer.status, answer.body) == (404, b"<p>our own 404</body>")
    assert not answer.headers.get("Location", "").startswith("//")


def test_without_a_404_page_it_is_plain_text(site: Path, client: Client) -> None:
    (site / "404.html").unlink()
    answer = client.get("/missing")
    assert (answer.status, answer.body) == (404, b"Not found\n")


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/topic/../../secret.txt",
     "/../site-other/secret.txt", "/..%5csecret.txt", "/topic/..%2f..%2fsecret.txt",
     "//etc/passwd", "/%2fetc/passwd", "/.gitignore", "/%2egitignore", "/link/secret.txt",
     "/a%00b", "/" + "x" * 5000, "/[", "/%ff%fe", "*"],
)  # fmt: skip
def test_nothing_outside_the_site_is_served(site: Path, client: Client, path: str) -> None:
    (site / "link").symlink_to(site.parent)
    answer = client.get(path)
    assert answer.status == 404
    assert b"secret" not in answer.body


def test_a_redirect_cannot_lead_to_another_host(site: Path, client: Client) -> None:
    (site / "example.org").mkdir()
    for path in ("//example.org", "/%2fexample.org", "/%5cexample.org", "///example.org"):
        assert client.get(path).headers.get("Location", "/x")[:2] != "//"


@pytest.mark.parametrize("prefix", ["/courses/kl/", "courses/kl", "/courses/kl"])
def test_a_path_prefix(site: Path, prefix: str) -> None:
    with running(site, prefix) as client:
        assert client.server.url.endswith(f"{client.server.server_port}/courses/kl/")
        assert client.get("/courses/kl/").body.decode() == PAGE
        assert client.get("/courses/kl/topic").headers["Location"] == "/courses/kl/topic/"
        assert client.get("/courses/kl?x").headers["Location"] == "/courses/kl/?x"
        for outside in ("/", "/topic/", "/courses/", "/courses/klx", "/courses/kl/../../topic/"):
            answer = client.get(outside)
            assert (answer.status, b"topic" in answer.body) == (404, False)
        assert b"served under /courses/kl/" in client.get("/").body


def test_plain_mode_has_nothing_of_watch_mode(client: Client) -> None:
    for path in ("/_klweb/events", "/_klweb/reload.js", "/_klweb/error.css"):
        assert client.get(path).status == 404
    assert b"_klweb" not in client.get("/").body


def test_a_taken_port_is_told_in_one_line(site: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortError) as caught:
            serve(site, port)
    message = str(caught.value)
    assert f"port {port} " in message
    assert "in use" in message.lower()
    assert "--port 8001" in message
    assert "\n" not in message


def test_a_number_that_is_no_port(site: Path) -> None:
    with pytest.raises(PortError, match=r"port 99999 .*not a port number"):
        Server(site, 99999)


def test_serve_says_where_and_ends_quietly_with_ctrl_c(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Server, poll_interval: float = 0.5) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "serve_forever", interrupted)
    told: list[str] = []
    serve(site, 0, prefix="kl", ready=told.append)
    assert told[0].startswith("http://localhost:")
    assert told[0].endswith("/kl/")


def test_requests_leave_no_trace_on_the_terminal(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.get("/")
    client.get("/missing")
    with socket.create_connection(("127.0.0.1", client.server.server_port)) as dropped:
        dropped.sendall(b"GET / HTTP/1.1\r\n")
    client.get("/")
    assert capfd.readouterr() == ("", "")


# Watch mode


@pytest.fixture
def live() -> Reloader:
    return Reloader()


@pytest.fixture(params=["/", "/courses/kl/"])
def watched(site: Path, live: Reloader, request: pytest.FixtureRequest) -> Iterator[Client]:
    with running(site, request.param, live) as client:
        yield client


@contextmanager
def events(client: Client) -> Iterator[Callable[[], int]]:
    """Listen to the event stream; calling this gives the next version."""
    connection = HTTPConnection("127.0.0.1", client.server.server_port, timeout=10)
    connection.request("GET", client.server.prefix + "_klweb/events")
    response: HTTPResponse = connection.getresponse()
    assert response.headers["Content-Type"] == "text/event-stream"

    def following() -> int:
        while not (line := response.readline()).startswith(b"data: "):
            assert line, "the stream ended"
        return int(line.removeprefix(b"data: "))

    yield following
    response.close()
    connection.close()


def test_pages_carry_the_script_with_their_version(watched: Client, live: Reloader) -> None:
    root = watched.server.prefix
    address = f"{root}_klweb/reload.js?version={live.state[0]}"
    script = f'<script type="module" src="{address}"></script>'
    page = watched.get(root)
    assert page.body.decode().count(script) == 1
    assert script + "</body></html>\n" in page.body.decode()
    assert page.headers["Cache-Control"] == "no-cache"
    assert watched.get(f"{root}topic/").body.decode() == "<p>topic" + script
    assert script in watched.get(f"{root}missing").body.decode()
    served = watched.get(address)
    assert served.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert b"EventSource" in served.body


def test_a_page_sent_before_a_build_is_not_fresh_after_it(watched: Client, live: Reloader) -> None:
    etag = watched.get(watched.server.prefix).headers["ETag"]
    assert watched.get(watched.server.prefix, If_None_Match=etag).status == 304
    live.succeeded()
    assert watched.get(watched.server.prefix, If_None_Match=etag).status == 200


def test_open_pages_hear_of_every_build(watched: Client, live: Reloader) -> None:
    version = live.state[0]
    with events(watched) as one, events(watched) as other:
        assert one() == other() == version
        live.succeeded()
        assert one() == other() == version + 1
        live.failed([Failure("broken")])
        assert one() == other() == version + 2


def test_a_page_that_comes_late_learns_what_it_missed(watched: Client, live: Reloader) -> None:
    version = live.state[0]
    live.succeeded()
    with events(watched) as following:
        assert following() == version + 1


def test_a_failed_build_is_shown_in_place_of_every_page(site: Path, watched: Client, live: Reloader) -> None:
    (site / "style.css").write_text("a{}")
    root = watched.server.prefix
    live.failed([Failure('no widget "x<y>"', "content/index.md", 2, "one\ntwo & a half\nthree")])
    for path in ("", "topic/", "index.html", "missing", "topic/missing.html"):
        answer = watched.get(root + path)
        assert answer.status == 500
        assert b"content/index.md:2" in answer.body
        assert b"no widget &quot;x&lt;y&gt;&quot;" in answer.body
        assert "▸    2  two &amp; a half".encode() in answer.body
        assert f"reload.js?version={live.state[0]}".encode() in answer.body
        assert answer.headers["Cache-Control"] == "no-cache"
    style = f"{root}_klweb/error.css"
    assert f'href="{style}"'.encode() in watched.get(root).body
    assert watched.get(style).headers["Content-Type"] == "text/css; charset=utf-8"
    assert watched.get(f"{root}style.css").body == b"a{}"
    assert watched.get(f"{root}missing.png").status == 404
    live.succeeded(changed=False)
    assert watched.get(root).status == 200


def test_a_first_build_may_fail_before_there_is_a_site(tmp_path: Path, live: Reloader) -> None:
    live.failed([Failure("broken")])
    with running(tmp_path / "not-built", live=live) as client:
        assert client.get("/").status == 500


def test_nothing_is_kept_for_offline_use_while_it_is_being_written(site: Path, watched: Client) -> None:
    (site / "sw.js").write_text("script")
    assert watched.get(f"{watched.server.prefix}sw.js").status == 404


def test_heads_and_unknown_names_of_watch_mode(watched: Client) -> None:
    root = watched.server.prefix
    assert watched.get(f"{root}_klweb/events", method="HEAD").status == 200
    assert watched.get(f"{root}_klweb/../secret.txt").status == 404
