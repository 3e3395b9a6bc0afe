"""One figure on a page and ten: the first drag that Python answers, of the first figure and of the last."""

from playwright.sync_api import sync_playwright

from bench import checkout
from bench.browser import chromium
from bench.options import Options
from bench.site import serving
from bench.table import figures, middle, ratio, section, table
from bench.targets import Target, lines
from bench.visit import WIDGET, drag, visit
from klweb.widgets import WIDGETS

MANY = 10
CASES = {"one figure": (1, 0), f"{MANY} figures, the first one": (MANY, 0), f"{MANY} figures, the last one": (MANY, -1)}
NOTE = (
    "Seconds from navigation to the first drag that Python answered, first visits at full speed, medians. The pages "
    "differ in nothing but the number of their figures."
)


def page(count: int) -> str:
    """Return the source of a page with so many figures, the first and the last of them of the same widget.

    >>> page(1).count("[[widget:"), page(10).count("[[widget:")
    (1, 10)
    """
    others = [name for name in WIDGETS if name != WIDGET]
    names = [others[index % len(others)] for index in range(count)]
    names[0] = names[-1] = WIDGET
    return checkout.page(f"{count} figures", names)


def run(options: Options) -> str:
    """Visit the pages in turns."""
    times: dict[str, list[float]] = {name: [] for name in CASES}
    with (
        checkout.with_pages({f"figures-{count}": page(count) for count in (1, MANY)}) as site,
        serving(site) as served,
        sync_playwright() as playwright,
    ):
        for _ in range(options.runs):
            for name, (count, which) in CASES.items():
                with chromium(playwright) as (context, _profile):
                    found = visit(context, served, f"{served.url}figures-{count}/", drag(which))
                times[name].append(found.answered)
    medians = {name: middle(found) for name, found in times.items()}
    one = medians["one figure"]
    rows = [[name, figures(time, 3), ratio(time, one)] for name, time in medians.items()]
    aims = [Target(f"{name} ÷ one figure", time / one, 1.1) for name, time in medians.items() if name != "one figure"]
    head = ["page", "first visit, s", "÷ one figure"]
    return section("Many figures", table(head, rows), lines(aims), f"{NOTE} Runs: {options.runs}.")
