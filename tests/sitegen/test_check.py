from collections.abc import Mapping

import pytest

from klweb.sitegen import portable
from klweb.sitegen.check import check

HEAD = '<title>Title</title><meta name="description" content="Words"><link rel="icon" href="i.svg">'


def page(body: str, *, head: str = HEAD, h1: str = "<h1>Title</h1>") -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}</head><body>{h1}{body}</body></html>'
    ).encode()


def nowhere(page: str, needle: str) -> None:
    return None


def messages(body: str, files: Mapping[str, bytes] | None = None, **parts: str) -> list[str]:
    """Check one page at the site's root, with these other files beside it."""
    site = {"index.html": page(body, **parts), "i.svg": b"<svg/>", **(files or {})}
    return [problem.message for problem in check(site, nowhere)]


def test_a_sound_page_has_no_problems() -> None:
    body = """
      <h2 id="a">A</h2><h3>B</h3><h2>C</h2>
      <a href="#a">a</a> <a href="https://example.org/x">elsewhere</a> <a href="mailto:a@b.c">m</a>
      <figure class="widget" data-widget="asymmetry"><figcaption>Words</figcaption>
        <svg role="img" aria-labelledby="s"><title id="s">Bars</title>
          <defs><linearGradient id="g"/><path id="m" d="M0 0"/></defs>
          <rect fill="url(#g)"/><use href="#m"/></svg></figure>
      <a href="#asymmetry=abc">a state</a> <a href="#">top</a> <a href="?preset=x#top">again</a>
      <img src="i.svg" alt="An icon" srcset="i.svg 1x, ./i.svg 2x">
      <img src="i.svg" alt="" aria-hidden="true"> <canvas aria-label="Live"></canvas>
      <label>Name <input name="n"></label> <label for="x">X</label><select id="x"></select>
      <input type="range" aria-label="q"> <input type="hidden" name="h"> <button>Go</button>
      <script type="application/json">{"a": "<b>"}</script><script src="a.js"></script>
      <math><mi>x</mi></math>"""
    assert messages(body, {"a.js": b"", "other.txt": b"<a href='#x'>"}) == []


@pytest.mark.parametrize(
    ("href", "wrong"),
    [
        ("#nowhere", "there is no such anchor on this page"),
        ("topic/#there", ""),
        ("topic/index.html#there", ""),
        ("./topic/../topic/#there", ""),
        ("topic/#caf%C3%A9", ""),
        ("topic/#not-there", "there is no such anchor on topic/index.html"),
        ("topic/#:~:text=words", ""),
        ("topic/#wasted-bits=1", ""),
        ("topic/#asymmetry=1", "there is no such anchor on topic/index.html"),
        ("topic/?preset=a", ""),
        ("topic", "it is a folder: add a slash"),
        ("gone/", "there is no gone/index.html"),
        ("gone.html", "there is no gone.html"),
        ("Topic/", "there is no Topic/index.html"),
        ("my%20file.txt", ""),
        ("my%20file.txt#any", ""),
        ("..", "it leads out of the site"),
        ("../kl/topic/", "it leads out of the site"),
        (".", ""),
        ("/topic/", "it starts at the host's root, which is wrong under a path prefix"),
        ("javascript:alert(1)", "javascript: addresses are not allowed"),
        ("data:text/html,x", "data: addresses are not allowed"),
        ("", "the address is empty"),
        ("http://[", "this is not an address"),
        ("//example.org/x", ""),
    ],
)
def test_links(href: str, wrong: str) -> None:
    topic = page('<p id="there">a</p><p id="café">b</p><p data-widget="wasted-bits"></p>')
    topic = topic.replace(b"i.svg", b"../i.svg")
    others = {"topic/index.html": topic, "my file.txt": b""}
    expected = [f'link to "{href}": {wrong}'] if wrong else []
    assert messages(f'<a href="{href}">words</a>', others) == expected


def test_links_are_relative_to_their_page() -> None:
    def deep(href: str) -> list[str]:
        head = HEAD.replace("i.svg", "../../i.svg")
        site = {
            "index.html": page('<p id="x">x</p>'),
            "i.svg": b"",
            "a/b/index.html": page(f'<a href="{href}">words</a>', head=head),
            "a/c/index.html": page("", head=head),
        }
        return [str(problem) for problem in check(site, nowhere)]

    assert deep("../../#x") == deep("../c/") == deep("../..") == []
    assert deep("../#x") == ['a/b/index.html: link to "../#x": there is no a/index.html']
    assert deep("../../#y") == ['a/b/index.html: link to "../../#y": there is no such anchor on index.html']


