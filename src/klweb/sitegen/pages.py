"""A page's source: YAML front matter, then Markdown in which ``<< expressions >>`` are computed by the core.

No figure is typed into the prose. ``<< categorical.kl([0.5, 0.5], [0.9, 0.1]) | f3 >>`` prints what
the core computes, and ``<< readout("asymmetry", "kl_pq") >>`` what a widget shows. ``<< site >>`` is the
address that the site is built for, and ``<< bibtex() >>`` what CITATION.cff says of it.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from klweb import categorical, coding, gaussian
from klweb.errors import InputError
from klweb.sitegen import citation
from klweb.sitegen.problems import BuildError, SourceError
from klweb.widget import FRAMES
from klweb.widgets import WIDGETS
from klweb.words import fixed

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
REQUIRED = {"title": str, "description": str, "order": int}
OPTIONAL = {"nav": str, "lead": str, "shared": bool, "layout": str}
LAYOUTS = ("page", "topics", "practice")
"""What may stand around a page's text: the templates of these names."""
LONGEST_DESCRIPTION = 160
SOMEWHERE = "https://ADDRESS-OF-THIS-SITE/"
"""What stands for the site's address where the build does not know it."""


@dataclass(frozen=True)
class Page:
    """One page: where it comes from, where it goes, what its front matter says, and its Markdown."""

    path: str
    """Path of the source, relative to the project, as messages name it."""
    name: str
    title: str
    description: str
    nav: str
    """What the list of pages calls it; empty if it is not in that list, and is found by links."""
    order: int
    lead: str
    shared: bool
    """Whether its figures share one pair (p, q)."""
    layout: str
    """The template that it is put into."""
    source: str
    """The whole source, for finding lines in it."""
    body: str
    """The Markdown, with its figures computed."""

    @property
    def output(self) -> str:
        """The site path of the page: ``index.html``, or a folder of its own so that links have no ending."""
        return "index.html" if self.name == "index" else f"{self.name}/index.html"

    @property
    def url(self) -> str:
        """The page's URL relative to the site's root."""
        return "" if self.name == "index" else f"{self.name}/"

    @property
    def root(self) -> str:
        """The way from the page back to the site's root, as a relative URL prefix."""
        return "" if self.name == "index" else "../"


def readout(widget: str, name: str, preset: str | None = None) -> str:
    """Return a readout of a widget as it is printed in a preset, the default one unless named."""
    if widget not in WIDGETS:
        raise InputError(f"there is no widget {widget!r}", "widget")
    state = WIDGETS[widget].preset(preset) if preset else WIDGETS[widget].default
    shown = WIDGETS[widget].view(state, FRAMES["phone"]).readouts
    for item in shown:
        if item.name == name:
            return item.text
    raise InputError(
        f"{widget} has no readout {name!r}; it has {', '.join(item.name for item in shown)}",
        "readout",
    )


def _environment() -> Environment:
    # Sandboxed, so that an expression in a text that somebody proposes computes and does nothing else.
    environment = ImmutableSandboxedEnvironment(
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        undefined=StrictUndefined,
        autoescape=False,  # what is rendered is Markdown of ours, not HTML of somebody's
        keep_trailing_newline=True,
    )
    environment.globals = {
        "categorical": categorical, "coding": coding, "gaussian": gaussian, "math": math, "readout": readout,
        "zip": zip, "sum": sum, "abs": abs, "min": min, "max": max, "len": len, "range": range,
    }  # fmt: skip
    for digits in range(7):
        environment.filters[f"f{digits}"] = lambda value, digits=digits: fixed(float(value), digits)
    return environment


ENVIRONMENT = _environment()


def read_pages(root: Path, base_url: str = "") -> list[Page]:
    """Read every page below ``content/``, in the order of the navigation; tell every mistake found at once.

    `base_url` is the site's address with a slash at its end, if it is known.
    """
    found: list[Page] = []
    problems: list[SourceError] = []
    for path in sorted((root / "content").glob("*.md")):
        try:
            found.append(read_page(path, root, base_url))
        except SourceError as error:
            problems.append(error)
    if problems:
        raise BuildError(problems)
    return sorted(found, key=lambda page: page.order)


def read_page(path: Path, root: Path, base_url: str = "") -> Page:
    """Read one page, or raise `SourceError` with the line that is wrong."""
    name = path.relative_to(root).as_posix()
    content = path.read_bytes()
    try:
        source = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError("the page is not UTF-8 text; save it as UTF-8", name, line) from None
    match = FRONT_MATTER.match(source)
    if not match:
        raise SourceError("the page must begin with front matter between two lines of ---", name, 1)
    values = _front_matter(match[1], name)
    # Blank lines stand for the front matter, so that the lines of errors are the lines of the file.
    body = "\n" * match[0].count("\n") + source[match.end() :]
    facts = {"site": base_url or SOMEWHERE, "bibtex": lambda: citation.bibtex(root, base_url)}
    return Page(path=name, name=path.stem, source=source, body=compute(body, name, facts), **values)


def _front_matter(text: str, name: str) -> dict[str, Any]:
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SourceError(f"front matter: {error}", name, mark.line + 2 if mark else 1) from None
    if not isinstance(values, dict):
        raise SourceError("front matter must be a list of `key: value` lines", name, 2)
    for key, kind in (REQUIRED | OPTIONAL).items():
        if not isinstance(values.get(key, None if key in REQUIRED else kind()), kind):
            raise SourceError(f"front matter needs `{key}`, which is {kind.__name__}", name, 2)
    for key in values:
        if key not in REQUIRED and key not in OPTIONAL:
            raise SourceError(f"front matter has an unknown key `{key}`", name, 2)
    if len(values["description"]) > LONGEST_DESCRIPTION:
        length = len(values["description"])
        raise SourceError(
            f"the description has {length} characters; search engines show {LONGEST_DESCRIPTION}",
            name,
            2,
        )
    if values.get("layout", "page") not in LAYOUTS:
        raise SourceError(f"the layout must be one of {', '.join(LAYOUTS)}", name, 2)
    return {"nav": "", "lead": "", "shared": False, "layout": "page", **values}


def compute(body: str, name: str, facts: Mapping[str, Any] = MappingProxyType({})) -> str:
    """Replace every ``<< expression >>`` by what it evaluates to; `facts` are what it may name besides the core."""
    try:
        return _compiled(body).render(facts)
    except TemplateSyntaxError as error:
        raise SourceError(f"a figure in the text: {error.message}", name, error.lineno) from None
    except (TemplateError, ValueError, TypeError, ArithmeticError) as error:
        raise SourceError(f"a figure in the text: {error}", name, _template_line(error)) from None


@lru_cache(maxsize=1 << 10)
def _compiled(body: str) -> Template:
    return ENVIRONMENT.from_string(body)


def _template_line(error: BaseException) -> int | None:
    """Return the line of the template in which an expression failed; Jinja rewrites tracebacks to say it."""
    trace, line = error.__traceback__, None
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