@pytest.mark.parametrize(
    "element",
    [
        '<script src="{}"></script>',
        '<link rel="stylesheet" href="{}">',
        '<link rel="preload" as="font" href="{}">',
        '<link rel="preconnect" href="{}">',
        '<img alt="a" src="{}">',
        '<img alt="a" src="i.svg" srcset="i.svg 1x, {} 2x">',
        '<picture><source srcset="{}"></picture>',
        '<svg aria-hidden="true"><use href="{}"/></svg>',
        '<svg aria-hidden="true"><use xlink:href="{}"/></svg>',
        '<svg aria-hidden="true"><image href="{}"/></svg>',
        '<svg aria-hidden="true"><rect fill="url({})"/></svg>',
        '<iframe title="a" src="{}"></iframe>',
        '<video poster="{}"></video>',
        '<object data="{}"></object>',
    ],
)
def test_what_the_browser_fetches_exists_on_the_same_origin(element: str) -> None:
    assert messages(element.format("i.svg")) == []
    for url in ("https://example.org/a", "//example.org/a"):
        (message,) = messages(element.format(url))
        assert message.endswith(f'"{url}": a page asks nothing of another origin')
    (message,) = messages(element.format("gone.svg"))
    assert message.endswith('"gone.svg": there is no gone.svg')


def test_links_that_say_something_about_the_page_may_lead_elsewhere() -> None:
    link = '<link rel="{}" href="https://example.org/">'
    assert messages("", head=HEAD + link.format("canonical") + link.format("license")) == []
    assert messages("", head=HEAD + link.format("alternate stylesheet")) != []


def test_symbols_of_another_file() -> None:
    sprite = {"s.svg": b'<svg><symbol id="sun"/></svg>'}
    use = '<svg aria-hidden="true"><use href="s.svg#{}"/></svg>'
    assert messages(use.format("sun"), sprite) == []
    assert messages(use.format("moon"), sprite) == ['<use> "s.svg#moon": there is no such anchor on s.svg']


def test_style_sheets() -> None:
    css = b"""
      /* url(commented.png) */
      @import "base.css"; @import url(print.css);
      @font-face { src: local("Serif"), url("fonts/a.woff2") format("woff2"); }
      a { background: url( 'data:image/svg+xml,x' ), url(../i.svg#x), url(gone.png); mask: url(#m) }
      b { background: url(https://example.org/x.png) }
    """
    site = {"i.svg": b'<svg id="x"/>', "css/a.css": css, "css/fonts/a.woff2": b""}
    assert [str(problem) for problem in check(site, nowhere)] == [
        'css/a.css: url() "base.css": there is no css/base.css',
        'css/a.css: url() "print.css": there is no css/print.css',
        'css/a.css: url() "gone.png": there is no css/gone.png',
        'css/a.css: url() "https://example.org/x.png": a page asks nothing of another origin',
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('<p id="a"></p><b id="a"></b>', 'id "a" is given to 2 elements'),
        ('<p id=""></p>', 'id "" is given to 1 elements'),
        ('<output for="x"></output>', 'for="x": there is no such id on this page'),
        ('<p aria-describedby="x"></p>', 'aria-describedby="x": there is no such id on this page'),
        ('<figure id="f"></figure>', '<figure> "f" has no words: give it figcaption'),
        ("<figure><figcaption> </figcaption></figure>", "<figure> has no words"),
        ('<figure data-widget="kl"></figure>', '<figure> "kl" has no words'),
        ('<svg role="img"><path d=""/></svg>', "<svg> has no words: give it title"),
        ('<svg role="img" aria-label=" "></svg>', "<svg> has no words"),
        ("<svg><g><title>inner only</title></g></svg>", "<svg> has no words"),
        ('<img src="i.svg">', '<img> "i.svg" has no words: give it alt text'),
        ('<img src="i.svg" alt="">', '<img> "i.svg" has no words'),
        ("<canvas></canvas>", "<canvas> has no words: give it aria-label"),
        ("<h3>Deep</h3>", 'heading "Deep" skips a level: h3 follows h1'),
        ("<h2>A</h2><h4>B</h4>", 'heading "B" skips a level: h4 follows h2'),
        ("<h1>Again</h1>", "the page has 2 h1 headings and needs exactly one"),
        ("<h2> </h2>", "<h2> is empty"),
        ('<p style="color:red">', "<p> has a style attribute"),
        ("<svg aria-hidden=true><g style='a'/></svg>", "<g> has a style attribute"),
        ("<style>a{}</style>", "inline <style>"),
        ("<script>1</script>", "inline script"),
        ('<script type="module">1</script>', "inline script"),
        ('<script type="importmap">{}</script>', "inline script"),
        ('<p onclick="x()">', "<p> has an inline script in onclick"),
        ('<input name="mu">', '<input> "mu" has no label'),
        ('<input type="range" name="mu">', '<input> "mu" has no label'),
        ("<label><input></label>", "<input> has no label"),
        ('<label for="a"></label><input id="a">', '<input> "a" has no label'),
        ('<input placeholder="words">', "<input> has no label"),
        ("<select></select>", "<select> has no label"),
        ("<textarea></textarea>", "<textarea> has no label"),
        ("<button><svg aria-hidden=true><title>x</title></svg></button>", "<button> has no label"),
        ('<button aria-label=""></button>', "<button> has no label"),
    ],
)
def test_each_rule_finds_its_fault_alone(body: str, message: str) -> None:
    (found,) = messages(body)
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (b' lang="en"', b"", "the page names no language (<html lang>)"),
        (b' lang="en"', b' lang=""', "the page names no language (<html lang>)"),
        (b"<title>Title", b"<title> ", "the page has no title"),
        (b"<title>Title</title>", b"", "the page has no title"),
        (b'content="Words"', b'content=" "', "the page has no meta description"),
        (b'name="description"', b'name="author"', "the page has no meta description"),
        (b"<h1>Title</h1>", b"", "the page has 0 h1 headings and needs exactly one"),
        (b"<h1>Title</h1>", b"<h2>A</h2><h1>T</h1>", 'heading "A" skips a level: h2 is the first'),
    ],
)
def test_what_every_page_has(before: bytes, after: bytes, message: str) -> None:
    sound = page('<svg aria-hidden="true"><title>not the page\'s</title></svg>')
    site = {"index.html": sound.replace(before, after), "i.svg": b""}
    assert [problem.message for problem in check(site, nowhere)] == [message]


def test_the_404_page_alone_may_name_addresses_from_the_root() -> None:
    head = HEAD.replace("i.svg", "/courses/kl/i.svg")
    links = "".join(f'<a href="/{path}">a</a>' for path in ("courses/kl/", "courses/kl/x/", ""))
    site = {"404.html": page(links, head=head), "index.html": page(""), "i.svg": b""}
    assert [str(problem) for problem in check(site, nowhere, prefix="/courses/kl/")] == [
        '404.html: link to "/courses/kl/x/": there is no x/index.html',
        '404.html: link to "/": it leads out of the site',
    ]


def test_a_problem_reads_as_file_line_and_message() -> None:
    asked = []

    def lines(page: str, needle: str) -> tuple[str, int] | None:
        asked.append((page, needle))
        return ("content/index.md", 41) if needle == "#nowhere" else None

    site = {"index.html": page('<a href="#nowhere">a</a><p style="a">'), "i.svg": b""}
    style, link = check(site, lines)
    assert str(link) == ('content/index.md:41: link to "#nowhere": there is no such anchor on this page')
    assert (link.page, link.needle, link.source, link.line) == (
        "index.html", "#nowhere", "content/index.md", 41,
    )  # fmt: skip
    assert str(style) == "index.html: <p> has a style attribute"
    assert asked == [("index.html", 'style="a"'), ("index.html", "#nowhere")]


def test_a_fault_of_a_template_is_told_once() -> None:
    site = {f"{name}.html": page('<a href="gone.html">a</a>') for name in "abc"} | {"i.svg": b""}
    assert len(check(site, nowhere)) == 3
    (problem,) = check(site, lambda page, needle: ("templates/base.html", 3))
    assert problem.page == "a.html"


def test_the_needle_is_the_nearest_name_an_author_gave() -> None:
    body = (
        '<figure data-widget="kl" aria-label="words"><svg role="img"><g onclick="x"/></svg><img src="i.svg"></figure>'
    )
    site = {"index.html": page(body), "i.svg": b""}
    assert {problem.needle for problem in check(site, nowhere)} == {"i.svg", "kl", "onclick="}


# ── files that open from disk ────────────────────────────────────────────────────────────────


def sealed(
    body: str = "", *, script: str = "run()", style: str = "p{}", of: str = "run()", change: str = ""
) -> list[str]:
    """Check a file that opens from disk, whose policy has the hash of the script `of`."""
    policy = portable.policy(of, "p{}") + change
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>Title</title>'
        f'<meta name="description" content="Words"><link rel="icon" href="data:,"><style>{style}</style>'
    )
    content = page(f"{body}<script>run()</script>", head=head)
    return [problem.message for problem in check({"offline/x.html": content, "other.css": b""}, nowhere)]


def test_a_file_that_opens_from_disk_may_hold_the_one_script_and_style_of_its_policy() -> None:
    assert sealed('<p id="a"><a href="#a">here</a> <a href="https://example.org/">there</a>') == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"of": "other()"}, "inline script"),
        ({"style": "p{color:red}"}, "inline <style>"),
        ({"body": "<script>run(2)</script>"}, "inline script"),
        ({"body": "<p style='color:red'>"}, "<p> has a style attribute"),
        (
            {"body": "<img alt='' src='other.png'>"},
            '<img> "other.png": a file that opens from disk has nothing beside it',
        ),
        (
            {"body": "<link rel='stylesheet' href='../other.css'>"},
            '<link> "../other.css": a file that opens from disk has',
        ),
        ({"body": "<a href='../'>up</a>"}, 'link to "../": a file that opens from disk has nothing beside it'),
        ({"body": "<img alt='' src='https://example.org/'>"}, "a page asks nothing of another origin"),
        ({"change": "; connect-src *"}, "a file that opens from disk has a policy"),
    ],
)
def test_a_file_that_opens_from_disk_asks_for_nothing(wrong: dict[str, str], said: str) -> None:
    assert any(said in message for message in sealed(**wrong))


def test_a_style_sheet_in_such_a_file_loads_nothing() -> None:
    style = "p{background:url(https://example.org/x.png)}"
    assert any("url()" in message for message in sealed(style=style))


def test_a_page_of_the_site_may_not_hold_what_such_a_file_may() -> None:
    assert "inline script" in messages("<script>run()</script>")
